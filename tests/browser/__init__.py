"""The portal as a real browser shows it."""
