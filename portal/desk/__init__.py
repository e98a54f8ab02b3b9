"""The desk of the info- en meldpunt: writing, draft releases and publishing (/redactie)."""

from portal.desk import items, views, writing
from portal.desk.pages import blueprint

__all__ = ["blueprint", "items", "views", "writing"]
