"""The desk of the info- en meldpunt: writing, draft releases and publishing (/redactie)."""

from portal.desk import changes, destroying, differences, items, sharing, uploads, views, writing
from portal.desk.pages import blueprint

__all__ = ["blueprint", "changes", "destroying", "differences", "items", "sharing", "uploads", "views", "writing"]
