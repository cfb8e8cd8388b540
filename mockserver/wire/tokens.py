"""How many tokens a text has, and where so many of them end.

Without further ado this is an estimate that is the same everywhere: four bytes of UTF-8 are a token, the last one
perhaps a shorter one. Where the extra `[tokens]` is installed the texts are really cut by the vocabulary of the model's
family, which the extra brings along: cl100k_base up to gpt-4-turbo, o200k_base from gpt-4o on and for all others.
"""

from abc import ABC, abstractmethod
from functools import cache
from importlib.util import find_spec

from mockserver.wire.families import family

BYTES_PER_TOKEN = 4


class Counter(ABC):
    """Counts tokens in one way."""

    @abstractmethod
    def count(self, text: str) -> int:
        """The number of tokens of a text."""

    @abstractmethod
    def first(self, text: str, most: int) -> str:
        """The longest beginning of a text that has no more than so many tokens."""


class Estimate(Counter):
    """Four bytes a token."""

    def count(self, text: str) -> int:
        """The number of tokens of a text."""
        length = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        return (length + BYTES_PER_TOKEN - 1) // BYTES_PER_TOKEN

    def first(self, text: str, most: int) -> str:
        """The longest beginning of a text that has no more than so many tokens."""
        limit = most * BYTES_PER_TOKEN
        if len(text) <= limit and text.isascii():
            return text
        # What is left of a character that the cut went through is no character any more, and is left out.
        return text.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")


class Exact(Counter):
    """A vocabulary that a model really has.

    Raises:
        ImportError: the extra `[tokens]` is not installed.
    """

    def __init__(self, vocabulary: str) -> None:
        from splintr import Tokenizer

        self._vocabulary = Tokenizer.from_pretrained(vocabulary)

    def count(self, text: str) -> int:
        """The number of tokens of a text."""
        return len(self._encoded(text))

    def first(self, text: str, most: int) -> str:
        """The longest beginning of a text that has no more than so many tokens."""
        tokens = self._encoded(text)
        if len(tokens) <= most:
            return text
        return str(self._vocabulary.decode_lossy(tokens[:most])).rstrip("\ufffd")

    def _encoded(self, text: str) -> list[int]:
        # Lone surrogates have no UTF-8, and what looks like a special token is what somebody said.
        found: list[int] = self._vocabulary.encode_ordinary(text.encode("utf-8", "replace").decode())
        return found


def counter(model: str) -> Counter:
    """How the tokens of a model are counted: exactly where the extra is installed, else by the estimate."""
    return _counter(family(model).vocabulary)


@cache
def _counter(vocabulary: str) -> Counter:
    return Exact(vocabulary) if find_spec("splintr") is not None else _ESTIMATE


_ESTIMATE = Estimate()
