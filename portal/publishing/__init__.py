"""From files or drafts to a published release: reading and writing ``content/``, the consistency rules, publishing."""
