"""Stored completions: what was asked with `store: true`, kept for a while, to be looked up, labelled and deleted."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from mockserver.chat import ApiError, Reply
from mockserver.server.json_answers import JsonAnswers
from mockserver.server.request_context import body_at_hand, read_body
from mockserver.server.routing import Operation
from mockserver.wire.chat_completions.completion import body
from mockserver.wire.chat_completions.parameters import PARAMETERS
from mockserver.wire.codec import NotJson, decode, encode
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.refusal import Refused, missing, not_json, not_supported, out_of_range, wrong_type

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


_PATH = "/chat/completions"
_BY_ID = f"{_PATH}/{{id}}"
_PAGE, _LARGEST_PAGE = 20, 100


class Completions:
    """Looks into the store over HTTP."""

    def __init__(self, store: Store, answers: JsonAnswers) -> None:
        self._store = store
        self._answers = answers

    def operations(self) -> tuple[Operation, ...]:
        """Every route, without its prefix."""
        page, one, stored = ("limit", "after", "order"), "ChatCompletion", "ChatCompletionList"
        every = (*page, "model", "metadata")
        about = "The stored completions, the oldest first."
        messages = f"{_BY_ID}/messages"
        gone, update = "ChatCompletionDeleted", "ChatCompletionUpdate"
        lists = (400, 404)
        return (
            Operation("GET", _PATH, self.every, about, stored, query=every, errors=lists, keyed=True),
            Operation("GET", _BY_ID, self.one, "A stored completion.", one, errors=(404,), keyed=True),
            Operation(
                "POST", _BY_ID, self.label, "Label it anew.", one, update, errors=(400, 404, 413, 415), keyed=True
            ),
            Operation("DELETE", _BY_ID, self.delete, "Forget it.", gone, errors=(404,), keyed=True),
            Operation(
                "GET", messages, self.messages, "What it answered.", "MessageList", query=page, errors=lists, keyed=True
            ),
        )

    async def every(self, request: web.BaseRequest) -> web.StreamResponse:
        """`GET /v1/chat/completions`, filtered by model and metadata."""
        query = request.rel_url.query
        labels = {name[9:-1]: text for name, text in query.items() if name.startswith("metadata[") and name[-1] == "]"}
        fitting = [
            completion
            for completion in self._store
            if query.get("model") in (None, completion["model"]) and labels.items() <= completion["metadata"].items()
        ]
        return await self._answers.say(page(fitting, query), request)

    async def one(self, request: web.BaseRequest, id: str) -> web.StreamResponse:
        """`GET /v1/chat/completions/{id}`."""
        return await self._answers.say(self._stored(id).completion, request)

    async def label(self, request: web.BaseRequest, id: str) -> web.StreamResponse:
        """`POST /v1/chat/completions/{id}`: other metadata."""
        completion = self._stored(id).completion
        completion["metadata"] = _metadata(body_at_hand(request) or await read_body(request))
        return await self._answers.say(completion, request)

    async def delete(self, request: web.BaseRequest, id: str) -> web.StreamResponse:
        """`DELETE /v1/chat/completions/{id}`."""
        self._stored(id)
        self._store.delete(id)
        return await self._answers.say({"object": "chat.completion.deleted", "id": id, "deleted": True}, request)

    async def messages(self, request: web.BaseRequest, id: str) -> web.StreamResponse:
        """`GET /v1/chat/completions/{id}/messages`."""
        return await self._answers.say(page(self._stored(id).messages, request.rel_url.query), request)

    def _stored(self, id: str) -> Stored:
        stored = self._store.get(id)
        if stored is None:
            raise Refused(ApiError(404, f"No chat completion found with id '{id}'.", param="id", code="not_found"))
        return stored


def page(entries: Sequence[JsonObject], query: Mapping[str, str]) -> JsonObject:
    """The part of a list that was asked for."""
    order = query.get("order", "asc")
    if order not in ("asc", "desc"):
        raise not_supported("order", order, ("asc", "desc"))
    limit = _limit(query.get("limit", str(_PAGE)))
    ordered = list(entries if order == "asc" else reversed(entries))
    if "after" in query:
        ids = [entry["id"] for entry in ordered]
        if query["after"] not in ids:
            raise Refused(ApiError(404, f"Nothing listed has the id '{query['after']}'.", param="after"))
        ordered = ordered[ids.index(query["after"]) + 1 :]
    page = ordered[:limit]
    ends = (page[0]["id"], page[-1]["id"]) if page else (None, None)
    more = len(ordered) > limit
    return {"object": "list", "data": page, "first_id": ends[0], "last_id": ends[1], "has_more": more}


def _limit(text: str) -> int:
    if not text.isdecimal() or len(text) > len(str(_LARGEST_PAGE)):
        raise wrong_type("limit", "an integer", text)
    if not 1 <= int(text) <= _LARGEST_PAGE:
        raise out_of_range("limit", int(text), 1, _LARGEST_PAGE, "integer")
    return int(text)


def _metadata(body: bytes) -> JsonObject:
    try:
        given = decode(body)
    except NotJson:
        raise not_json() from None
    if not isinstance(given, dict):
        raise not_json()
    if "metadata" not in given:
        raise missing("metadata")
    if given["metadata"] is not None:
        PARAMETERS["metadata"]("metadata", given["metadata"])
    found: JsonObject = given["metadata"] or {}
    return found
