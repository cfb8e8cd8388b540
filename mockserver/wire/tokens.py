"""How many tokens a text, a request and a reply have, and where so many of them end.

Without further ado this is an estimate that is the same everywhere: four bytes of UTF-8 are a token, the last one
perhaps a shorter one. Where the extra `[tokens]` is installed the texts are really cut by the vocabulary of the model's
family, which the extra brings along: cl100k_base up to gpt-4-turbo, o200k_base from gpt-4o on and for all others.

Beside its text a message costs three tokens more, a call four, as does each tool that is offered, beside the JSON of
its schema, and the opening of the answer three. The three are those of OpenAI's published recipe for counting chat
messages; what a call and a tool cost beside their text is not published, so these are an estimate.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.util import find_spec

from mockserver.chat import ChatRequest, Reply, Tool, ToolCall
from mockserver.wire.codec import encode
from mockserver.wire.models import family

BYTES_PER_TOKEN = 4
PER_CALL = 4
_PER_MESSAGE = 3
_PER_TOOL = 4


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
        # The rest of a character that was cut through is left out.
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


def prompt_tokens(request: ChatRequest) -> int:
    """The tokens that the request itself costs."""
    by = counter(request.model)
    spent = _PER_MESSAGE
    for message in request.messages:
        spent += _PER_MESSAGE + (by.count(message.content) if message.content else 0)
        if message.tool_calls:
            spent += _call_tokens(message.tool_calls, by)
    for tool in request.tools:
        spent += _tool_tokens(tool, by)
    return spent


def completion_tokens(reply: Reply, by: Counter) -> int:
    """The tokens that the model spends on what it says, without its thinking."""
    return by.count(reply.text or "") + by.count(reply.refusal or "") + _call_tokens(reply.calls, by)


def thinking_tokens(reply: Reply, by: Counter) -> int:
    """The tokens that the model spends on its thinking."""
    return by.count(reply.thinking) if reply.thinking else 0


def _call_tokens(calls: Iterable[ToolCall], by: Counter) -> int:
    return sum([PER_CALL + by.count(call.name) + by.count(call.arguments) for call in calls])


@lru_cache(maxsize=1024)
def _tool_tokens(tool: Tool, by: Counter) -> int:
    schema = encode(tool.parameters or tool.format).decode() if tool.parameters or tool.format else ""
    return _PER_TOOL + by.count(tool.name) + by.count(tool.description) + by.count(schema)
