"""Coming in by the identity provider of one's own organisation: OpenID Connect (DESIGN section 6)."""
