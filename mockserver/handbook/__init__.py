"""The catalogue of faults as people read it: a table, a page for each, the document, with examples made on the spot."""

from mockserver.handbook.pages import document, page, table

__all__ = ["document", "page", "table"]
