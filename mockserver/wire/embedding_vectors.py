"""Embedding vectors that are made of the text: equal texts have equal ones, texts with words in common near ones.

Each feature of a text (its words, and the pieces of three letters in them) points in a direction of its own, drawn
from the feature and the model. A vector is the sum of the directions, of length 1. Nothing else decides it: no seed, no
attempt, no clock.
"""

import math
import re
from array import array
from collections import Counter
from functools import lru_cache
from hashlib import shake_128

_WORD = re.compile(r"\w+")
_COMMON = frozenset("a an and are as at be by for from in is it of on or that the this to was with".split())
_WORD_WEIGHT, _PIECE_WEIGHT, _COMMON_WEIGHT = 1.0, 0.25, 0.1
_PIECE = 3
_EVERYTHING = 0.05
"""How much all texts have in common, as those of real models do."""


def vector(text: str, model: str, dimensions: int) -> list[float]:
    """The vector of a text, of length 1; the first so many dimensions of the model's, as a cut one has."""
    total = [0.0] * dimensions
    for feature, weight in _features(text).items():
        direction = _direction(feature, model, dimensions)
        for place, value in enumerate(direction):
            total[place] += weight * value
    return unit(total)


def unit(values: list[float]) -> list[float]:
    """The vector of length 1 in the same direction."""
    length = math.sqrt(math.fsum(value * value for value in values))
    return [value / length for value in values] if length else [1.0, *values[1:]]


def as_float32(values: list[float]) -> bytes:
    """The numbers as little-endian floats of four bytes."""
    packed = array("f", values)
    if packed.itemsize == 4 and array("H", [1]).tobytes() != b"\x01\x00":
        packed.byteswap()
    return packed.tobytes()


def _features(text: str) -> dict[str, float]:
    """What a text is made of, each with its weight."""
    words = Counter(_WORD.findall(text.casefold()))
    found: dict[str, float] = {"": _EVERYTHING}
    for word, count in words.items():
        weight = 1 + math.log(count)
        found[f"word {word}"] = weight * (_COMMON_WEIGHT if word in _COMMON else _WORD_WEIGHT)
        if word not in _COMMON:
            padded = f" {word} "
            for start in range(len(padded) - _PIECE + 1):
                piece = f"piece {padded[start : start + _PIECE]}"
                found[piece] = found.get(piece, 0.0) + weight * _PIECE_WEIGHT
    # What is written in another way is near, but not the same.
    found[f"text {text}"] = _COMMON_WEIGHT
    return found


@lru_cache(maxsize=4096)
def _direction(feature: str, model: str, dimensions: int) -> tuple[float, ...]:
    """Numbers between -1 and 1 that a feature points to; fewer dimensions are the first of them."""
    drawn = shake_128(f"{model}\0{feature}".encode("utf-8", "surrogatepass")).digest(dimensions)
    return tuple([(byte - 127.5) / 127.5 for byte in drawn])
