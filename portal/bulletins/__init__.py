"""Mail about a new release: who gets it, what it tells them, and how they stop it."""
