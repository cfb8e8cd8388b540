"""Streaming: texts are cut into pieces, and events framed and read as server-sent events (WHATWG HTML, section 9.2)."""

import re
from typing import Any

from mockserver.wire.codec import encode

DONE = b"data: [DONE]\n\n"
_BLANK_LINE = re.compile(r"\r\n\r\n|\n\n|\r\r|\r\n\n|\n\r\n")
_LINE = re.compile(r"\r\n|\n|\r")
_WORD = re.compile(r"\S+\s*|\s+")
_JSON_TOKEN = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+|")\s*|\s+')


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


def cut(text: str, how: str | int | None, *, arguments: bool = False) -> list[str]:
    """Cut a text so that the pieces joined are the text again.

    `how` is "word" (the default: one word with the space after it, in arguments one JSON token), "character",
    "whole", or a number of characters.

    Raises:
        ValueError: `how` is something else.
    """
    match how:
        case None | "word":
            return (_JSON_TOKEN if arguments else _WORD).findall(text)
        case "whole":
            return [text] if text else []
        case "character":
            return list(text)
        case int() if how > 0:
            return [text[start : start + how] for start in range(0, len(text), how)]
    raise ValueError(f"cut: {how!r} is neither word, character, whole nor a number of characters above 0")
