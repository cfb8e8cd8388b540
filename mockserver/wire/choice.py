"""One choice of a plain answer; what is said again and again is encoded once, with holes for the ids of its calls."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from mockserver.chat import ToolCall
from mockserver.wire.codec import encode
from mockserver.wire.usage import completion_tokens

# Within a JSON text the quotes of this mark are escaped, so nothing that a model says can be taken for it.
_HOLE = b'{"id":"","type":"function"'


class Choice(NamedTuple):
    """A choice in JSON, cut at the ids of its calls, and the tokens that it costs."""

    pieces: tuple[bytes, ...]
    tokens: int

    def with_ids(self, ids: Iterable[str]) -> bytes:
        """The whole choice."""
        parts = [self.pieces[0]]
        for call_id, piece in zip(ids, self.pieces[1:], strict=True):
            parts += (encode(call_id), piece)
        return b"".join(parts)


@lru_cache(maxsize=1024)
def choice(
    index: int, text: str | None, calls: tuple[ToolCall, ...], refusal: str | None, finish_reason: str
) -> Choice:
    """Encode what a reply says; the ids of its calls are left open, its own ones too."""
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = [_call(call) for call in calls]
    message["refusal"] = refusal
    message["annotations"] = []
    whole = {"index": index, "message": message, "logprobs": None, "finish_reason": finish_reason}
    first, *rest = encode(whole).split(_HOLE)
    opened = [first, *[b',"type":"function"' + piece for piece in rest]]
    pieces = (*[piece + b'{"id":' for piece in opened[:-1]], opened[-1])
    return Choice(pieces, completion_tokens(text, refusal, calls))


def _call(call: ToolCall) -> dict[str, Any]:
    return {"id": "", "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
