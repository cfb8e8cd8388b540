"""What happened: every exchange in order, within bounds, and readable as a dialogue."""

from mockserver.journal.exchange import Exchange
from mockserver.journal.journal import BYTES, ENTRIES, Journal, Truncated

__all__ = ["BYTES", "ENTRIES", "Exchange", "Journal", "Truncated"]
