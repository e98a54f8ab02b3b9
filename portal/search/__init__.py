"""Finding it: the words of the handbook, an index of them, and a question asked of it."""
