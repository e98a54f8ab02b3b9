"""What happened: an append-only, chained log of every change, refusal and download."""
