"""Texts of a conversation as reports may show them: without secrets, safe to print, not too long."""

from mockserver.chat.printable import printable, shortened
from mockserver.redaction import Sanitiser

_SANITISER = Sanitiser()


def shown(text: str, longest: int) -> str:
    """A text as a report shows it; line ends stay."""
    return printable(shortened(_SANITISER.text(text), longest))


def quoted(text: str | None, longest: int) -> str:
    """A text on one line, in quotes."""
    return f"'{shown((text or '').replace(chr(10), ' '), longest)}'"
