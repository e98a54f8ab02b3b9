"""The desk of the info- en meldpunt: writing, draft releases and publishing (/redactie)."""

from portal.desk import differences, items, sharing, uploads, views, writing
from portal.desk.pages import blueprint

__all__ = ["blueprint", "differences", "items", "sharing", "uploads", "views", "writing"]
