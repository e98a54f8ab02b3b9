"""Taking in a file that somebody uploads: judged by what it is, and read by a parser that can do no harm."""
