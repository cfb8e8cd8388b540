"""Handbook: the catalogue of faults as a table, as pages and as `docs/faults.md`, with computed examples."""

from mockserver.handbook.pages import document, page, table

__all__ = ["document", "page", "table"]
