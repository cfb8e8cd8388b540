"""What happened: every exchange in order, within bounds, and readable as the dialogue that it was."""

from mockserver.journal.exchange import Exchange
from mockserver.journal.kept import BYTES, ENTRIES, Journal, Truncated

__all__ = ["BYTES", "ENTRIES", "Exchange", "Journal", "Truncated"]
