"""The desk of the info- en meldpunt: editing, draft releases and publishing (/redactie)."""
