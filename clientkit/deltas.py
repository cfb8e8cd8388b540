"""Assembles the deltas of a stream to one reply, even where indexes, ids or names are missing or repeated.

The pieces of a call's arguments can be fragments to be joined, growing snapshots, or a text that is sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from clientkit.errors import StreamError
from clientkit.events import ArgumentsGrew, CallComplete, CallOpened, Finished, ReplyEvent, TextArrived
from clientkit.reply import (
    ANNOUNCES_CALLS,
    CUT_OFF,
    Reply,
    ToolCall,
    arguments_text,
    finish_of,
    first_choice,
    function_of,
    index_of,
    text_of,
    with_usable_ids,
)
from clientkit.strict_json import is_object

MAX_CALLS = 1000
"""Calls of one reply that are kept; a stream with more is an error."""

MAX_CHARACTERS = 64 * 1024 * 1024
"""Characters of text and arguments of one reply that are kept."""

MAX_LOOKS = 100
"""How often the arguments of one call are read before its end, which takes time that a hostile stream could demand."""

MAX_NAME = 1000
"""Characters of a tool's name that are kept; no tool has so long a name, and a stream could go on repeating it."""


@dataclass(slots=True, eq=False)
class _GrowingCall:
    """One call in the making."""

    position: int
    index: int | None
    id: str = ""
    name: str = ""
    arguments: GrowingText = field(default_factory=lambda: GrowingText(lone="surrogatepass"))
    extra_content: Mapping[str, Any] | None = None
    pieces_out: int | None = None
    """How many pieces of the arguments were emitted as events; None until the call itself was."""
    looks: int = 0

    def is_another(self, name: str, piece: str, index: int | None) -> bool:
        """Whether a part without an id, but with a name, begins another call rather than going on with this one."""
        if not (name and self.name and self.arguments):
            return False
        if name != self.name:
            return True
        if not self.arguments.pieces[-1].rstrip().endswith("}") or self.looks == MAX_LOOKS:
            return False
        self.looks += 1
        whole = whole_arguments(self.arguments.pieces)
        if not is_object(whole) or (whole == "{}" and piece):
            return False
        return piece != whole if piece else index is None

    def take_name(self, name: str) -> None:
        """Adds a piece of the name. It ends where the arguments begin; an equal piece only repeats it."""
        if name != self.name and (not self.name or not self.arguments) and len(self.name) < MAX_NAME:
            self.name += name[:MAX_NAME]

    def news(self, *, ended: bool = False) -> list[ReplyEvent]:
        """What there is to tell since the last time: nothing before the name is whole."""
        opening: list[ReplyEvent] = []
        if self.pieces_out is None:
            if not ended and not (self.name and self.arguments):
                return []
            opening, self.pieces_out = [CallOpened(self.position, self.name)], 0
        pieces, self.pieces_out = self.arguments.pieces[self.pieces_out :], len(self.arguments.pieces)
        return [*opening, *(ArgumentsGrew(self.position, piece) for piece in pieces)]

    def whole(self) -> ToolCall:
        """The call as far as it has come."""
        return ToolCall(self.id, self.name, whole_arguments(self.arguments.pieces), self.extra_content)


class Deltas:
    """Takes the chunks of one stream in order, gives events, and at the end the reply."""

    def __init__(self, most: int = MAX_CHARACTERS) -> None:
        self._text = GrowingText()
        self._refusal = GrowingText()
        self._reasoning = GrowingText()
        self._calls: list[_GrowingCall] = []
        self._latest: dict[int | None, _GrowingCall] = {}
        """The call opened last at each index, and at None the one opened last of all."""
        self._by_id: dict[tuple[int | None, str], _GrowingCall] = {}
        """The call opened last with each index and id, and at None with that id anywhere."""
        self._most = self._room = most
        self._finish: str | None = None
        self._usage: Mapping[str, Any] | None = None

    @property
    def finish(self) -> str | None:
        """The finish reason so far. Of several, the worst counts: one that says the reply is cut off, or is unknown."""
        return self._finish

    def add(self, chunk: Mapping[str, Any]) -> list[ReplyEvent]:
        """The events that one chunk brings."""
        if isinstance(chunk.get("usage"), dict):
            self._usage = chunk["usage"]
        choice = first_choice(chunk)
        if choice is None:
            return []
        finish = finish_of(choice)
        if finish and (self._finish is None or _gravity(finish) > _gravity(self._finish)):
            self._finish = finish
        delta = choice.get("delta")
        return self._add_delta(delta) if isinstance(delta, dict) else []

    def end(self) -> list[ReplyEvent]:
        """The events of a stream that came to its end: what was held back, every call, and the whole reply."""
        events: list[ReplyEvent] = [TextArrived(rest)] if (rest := self._text.end()) else []
        for call in self._calls:
            call.arguments.end()
            events += call.news(ended=True)
        reply = self.reply()
        calls = zip(self._in_order(), reply.calls, strict=True)
        return [*events, *(CallComplete(growing.position, call) for growing, call in calls), Finished(reply)]

    def reply(self) -> Reply:
        """The reply as far as it has come."""
        return Reply(
            text=str(self._text) if self._text else None,
            refusal=str(self._refusal) or None,
            calls=with_usable_ids(call.whole() for call in self._in_order()),
            finish=self._finish,
            usage=self._usage,
            reasoning=str(self._reasoning) or None,
        )

    def _in_order(self) -> list[_GrowingCall]:
        """By index where every call has its own, else as they arrived."""
        indexes = {call.index for call in self._calls if call.index is not None}
        if len(indexes) < len(self._calls):
            return self._calls
        return sorted(self._calls, key=lambda call: call.index or 0)

    def _add_delta(self, delta: Mapping[str, Any]) -> list[ReplyEvent]:
        text = self._text.grow(self._require_valid(text_of(delta.get("content"))))
        self._refusal.grow(self._require_valid(text_of(delta.get("refusal"))))
        self._reasoning.grow(self._require_valid(text_of(delta.get("reasoning_content"))))
        events: list[ReplyEvent] = [TextArrived(text)] if text else []
        touched: dict[_GrowingCall, None] = {}
        for part in self._parts(delta):
            touched[self._add_part(part, touched)] = None
        for call in touched:
            events += call.news()
        return events

    def _parts(self, delta: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What a delta says about calls. A part that is not understood may be a call, so it is an error."""
        parts, legacy = delta.get("tool_calls") or [], delta.get("function_call")
        if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
            raise StreamError("The stream holds a tool call that is not a JSON object.", self.reply())
        return [*parts, {"function": legacy}] if isinstance(legacy, dict) else parts

    def _add_part(self, part: Mapping[str, Any], same_delta: Mapping[_GrowingCall, None]) -> _GrowingCall:
        call = self._find(part, same_delta)
        function = function_of(part)
        if not call.id and (identity := str(part.get("id") or "")):
            call.id = identity
            self._by_id[call.index, identity] = self._by_id[None, identity] = call
        call.take_name(str(function.get("name") or ""))
        call.arguments.grow(self._require_valid(arguments_text(function.get("arguments"))))
        if isinstance(extra := part.get("extra_content"), dict):
            call.extra_content = extra
        return call

    def _require_valid(self, piece: str | None) -> str:
        """The piece, if there is room for it."""
        self._room -= len(piece or "")
        if self._room < 0:
            raise StreamError(f"The reply is longer than {self._most} characters.", self.reply())
        return piece or ""

    def _find(self, part: Mapping[str, Any], same_delta: Mapping[_GrowingCall, None]) -> _GrowingCall:
        """The call that a part belongs to: by index and id together, for either alone can be constant or missing."""
        index, identity = index_of(part.get("index")), str(part.get("id") or "")
        name = str(function_of(part).get("name") or "")
        latest = self._latest.get(index)
        if latest is None:
            return self._open(index)
        if identity:
            # A call that has no id yet, and lacks its name too: its arguments came before its head.
            headless = not latest.id and not (latest.name and name)
            return self._by_id.get((index, identity)) or (latest if headless else self._open(index))
        piece = arguments_text(function_of(part).get("arguments"))
        another = (name and latest in same_delta) or latest.is_another(name, piece, index)
        return self._open(index) if another else latest

    def _open(self, index: int | None) -> _GrowingCall:
        if len(self._calls) == MAX_CALLS:
            raise StreamError(f"The model asks for more than {MAX_CALLS} calls in one reply.", self.reply())
        call = _GrowingCall(len(self._calls), index)
        self._calls.append(call)
        self._latest[index] = self._latest[None] = call
        return call


def _gravity(finish: str) -> int:
    return 2 if finish in CUT_OFF else 0 if finish == "stop" or finish in ANNOUNCES_CALLS else 1


@dataclass(slots=True)
class GrowingText:
    """Text that comes in pieces; half of a surrogate pair at the end of one waits for the other half.

    `lone` says, in the words of Python's codecs, what becomes of a half that stays alone.
    """

    lone: str = "replace"
    pieces: list[str] = field(default_factory=list)
    half: str = ""

    def grow(self, piece: str) -> str:
        """Adds a piece; gives what can be shown of it."""
        if not piece:
            return ""
        piece = self.half + piece
        self.half = piece[-1:] if "\ud800" <= piece[-1:] <= "\udbff" else ""
        return self._keep(piece.removesuffix(self.half))

    def end(self) -> str:
        """Adds what still waited, for nothing more will come."""
        rest, self.half = self.half, ""
        return self._keep(rest)

    def _keep(self, piece: str) -> str:
        whole = piece.encode("utf-16-le", "surrogatepass").decode("utf-16-le", self.lone)
        if whole:
            self.pieces.append(whole)
        return whole

    def __bool__(self) -> bool:
        return bool(self.pieces)

    def __str__(self) -> str:
        return "".join(self.pieces)


def whole_arguments(pieces: Sequence[str]) -> str:
    """The arguments text that the pieces of one call mean.

    Joined pieces count first. Only where these are not a JSON object are they read as each repeating all before it, as
    the whole text sent once more at the end, or as a `{}` that merely held the place. Broken text stays as joined.
    """
    pieces = [piece for piece in pieces if piece]
    joined = "".join(pieces)
    if is_object(joined):
        return joined
    for run in (pieces, pieces[1:] if pieces[:1] == ["{}"] else []):
        for reading in _readings(run):
            if is_object(reading):
                return reading
    return joined


def _readings(pieces: Sequence[str]) -> list[str]:
    if not pieces:
        return []
    joined, last = "".join(pieces), pieces[-1]
    readings = [joined]
    if all(later.startswith(earlier) for earlier, later in pairwise(pieces)):
        readings.append(last)
    middle, odd = divmod(len(joined), 2)
    if not odd and last == joined[middle:] == joined[:middle]:
        readings.append(last)
    return readings
