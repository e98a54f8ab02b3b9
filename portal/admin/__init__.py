"""Looking after it: the pages of a beheerder."""
