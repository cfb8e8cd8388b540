"""Whether the application behaved, judged from the journal."""

from mockserver.conduct.findings import Finding, Kind, broken_links, refusals
from mockserver.conduct.report import reasons, report

__all__ = ["Finding", "Kind", "broken_links", "reasons", "refusals", "report"]
