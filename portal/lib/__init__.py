"""Leaves that know nothing of the portal: clock, errors, tokens, mail, zip files, YAML."""
