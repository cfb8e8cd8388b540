"""How a text is cut into the pieces of a stream."""

import re

_WORD = re.compile(r"\S+\s*|\s+")
_JSON_TOKEN = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+|")\s*|\s+')


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
