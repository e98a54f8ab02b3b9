"""The second factor: passkeys, codes of an app and recovery codes; setting one up, showing it, and losing it."""
