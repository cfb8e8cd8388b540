"""What is kept of responses and conversations: bounded, the oldest go first, and nothing of it touches a socket.

A stored response holds what it was made of; its object is made when somebody asks for it.
"""

import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

from mockserver.chat import ApiError, Message, Reply
from mockserver.wire.codec import encode
from mockserver.wire.dialect import Held, ParsedRequest
from mockserver.wire.identity import Identity, Origin
from mockserver.wire.refusal import Refused, invalid
from mockserver.wire.responses.item_ids import PREFIX, ResponseIds, place_of
from mockserver.wire.responses.items import items_of, kind_of
from mockserver.wire.responses.output_items import PREFIXES
from mockserver.wire.responses.parse import continued, parse
from mockserver.wire.responses.render import in_background, seconds_of
from mockserver.wire.responses.response_object import begun, response_object

JsonObject = dict[str, Any]

KEPT = 1_000
BYTES = 16 * 1024 * 1024
_SHARED = 16
_OF_OURS = re.compile(r"(resp|conv)_[0-9a-f]{50}")


@dataclass(slots=True)
class StoredResponse:
    """A response and the items that it answers. `ready_at` is when one in the background is completed, on any clock."""

    replies: tuple[Reply, ...]
    parsed: ParsedRequest
    origin: Origin
    size: int
    ready_at: float | None = None
    cancelled: bool = False

    @property
    def input(self) -> list[JsonObject]:
        """All items that it answers, each with its id."""
        items = [*(self.parsed.held.items if self.parsed.held else ()), *own_items(self.parsed)]
        return with_ids(items, self.origin[1])

    @property
    def lacks_text(self) -> bool:
        """Whether it went on from a conversation of which nothing but the place was known."""
        return self.parsed.held is not None and self.parsed.held.place is not None

    def response(self, now: float = 0.0) -> JsonObject:
        """The object as it is at a moment: before `ready_at` in progress, and cancelled where it was."""
        whole = response_object(self.replies, self.parsed, Identity(*self.origin))
        if self.cancelled:
            return begun(whole, "cancelled")
        return begun(whole, "in_progress") if self.ready_at is not None and now < self.ready_at else whole

    def conversation(self) -> list[JsonObject]:
        """The items of the conversation up to the end of this response."""
        output: list[JsonObject] = response_object(self.replies, self.parsed, Identity(*self.origin))["output"]
        return [*self.input, *output]


@dataclass(slots=True)
class Conversation:
    """A conversation that the server holds."""

    id: str
    created_at: int
    metadata: JsonObject
    items: list[JsonObject] = field(default_factory=list)

    def described(self) -> JsonObject:
        """The object of the API."""
        kept = {"id": self.id, "object": "conversation", "created_at": self.created_at}
        return {**kept, "metadata": self.metadata}

    def add(self, items: Sequence[JsonObject]) -> list[JsonObject]:
        """More items at the end, with ids."""
        added = with_ids(items, f"{self.id}/{len(self.items)}".encode())
        self.items += added
        return added


class ResponseStore:
    """The latest responses and conversations: so many of each, and so many bytes of responses."""

    def __init__(self, kept: int = KEPT, size: int = BYTES) -> None:
        self._kept, self._size, self._bytes = kept, size, 0
        self._responses: OrderedDict[str, StoredResponse] = OrderedDict()
        self._by_shared: dict[str, str] = {}
        self._deleted: OrderedDict[str, None] = OrderedDict()
        self._conversations: OrderedDict[str, Conversation] = OrderedDict()
        self._made = 0

    def clear(self) -> None:
        """Forget everything."""
        self.__init__(self._kept, self._size)  # type: ignore[misc]  # as at the start

    def continued(self, parsed: ParsedRequest, seeds: Sequence[str], *, strict: bool) -> ParsedRequest:
        """A request with what it leaves to the server; where the text is gone, with the place that its id holds.

        `seeds` are those under which ids of ours may have been made.

        Raises:
            Refused: nothing of it is known.
        """
        held = parsed.held
        if held is None:
            return parsed
        before: Sequence[JsonObject] = ()
        if not strict and is_foreign(held.previous or held.conversation):
            pass
        elif held.previous is not None:
            stored = self._responses.get(held.previous)
            if stored is None or stored.lacks_text:
                return self._placed(parsed, held, seeds)
            before = stored.conversation()
        elif held.conversation is not None:
            before = self.conversation(held.conversation, status=400).items
        resolved = replace(parsed, held=held._replace(items=tuple(before)))
        return continued(resolved, before, frozenset(self._known(parsed, before)), strict=strict)

    def _placed(self, parsed: ParsedRequest, held: Held, seeds: Sequence[str]) -> ParsedRequest:
        """The request with nothing but the place in the id."""
        previous = held.previous or ""
        places = [place_of(previous, seed) for seed in dict.fromkeys(seeds)]
        place = next((one for one in places if one is not None and one.kept), None)
        if place is None or previous in self._deleted or not place.replies:
            raise previous_not_found(previous)
        lost = (Message("user"), *[Message("assistant")] * place.replies)
        request = replace(parsed.request, messages=(*lost, *parsed.request.messages))
        place_held = held._replace(place=(place.match, place.replies), lost=previous_not_found(previous).error)
        return replace(parsed, request=request, held=place_held)

    def _known(self, parsed: ParsedRequest, before: Sequence[JsonObject]) -> Iterator[str]:
        """The ids of items that a request may name: those of its conversation, and of the responses they are from."""
        yield from (item["id"] for item in before if isinstance(item.get("id"), str))
        for item in items_of((parsed.body or {}).get("input")):
            own = item.get("id")
            if isinstance(own, str) and (found := self.item(own)) is not None:
                yield found["id"]

    def item(self, id: str) -> JsonObject | None:
        """An output item of a stored response: its id begins like the response's."""
        shared = id.partition("_")[2][:_SHARED]
        stored = self._responses.get(self._by_shared.get(shared, ""))
        output = stored.response()["output"] if stored is not None else ()
        return next((item for item in output if item.get("id") == id), None)

    def keep(
        self, replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity, now: float = 0.0, scale: float = 1.0
    ) -> None:
        """Keep a response, unless it asked not to be; the oldest make room. Its conversation grows.

        One in the background is completed when its time, stretched by `scale`, has passed.
        """
        body = parsed.body or {}
        named = parsed.held.conversation if parsed.held is not None else None
        if named is not None and named in self._conversations:
            output = response_object(replies, parsed, identity)["output"]
            self._conversations[named].add([*own_items(parsed), *output])
        if body.get("store") is False:
            return
        own = ResponseIds(identity, parsed).response
        self.delete(own, forever=False)
        size = len(encode(body)) + sum(len(reply.text or "") + 200 for reply in replies)
        size += len(encode(list(parsed.held.items))) if parsed.held is not None else 0
        ready_at = now + seconds_of(replies[0], parsed, identity, scale) if in_background(parsed) else None
        self._responses[own] = StoredResponse(tuple(replies), parsed, identity.origin, size, ready_at)
        self._by_shared[own.removeprefix(PREFIX)[:_SHARED]] = own
        self._bytes += size
        self._make_room()

    def _make_room(self) -> None:
        while len(self._responses) > self._kept or (self._bytes > self._size and len(self._responses) > 1):
            self.delete(next(iter(self._responses)), forever=False)

    def keep_recorded(self, said: Reply | ApiError, parsed: ParsedRequest) -> None:
        """Keep an upstream's response under the id that it has there, so that the next request may go on from it."""
        own = said.sent.envelope.get("id") if isinstance(said, Reply) and said.sent is not None else None
        if isinstance(said, Reply) and isinstance(own, str):
            origin = Identity("", parsed.fingerprint).origin
            self.delete(own, forever=False)
            size = len(encode(parsed.body or {})) + len(said.text or "")
            self._responses[own] = StoredResponse((replace(said, sent=None),), parsed, origin, size)
            self._bytes += size
            self._make_room()

    def get(self, id: str) -> StoredResponse | None:
        """The response of that id."""
        return self._responses.get(id)

    def delete(self, id: str, *, forever: bool = True) -> bool:
        """Forget a response, `forever` the place in its id, too; whether there was one."""
        gone = self._responses.pop(id, None)
        if gone is None:
            return False
        self._bytes -= gone.size
        self._by_shared.pop(id.removeprefix(PREFIX)[:_SHARED], None)
        if forever:
            self._deleted[id] = None
            if len(self._deleted) > self._kept:
                self._deleted.popitem(last=False)
        return True

    def start_conversation(self, items: Sequence[JsonObject], metadata: JsonObject, seed: str) -> Conversation:
        """A new conversation."""
        self._made += 1
        digest = blake2b(
            f"{seed}/{self._made}".encode("utf-8", "surrogatepass"), person=b"conversation", digest_size=25
        )
        made = Conversation(f"conv_{digest.hexdigest()}", Identity(seed, digest.digest()).created, metadata)
        made.add(items)
        self._conversations[made.id] = made
        if len(self._conversations) > self._kept:
            self._conversations.popitem(last=False)
        return made

    def conversation(self, id: str, *, status: int = 404) -> Conversation:
        """The conversation of that id.

        Raises:
            Refused: there is none.
        """
        found = self._conversations.get(id)
        if found is None:
            error = invalid(f"Conversation with id '{id}' not found.").error
            raise Refused(replace(error, status=status))
        return found

    def end_conversation(self, id: str) -> None:
        """Forget a conversation; its responses stay."""
        self.conversation(id)
        del self._conversations[id]


def is_foreign(id: str | None) -> bool:
    """Whether an id has another form than ours: lenient checks take it for one of something empty."""
    return id is not None and _OF_OURS.fullmatch(id) is None


def made_up() -> StoredResponse:
    """An empty response, for an id of another form under lenient checks."""
    parsed = parse(b"{}", strict=False)
    return StoredResponse((Reply(""),), parsed, Identity("", parsed.fingerprint).origin, 0, ready_at=0.0)


def own_items(parsed: ParsedRequest) -> list[JsonObject]:
    """The items of a request's own input."""
    return [item for item in items_of((parsed.body or {}).get("input")) if kind_of(item) != "item_reference"]


def previous_not_found(id: str) -> Refused:
    """The response that a request goes on from is not there."""
    text = f"Previous response with id '{id}' not found."
    return invalid(text, "previous_response_id", "previous_response_not_found")


def with_ids(items: Sequence[JsonObject], of: bytes) -> list[JsonObject]:
    """The items as they are listed: each with a type and an id, texts as parts."""
    return [_listed(item, of, index) for index, item in enumerate(items)]


def _listed(item: JsonObject, of: bytes, index: int) -> JsonObject:
    kind = kind_of(item)
    found = {**item, "type": kind}
    if not isinstance(item.get("id"), str):
        digits = blake2b(of + index.to_bytes(4), person=b"item", digest_size=25).hexdigest()
        prefix = PREFIXES.get(kind, "fco" if kind.endswith("_output") else "msg")
        found["id"] = f"{prefix}_{digits}"
    if kind != "message":
        return found
    content = item.get("content")
    if isinstance(content, str):
        text = "output_text" if item.get("role") == "assistant" else "input_text"
        part: JsonObject = {"type": text, "text": content}
        found["content"] = [{**part, "annotations": [], "logprobs": []} if text == "output_text" else part]
    found.setdefault("status", "completed")
    return found
