"""Stored responses and conversations over HTTP: retrieve, list, cancel, delete, count, compact."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from mockserver.chat import ApiError
from mockserver.server.json_answers import JsonAnswers
from mockserver.server.perform import perform
from mockserver.server.pipeline import Pipeline
from mockserver.server.request_context import body_at_hand, read_body, settings_for
from mockserver.server.respond import headers_for
from mockserver.server.routing import Operation
from mockserver.server.stored_completions import page
from mockserver.wire.codec import NotJson, decode
from mockserver.wire.identity import Identity
from mockserver.wire.refusal import Refused, invalid, not_json, wrong_type
from mockserver.wire.responses.compaction import compacted
from mockserver.wire.responses.events import EventOptions, events_of
from mockserver.wire.responses.framing import streamed
from mockserver.wire.responses.options import OPTIONS
from mockserver.wire.responses.parse import parse
from mockserver.wire.responses.stored import Conversation, StoredResponse, is_foreign, made_up

JsonObject = dict[str, Any]

_RESPONSE, _BY_ID = "/responses", "/responses/{id}"
_CONVERSATION, _BY_CONVERSATION = "/conversations", "/conversations/{id}"
_ITEMS = f"{_BY_CONVERSATION}/items"
_PAGE = ("after", "limit", "order")


class Responses:
    """The operations beside `POST /responses`."""

    def __init__(self, pipeline: Pipeline, answers: JsonAnswers) -> None:
        self._pipeline = pipeline
        self._answers = answers

    def operations(self) -> tuple[Operation, ...]:
        """Every route, without its prefix."""
        rows = (
            ("GET", _BY_ID, self.one, "A stored response, or its events.", "Response", ("stream", "starting_after")),
            ("DELETE", _BY_ID, self.delete, "Forget it.", "ResponseDeleted", ()),
            ("POST", f"{_BY_ID}/cancel", self.cancel, "Cancel one in the background.", "Response", ()),
            ("GET", f"{_BY_ID}/input_items", self.input_items, "What it answers.", "ItemList", _PAGE),
            ("POST", f"{_RESPONSE}/input_tokens", self.input_tokens, "Count the tokens of a request.", "Counted", ()),
            ("POST", f"{_RESPONSE}/compact", self.compact, "A shorter form of a conversation.", "Compaction", ()),
            ("POST", _CONVERSATION, self.start, "A new conversation.", "Conversation", ()),
            ("GET", _BY_CONVERSATION, self.conversation, "A conversation.", "Conversation", ()),
            ("POST", _BY_CONVERSATION, self.label, "Label it anew.", "Conversation", ()),
            ("DELETE", _BY_CONVERSATION, self.end, "Forget it.", "ConversationDeleted", ()),
            ("GET", _ITEMS, self.items, "Its items.", "ItemList", _PAGE),
            ("POST", _ITEMS, self.add, "More items.", "ItemList", ()),
            ("GET", f"{_ITEMS}/{{item}}", self.item, "One of its items.", "Item", ()),
            ("DELETE", f"{_ITEMS}/{{item}}", self.remove, "Remove an item.", "Conversation", ()),
        )
        takes = {"/input_tokens": "ResponseRequest", "/compact": "ResponseRequest"}
        takes |= {_CONVERSATION: "ConversationStart", "/{id}": "ConversationUpdate", "/items": "ConversationItems"}
        return tuple(
            Operation(
                method,
                path,
                answer,
                about,
                gives,
                next((name for end, name in takes.items() if path.endswith(end)), None) if method == "POST" else None,
                query,
                (400, 404, 413, 415) if method == "POST" else (400, 404),
                keyed=True,
                api="responses",
            )
            for method, path, answer, about, gives, query in rows
        )

    async def one(self, request: web.BaseRequest, id: str) -> web.StreamResponse:
        """`GET /v1/responses/{id}`; with `stream=true` its events, those after number `starting_after`."""
        stored, query = self._stored(id, request), request.rel_url.query
        response = stored.response(self._pipeline.clock())
        if query.get("stream") != "true":
            return await self._say(response, request)
        after = query.get("starting_after", "-1")
        if not after.removeprefix("-").isdecimal():
            raise wrong_type("starting_after", "an integer", after)
        padded = query.get("include_obfuscation") != "false"
        options = EventOptions(stored.replies[0].stream, id if padded else None, stored.ready_at is not None)
        events = [event for event in events_of(response, options) if event["sequence_number"] > int(after)]
        identity = Identity(*stored.origin)
        return await perform(streamed(events, (), headers_for(identity, request.headers)), request)

    async def delete(self, request: web.BaseRequest, id: str) -> web.StreamResponse:
        """`DELETE /v1/responses/{id}`."""
        self._stored(id, request)
        self._pipeline.response_store().delete(id)
        return await self._say({"id": id, "object": "response", "deleted": True}, request)

    async def cancel(self, request: web.BaseRequest, id: str) -> web.StreamResponse:
        """`POST /v1/responses/{id}/cancel`: only one in the background, and only before it is completed."""
        stored, now = self._stored(id, request), self._pipeline.clock()
        if stored.ready_at is None:
            raise invalid("Cannot cancel a synchronous response.")
        if now < stored.ready_at:
            stored.cancelled = True
        return await self._say(stored.response(now), request)

    async def input_items(self, request: web.BaseRequest, id: str) -> web.StreamResponse:
        """`GET /v1/responses/{id}/input_items`, the latest first."""
        return await self._say(
            page(self._stored(id, request).input, {"order": "desc", **request.rel_url.query}), request
        )

    async def input_tokens(self, request: web.BaseRequest) -> web.StreamResponse:
        """`POST /v1/responses/input_tokens`."""
        parsed = parse(await _body(request), strict=False)
        seeds = self._pipeline.engine.seeds(self._pipeline.engine.settings)
        whole = self._pipeline.response_store().continued(parsed, seeds, strict=False)
        return await self._say({"object": "response.input_tokens", "input_tokens": whole.prompt_tokens}, request)

    async def compact(self, request: web.BaseRequest) -> web.StreamResponse:
        """`POST /v1/responses/compact`."""
        body = await _body(request)
        parsed = parse(body, strict=False)
        seeds = self._pipeline.engine.seeds(self._pipeline.engine.settings)
        whole = self._pipeline.response_store().continued(parsed, seeds, strict=False)
        return await self._say(compacted(whole, Identity("", body)), request)

    async def start(self, request: web.BaseRequest) -> web.StreamResponse:
        """`POST /v1/conversations`."""
        asked = _object(await _body(request) or b"{}")
        seed = self._pipeline.engine.seeds(self._pipeline.engine.settings)[0]
        metadata = _metadata(asked.get("metadata"))
        made = self._pipeline.response_store().start_conversation(_items(asked.get("items") or []), metadata, seed)
        return await self._say(made.described(), request)

    async def conversation(self, request: web.BaseRequest, id: str) -> web.StreamResponse:
        """`GET /v1/conversations/{id}`."""
        return await self._say(self._held(id, request).described(), request)

    async def label(self, request: web.BaseRequest, id: str) -> web.StreamResponse:
        """`POST /v1/conversations/{id}`: other metadata."""
        held = self._held(id, request)
        held.metadata = _metadata(_object(await _body(request)).get("metadata"))
        return await self._say(held.described(), request)

    async def end(self, request: web.BaseRequest, id: str) -> web.StreamResponse:
        """`DELETE /v1/conversations/{id}`."""
        if not (is_foreign(id) and self._is_lenient(request)):
            self._pipeline.response_store().end_conversation(id)
        return await self._say({"id": id, "object": "conversation.deleted", "deleted": True}, request)

    async def items(self, request: web.BaseRequest, id: str) -> web.StreamResponse:
        """`GET /v1/conversations/{id}/items`, the latest first."""
        return await self._say(page(self._held(id, request).items, self._page_of(request)), request)

    async def add(self, request: web.BaseRequest, id: str) -> web.StreamResponse:
        """`POST /v1/conversations/{id}/items`."""
        held = self._held(id, request)
        added = held.add(_items(_object(await _body(request)).get("items")))
        return await self._say(page(added, {"limit": "100"}), request)

    async def item(self, request: web.BaseRequest, id: str, item: str) -> web.StreamResponse:
        """`GET /v1/conversations/{id}/items/{item}`."""
        return await self._say(self._item(id, item, request), request)

    async def remove(self, request: web.BaseRequest, id: str, item: str) -> web.StreamResponse:
        """`DELETE /v1/conversations/{id}/items/{item}`."""
        held = self._held(id, request)
        found = self._item(id, item, request)
        held.items = [one for one in held.items if one is not found]
        return await self._say(held.described(), request)

    def _stored(self, id: str, request: web.BaseRequest) -> StoredResponse:
        stored = self._pipeline.response_store().get(id)
        if stored is None and is_foreign(id) and self._is_lenient(request):
            return made_up()
        if stored is None:
            raise Refused(ApiError(404, f"Response with id '{id}' not found.", param="id"))
        return stored

    def _held(self, id: str, request: web.BaseRequest) -> Conversation:
        if is_foreign(id) and self._is_lenient(request):
            return Conversation(id, Identity("", b"").created, {})
        return self._pipeline.response_store().conversation(id)

    def _item(self, id: str, item: str, request: web.BaseRequest) -> JsonObject:
        found = next((one for one in self._held(id, request).items if one["id"] == item), None)
        if found is None and is_foreign(id) and self._is_lenient(request):
            return {"id": item, "type": "message", "role": "user", "status": "completed", "content": []}
        if found is None:
            raise Refused(ApiError(404, f"Item with id '{item}' not found.", param="item_id"))
        return found

    def _page_of(self, request: web.BaseRequest) -> dict[str, str]:
        """What the query asks for: the latest first; lenient checks pass over a limit that is none."""
        query = {"order": "desc", **request.rel_url.query}
        if query.get("limit") == "0" and self._is_lenient(request):
            del query["limit"]
        return query

    def _is_lenient(self, request: web.BaseRequest) -> bool:
        return settings_for(self._pipeline.engine.settings, request.headers).checks == "lenient"

    async def _say(self, value: JsonObject, request: web.BaseRequest) -> web.StreamResponse:
        return await self._answers.say(value, request, api="responses")


async def _body(request: web.BaseRequest) -> bytes:
    return body_at_hand(request) or await read_body(request)


def _object(body: bytes) -> JsonObject:
    try:
        found = decode(body)
    except NotJson:
        raise not_json() from None
    if not isinstance(found, dict):
        raise not_json()
    return found


def _metadata(value: Any) -> JsonObject:
    if value is not None:
        OPTIONS["metadata"]("metadata", value)
    return dict(value) if isinstance(value, Mapping) else {}


def _items(value: Any) -> Sequence[JsonObject]:
    if not isinstance(value, list):
        raise wrong_type("items", "an array of objects", value)
    for index, item in enumerate(value):
        if not isinstance(item, dict):
            raise wrong_type(f"items[{index}]", "an object", item)
    return value
