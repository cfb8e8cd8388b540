"""One choice of a plain answer; what is said again and again is encoded once, with holes for the ids that are drawn."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from mockserver.chat import ToolCall
from mockserver.wire.chat_completions.usage import completion_tokens
from mockserver.wire.codec import encode
from mockserver.wire.identity import of_call
from mockserver.wire.tokens import Counter

JsonObject = dict[str, Any]

# Within a JSON text the quotes of this mark are escaped, so nothing that a model says can be taken for it.
_HOLE = b'{"id":null,"type":"'


Piece = tuple[slice, bytes]
"""Which of an identity's letters come next, and the JSON behind them."""


class Choice(NamedTuple):
    """A choice in JSON, cut where ids are drawn, and the tokens that it costs; after the first a comma comes before."""

    first: bytes
    pieces: tuple[Piece, ...]
    tokens: int


class Said(NamedTuple):
    """What one choice says, and in which form; values only, so that it can be remembered."""

    text: str | None
    calls: tuple[ToolCall, ...]
    refusal: str | None
    finish_reason: str
    legacy: bool = False


@lru_cache(maxsize=1024)
def choice(index: int, said: Said, by: Counter) -> Choice:
    """Encode what a reply says; ids that its calls do not have yet are left open."""
    first, *rest = encode(as_value(index, said, [call.id for call in said.calls])).split(_HOLE)
    drawn = [of_call(place) for place, call in enumerate(said.calls) if call.id is None] if rest else []
    behind = [text + b'{"id":"call_' for text in rest[:-1]] + rest[-1:]
    pieces = [(own, end + b'","type":"' + text) for (own, end), text in zip(drawn, behind, strict=True)]
    first = (b"," if index else b"") + first + (b'{"id":"call_' if rest else b"")
    return Choice(first, tuple(pieces), completion_tokens(said.text, said.refusal, said.calls, by))


def as_value(index: int, said: Said, ids: Iterable[str | None], logprobs: JsonObject | None = None) -> JsonObject:
    """The choice as a JSON value, its keys in the order of the API's."""
    message: JsonObject = {"role": "assistant", "content": said.text}
    if said.calls and said.legacy:
        message["function_call"] = {"name": said.calls[0].name, "arguments": said.calls[0].arguments}
    elif said.calls:
        message["tool_calls"] = [_call(call, call_id) for call, call_id in zip(said.calls, ids, strict=True)]
    message["refusal"] = said.refusal
    message["annotations"] = []
    return {"index": index, "message": message, "logprobs": logprobs, "finish_reason": said.finish_reason}


def _call(call: ToolCall, call_id: str | None) -> JsonObject:
    if call.kind == "custom":
        return {"id": call_id, "type": "custom", "custom": {"name": call.name, "input": call.arguments}}
    return {"id": call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
