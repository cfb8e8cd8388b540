"""What happened: every exchange in order, within bounds, and readable as the dialogue that it was."""

from mockserver.journal.as_json import as_json
from mockserver.journal.calls import Called
from mockserver.journal.conversations import Conversations, Link, Seen
from mockserver.journal.exchange import Exchange
from mockserver.journal.kept import BYTES, ENTRIES, Journal, Truncated

__all__ = [
    "BYTES",
    "ENTRIES",
    "Called",
    "Conversations",
    "Exchange",
    "Journal",
    "Link",
    "Seen",
    "Truncated",
    "as_json",
]
