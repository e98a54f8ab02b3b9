"""What changed between two texts of a document: per article, then per paragraph, then per word."""
