"""The routes of stored completions: one, many, their messages, a new label, and away with it."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from mockserver.chat import ApiError
from mockserver.server.body import body_at_hand, read_body
from mockserver.server.json_answers import JsonAnswers
from mockserver.server.operation import Operation
from mockserver.server.stored import Store, Stored
from mockserver.wire.chat_completions.parameters import PARAMETERS
from mockserver.wire.codec import NotJson, decode
from mockserver.wire.refusal import Refused, missing, not_json, not_supported, out_of_range, wrong_type

JsonObject = dict[str, Any]

_PATH = "/chat/completions"
_ONE = f"{_PATH}/{{id}}"
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
        messages = f"{_ONE}/messages"
        gone, update = "ChatCompletionDeleted", "ChatCompletionUpdate"
        lists = (400, 404)
        return (
            Operation("GET", _PATH, self.every, about, stored, query=every, errors=lists, keyed=True),
            Operation("GET", _ONE, self.one, "A stored completion.", one, errors=(404,), keyed=True),
            Operation("POST", _ONE, self.label, "Label it anew.", one, update, errors=(400, 404, 413, 415), keyed=True),
            Operation("DELETE", _ONE, self.delete, "Forget it.", gone, errors=(404,), keyed=True),
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
        return await self._answers.say(_page(fitting, query), request)

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
        return await self._answers.say(_page(self._stored(id).messages, request.rel_url.query), request)

    def _stored(self, id: str) -> Stored:
        stored = self._store.get(id)
        if stored is None:
            raise Refused(ApiError(404, f"No chat completion found with id '{id}'.", param="id", code="not_found"))
        return stored


def _page(entries: Sequence[JsonObject], query: Mapping[str, str]) -> JsonObject:
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
