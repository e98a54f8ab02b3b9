"""Who you are and what you may do: organisations, people, sign-in, sessions and the one permission table."""
