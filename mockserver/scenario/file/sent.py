"""How a recorded answer was sent, as its file writes it: the chunks of a stream on a line or two."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from textwrap import wrap
from typing import Any

from mockserver.chat.sent import Chunk, Sent

_WIDTH = 100
_LONGEST_NUMBER = 9
_ENTRY = re.compile(r"([^,:]+?)(?:: ([0-9+ ]+))?")


def sent_of(data: Mapping[str, Any]) -> Sent:
    """The wire of an answer."""
    return Sent(
        data.get("envelope", {}),
        data.get("shapes", {}),
        tuple(chunks_in(data["chunks"])) if "chunks" in data else None,
        data.get("texts", {}),
        tuple(map(int, str(data.get("gaps", "")).split())),
        data.get("cut", False),
        data.get("body"),
        data.get("status", 200),
        data.get("content_type"),
    )


def sent_data(sent: Sent) -> dict[str, Any]:
    """The same for a file; what is as usual is left out."""
    found: dict[str, Any] = {
        "status": sent.status if sent.status != Sent().status else None,
        "content_type": sent.content_type,
        "body": sent.body,
        "envelope": dict(sent.envelope) or None,
        "shapes": dict(sent.shapes) or None,
        "texts": dict(sent.texts) or None,
        "chunks": _lines(", ".join(_entries(sent.chunks))) if sent.chunks is not None else None,
        "cut": sent.cut or None,
        "gaps": _gaps(sent.gaps) if any(sent.gaps) else None,
    }
    return {key: value for key, value in found.items() if value is not None}


def chunks_in(text: str) -> Iterator[Chunk]:
    """The chunks that a text lists: `role, text: 4 6 5, finish, done`.

    Raises:
        ValueError: an entry is neither a name nor a name with lengths, or a length is out of all bounds.
    """
    for entry in " ".join(text.split()).split(", ") if text.strip() else ():
        found = _ENTRY.fullmatch(entry.strip(", "))
        if not found:
            raise ValueError(f"expected entries such as `role` or `text: 4 6 5`, found {entry!r}")
        for lengths in found[2].split() if found[2] else ("",):
            if any(len(length) > _LONGEST_NUMBER for length in lengths.split("+")):
                raise ValueError(f"expected lengths of at most {_LONGEST_NUMBER} digits")
            yield Chunk(found[1], tuple(int(length) for length in lengths.split("+") if length))


def _entries(chunks: Sequence[Chunk]) -> Iterator[str]:
    for (shape, brings), run in groupby(chunks, key=lambda chunk: (chunk.shape, bool(chunk.lengths))):
        if brings:
            yield f"{shape}: {' '.join('+'.join(map(str, chunk.lengths)) for chunk in run)}"
        else:
            yield from (shape for _ in run)


def _gaps(gaps: Sequence[int]) -> str | int:
    return gaps[0] if len(gaps) == 1 else _lines(" ".join(map(str, gaps)))


def _lines(text: str) -> str:
    return "\n".join(wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)) or text
