"""How sure the model says it was of each token: made up, but always the same for the same words."""

import math
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from mockserver.wire.streaming import cut

JsonObject = dict[str, Any]

_OTHERS = (" the", " a", " is", ",", ".", " and", " of", " in", " to", " it", " that", " for", " on", " with", " as",
           " at", " by", " was", " are", " be", " this", " from")  # fmt: skip
_SUREST, _SPREAD = 0.999, 0.4


def logprobs(text: str | None, refusal: str | None, alternatives: int) -> JsonObject | None:
    """The log probabilities of a text, or of a refusal; None when neither is said. The tokens joined are the text."""
    if text is None and refusal is None:
        return None
    return {
        "content": None if text is None else [_token(token, alternatives) for token in cut(text, None)],
        "refusal": None if refusal is None else [_token(token, alternatives) for token in cut(refusal, None)],
    }


def _token(token: str, alternatives: int) -> JsonObject:
    first, *others = _odds(token, alternatives)
    said = _entry(token, first)
    words = [word for word in _OTHERS if word != token]
    top = [said, *(_entry(word, chance) for word, chance in zip(words, others, strict=False))]
    return {**said, "top_logprobs": top[:alternatives]}


def _entry(token: str, chance: float) -> JsonObject:
    return {"token": token, "logprob": chance, "bytes": list(token.encode("utf-8", "surrogatepass"))}


def _odds(token: str, count: int) -> Sequence[float]:
    """Logarithms of falling probabilities which together stay below 1."""
    drawn = blake2b(token.encode("utf-8", "surrogatepass"), digest_size=1).digest()[0] / 255
    sure = _SUREST - _SPREAD * drawn
    rest = 1 - sure
    return [round(math.log(sure), 6), *(round(math.log(rest / 2 ** (place + 1)), 6) for place in range(count))]
