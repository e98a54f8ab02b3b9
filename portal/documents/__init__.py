"""What an item holds: pages of text, Word files, and how each is read, shown and downloaded."""
