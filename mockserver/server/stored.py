"""Stored completions: what was asked with `store: true`, kept for a while, to be looked up, labelled and deleted."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.chat import Reply
from mockserver.wire.chat_completions.completion import body
from mockserver.wire.codec import decode, encode
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity

KEPT = 1_000
BYTES = 16 * 1024 * 1024
JsonObject = dict[str, Any]

# What was asked beside the messages is kept with the completion; these are the values where nothing was asked.
_ASKED: Mapping[str, Any] = {
    "temperature": 1.0,
    "top_p": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "seed": None,
    "tools": None,
    "tool_choice": None,
    "response_format": None,
}


@dataclass(slots=True)
class Stored:
    """A completion and the messages that it answered; `size` is what both take in bytes."""

    completion: JsonObject
    messages: list[JsonObject]
    size: int


class Store:
    """The latest stored completions, in the order in which they were made: so many, and so many bytes."""

    def __init__(self, kept: int = KEPT, size: int = BYTES) -> None:
        self._kept = kept
        self._size = size
        self._bytes = 0
        self._stored: OrderedDict[str, Stored] = OrderedDict()

    def add(self, replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity, request: bytes) -> None:
        """Keep an answer, and the request's body, which is sound; the oldest make room for it."""
        asked = decode(request)
        completion = body(replies, parsed, identity)
        completion["request_id"] = identity.request_id
        completion["metadata"] = asked.get("metadata") or {}
        completion["input_user"] = asked.get("user")
        completion |= {name: asked.get(name, usual) for name, usual in _ASKED.items()}
        messages = [
            _message(f"{identity.completion_id}-{index}", message) for index, message in enumerate(asked["messages"])
        ]
        self.delete(identity.completion_id)
        stored = Stored(completion, messages, len(request) + len(encode(completion)))
        self._stored[identity.completion_id] = stored
        self._bytes += stored.size
        while len(self._stored) > self._kept or (self._bytes > self._size and len(self._stored) > 1):
            self.delete(next(iter(self._stored)))

    def get(self, id: str) -> Stored | None:
        """The completion of that id."""
        return self._stored.get(id)

    def delete(self, id: str) -> bool:
        """Forget a completion; whether there was one."""
        gone = self._stored.pop(id, None)
        self._bytes -= gone.size if gone is not None else 0
        return gone is not None

    def clear(self) -> None:
        """Forget all of them."""
        self._stored.clear()
        self._bytes = 0

    def __iter__(self) -> Iterator[JsonObject]:
        return (stored.completion for stored in self._stored.values())


def _message(id: str, message: Any) -> JsonObject:
    """A message of the request as it is listed: its text as text, its parts beside it."""
    given = message if isinstance(message, dict) else {"role": "user", "content": str(message)}
    content = given.get("content")
    parts = content if isinstance(content, list) else None
    return {**given, "id": id, "content": None if parts is not None else content, "content_parts": parts}
