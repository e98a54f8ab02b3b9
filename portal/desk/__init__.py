"""The desk of the info- en meldpunt: writing, draft releases and publishing (/redactie)."""

from portal.desk import destroying, differences, items, sharing, uploads, views, writing
from portal.desk.pages import blueprint

__all__ = ["blueprint", "destroying", "differences", "items", "sharing", "uploads", "views", "writing"]
