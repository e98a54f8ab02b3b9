"""Reading the handbook: pages composed from documents, flow and releases."""
