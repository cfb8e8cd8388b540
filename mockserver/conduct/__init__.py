"""Whether the application behaved, judged from the journal."""

from mockserver.conduct.expect import Expect
from mockserver.conduct.findings import Finding, Kind, broken_links, reasons, refusals, report, unserved
from mockserver.conduct.verdicts import SAID, Conduct, Verdict, conduct, conduct_json

__all__ = [
    "SAID",
    "Conduct",
    "Expect",
    "Finding",
    "Kind",
    "Verdict",
    "broken_links",
    "conduct",
    "conduct_json",
    "reasons",
    "refusals",
    "report",
    "unserved",
]
