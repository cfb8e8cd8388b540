"""Server-sent events: framing and reading (WHATWG HTML, section 9.2)."""

import re
from typing import Any

from mockserver.wire.codec import encode

DONE = b"data: [DONE]\n\n"
_BLANK_LINE = re.compile(r"\r\n\r\n|\n\n|\r\r|\r\n\n|\n\r\n")
_LINE = re.compile(r"\r\n|\n|\r")


def frame(value: Any) -> bytes:
    """One event that carries JSON."""
    return b"data: " + encode(value) + b"\n\n"


def data_of(event: str) -> str | None:
    """The data of one event; None when it carries none, as a comment does."""
    lines = [line[5:].removeprefix(" ") for line in _LINE.split(event) if line.startswith("data:")]
    return "\n".join(lines) if lines else None


def events(stream: bytes) -> list[str]:
    """The data of every complete event, in order; comments and other fields are passed over."""
    complete = _BLANK_LINE.split(stream.decode("utf-8-sig"))[:-1]
    return [data for block in complete if (data := data_of(block)) is not None]
