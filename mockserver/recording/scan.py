"""Secrets in a file that is about to be shared: where they are, never what they are."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from mockserver.redaction import Sanitiser

_RANDOM = re.compile(r"[A-Za-z0-9+/_=-]{32,}")
_HASH = re.compile(r"sha256:[0-9a-f]+")
_MOST_ORDERLY = 4.5
"""Bits a character: ids of calls and UUIDs have less, keys of 32 characters and more mostly have more."""


class Finding(NamedTuple):
    """A place where a secret stands, or with `certain` False something that looks drawn by lot."""

    line: int
    column: int
    message: str
    certain: bool


def scan(text: str, sanitiser: Sanitiser) -> Iterator[Finding]:
    """What a file should not say, line by line."""
    for number, line in enumerate(text.splitlines(), 1):
        found = 0
        for secret in sanitiser.finds(line):
            column = line.index(secret) + 1
            found += 1
            yield Finding(number, column, f"a secret of {len(secret)} characters", True)
        if not found and sanitiser.text(line) != line and "base64,sha256:" not in sanitiser.text(line):
            yield Finding(
                number, _column(line, sanitiser.text(line)), "a password or key, told by what stands before it", True
            )
            found += 1
        for guess in () if found else _RANDOM.finditer(_HASH.sub("", line)):
            if _bits(guess[0]) > _MOST_ORDERLY:
                message = (
                    f"{len(guess[0])} characters that look drawn by lot: if they are a secret, name it to the recorder"
                )
                yield Finding(number, guess.start() + 1, message, False)


def _column(line: str, clean: str) -> int:
    return next((index for index, (a, b) in enumerate(zip(line, clean, strict=False)) if a != b), 0) + 1


def _bits(text: str) -> float:
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())
