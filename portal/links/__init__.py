"""Organisation links, which invite, and share links, which show one document (DESIGN section 6)."""
