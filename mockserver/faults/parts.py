"""Parts: accessors (lenses) through which faults see an API's body and events, whatever the API.

A body holds answers (one, or one a choice), an answer holds calls, and of each call there are slots: a `Slot` reads,
writes or deletes one place. A stream is a list of events; `Parts.runs` tells which of them open a call, bring its
arguments, or stand before and after the calls, and `Parts.event` has the same slots for a single event. A dialect
implements `Parts` once; every fault that means the same in several APIs is written once over it.

Faults work on copies, so a slot may write where it stands. A slot that an API does not have is None in the lens.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

JsonObject = dict[str, Any]
Events = list[JsonObject]

ALL_EXIST: Mapping[str, str] = {}
"""For an API that has every fault."""

FinishWord = Literal["stop", "length", "tool_calls", "content_filter"]
"""A finish reason free of any API's spelling."""


class Slot(Protocol):
    """One place in a body or an event."""

    @property
    def present(self) -> bool:
        """Whether anything stands there; null is something."""

    def get(self) -> Any:
        """What stands there; None where nothing does."""

    def set(self, value: Any, /) -> None:
        """Write it, whether or not anything stood there."""

    def delete(self) -> None:
        """Take it away; nothing happens where nothing stood."""


@dataclass(frozen=True, slots=True)
class KeySlot:
    """The slot that is one key of an object, as most are."""

    holder: JsonObject
    key: str

    @property
    def present(self) -> bool:
        """Whether the object has the key."""
        return self.key in self.holder

    def get(self) -> Any:
        """The value of the key; None where it is missing."""
        return self.holder.get(self.key)

    def set(self, value: Any, /) -> None:
        """Give the key a value."""
        self.holder[self.key] = value

    def delete(self) -> None:
        """Remove the key."""
        self.holder.pop(self.key, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallParts:
    """A call in a body, or what one event says of a call.

    `arguments` holds a text or an object, as the API has it; in an event, a piece of the text. `function` is false for
    a custom tool, which takes free text.
    """

    name: Slot
    arguments: Slot
    id: Slot | None = None
    type: Slot | None = None
    index: Slot | None = None
    function: bool = True

    @property
    def text(self) -> str:
        """The arguments where they are a text; "" where they are not, or are missing."""
        text = self.arguments.get()
        return text if isinstance(text, str) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerParts:
    """One answer of a body: its calls in order, the list that holds them, its text, and where it says how it ended.

    Deleting `call_list` removes every call. `reasoning` is where the API writes what the model thought.
    """

    calls: Sequence[CallParts]
    call_list: Slot
    text: Slot
    finish: Slot
    reasoning: Slot | None = None
    index: Slot | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyParts:
    """A body: its answers, and the list of them where the API has one (choices, candidates)."""

    body: JsonObject
    answers: Sequence[AnswerParts]
    choices: Slot | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventParts:
    """One event of a stream.

    `call` is what it says of a call, and `text` the one stretch of text in it, be it content or arguments; each is None
    where it says nothing of the kind. `speaks` is true for events of an answer, `finishes` for those that end one. `id`
    and `created` identify the response.
    """

    call: CallParts | None = None
    text: Slot | None = None
    speaks: bool = False
    finishes: bool = False
    id: Slot | None = None
    created: Slot | None = None


class Run(NamedTuple):
    """Consecutive events of one answer: those before its calls, those of each call (its opening first), those after.

    Events that belong to no answer are a run with `before` alone.
    """

    before: Events
    calls: list[Events]
    after: Events

    def joined(self) -> Events:
        """All events in order."""
        return [*self.before, *[event for call in self.calls for event in call], *self.after]


class Framing(NamedTuple):
    """How an API's events become bytes: the content type of its streams, and one event ⇄ its bytes.

    `read` gives None for bytes that carry no JSON event, such as `[DONE]`. `is_sse` is true for server-sent events.
    `arguments` finds the first character of a piece of arguments in the bytes of an event.
    """

    content_type: str
    is_sse: bool
    write: Callable[[JsonObject], bytes]
    read: Callable[[bytes], JsonObject | None]
    arguments: re.Pattern[bytes]
    end: bytes = b""


class Parts(Protocol):
    """The lenses of one API. `api` is its name, as `Fault.api` has it.

    `absent` are faults that this API does not have, by name: why, to complete "it does not exist in …: ".
    """

    api: str
    absent: Mapping[str, str]
    framing: Framing

    def body(self, body: JsonObject, /) -> BodyParts:
        """The parts of a body."""

    def event(self, event: JsonObject, /) -> EventParts:
        """The parts of an event."""

    def runs(self, events: Events, /) -> list[Run]:
        """The events of a stream by answer and call; events that say several things at once are taken apart."""

    def sequenced(self, events: Events, /) -> Events:
        """The events with the numbers that the API gives them in order, where it numbers them."""

    def opened_again(self, opening: JsonObject, event: JsonObject, /) -> Events:
        """A later event of a call, saying again who the call is."""

    def whole(self, call: Events, /) -> Events:
        """The events of a call in as few as the API's form allows, its arguments in one piece."""

    def empty(self, event: JsonObject, /) -> Sequence[JsonObject]:
        """Events like this one that say nothing, in the forms that the API allows."""

    def finish_word(self, word: FinishWord, /) -> str:
        """A finish reason in the API's spelling."""

    def error_events(self, message: str, /) -> Events:
        """The events with which a stream tells that the server failed."""

    def assembled(self, events: Events, /) -> JsonObject:
        """The body that the events of a stream add up to.

        Raises:
            ValueError: they are not the events of an answer; the message says what is missing.
        """

    def streamed(self, body: JsonObject, /) -> Events:
        """The events that say a body, each call and each text whole."""
