"""What a provider is: a name, and a function for each part of the wire that it writes, or reads, in its own way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from mockserver.chat import ApiError, ChatRequest, Reply
from mockserver.wire.identity import Identity

if TYPE_CHECKING:
    from mockserver.faults import Injection, Layer
    from mockserver.faults.parts import Parts

JsonObject = dict[str, Any]
Chunks = list[JsonObject]
Headers = dict[str, str]
Value = TypeVar("Value")


class Occasion(NamedTuple):
    """What a provider may know of the request that it answers.

    `path` is the path that was asked for, `given` the request's headers, `identity` the source of ids and invented
    values, `request` the question (None where it could not be understood, or is none), `usage` what the answer cost,
    `query` the query string of the path, as it came.
    """

    path: str
    given: Mapping[str, str]
    identity: Identity
    request: ChatRequest | None = None
    usage: JsonObject | None = None
    query: str = ""


@dataclass(frozen=True, slots=True)
class Manner:
    """A provider's way in words, for the table of providers; "" where it is OpenAI's."""

    ids: str = ""
    index: str = ""
    arguments: str = ""
    content: str = ""
    stream: str = ""
    finish: str = ""
    extras: str = ""
    thinking: str = ""
    errors: str = ""
    requests: str = ""


Style = Callable[[str, int, str, Occasion], str]
"""(the 24 letters and digits of the id that OpenAI would give, the call's place, its name, occasion) → its id."""


class ThinkingForm(NamedTuple):
    """How a provider shows what the model thought.

    Both functions take an object in which the thinking stands as `reasoning_content`, a text: `message` the message
    of a plain answer, `delta` a delta that brings a piece of it. They give the object in the provider's form.
    """

    message: Callable[[JsonObject], JsonObject]
    delta: Callable[[JsonObject], JsonObject]


@dataclass(frozen=True, slots=True)
class Provider:
    """A way to write the wire. Each function takes what OpenAI would send and gives what this provider sends.

    * `hear(data, occasion)`: a request as this provider's clients send it → one that OpenAI would take; raises Refused.
    * `refuse(reply, occasion)`: the error that this provider says instead of such a reply, or None.
    * `ids(letters, place, name, occasion)`: the id of a call.
    * `thinking`: how what the model thought is shown; None where it is only counted.
    * `said(body, occasion)`: a completion as far as its messages go; what is streamed is made of it too.
    * `body(body, occasion)`: the rest of a plain completion.
    * `chunks(chunks, occasion)`: all chunks of a streamed one, without the closing `[DONE]`; there may be more or
      fewer of them afterwards.
    * `error(body, status, occasion)`: the body of an error, `{"error": {…}}` at OpenAI.
    * `headers(headers, body, occasion)`: the headers of any answer, in lower case; `body` is the finished body, or
      None for a stream.

    What is None stays as it is. The functions may change what they are given. `opening` are the bytes that a stream
    begins with; `faults` are faults of the catalogue that this provider shows at some rate; `source` says who saw it;
    `lists_openly`: the list of models needs no key.
    """

    name: str
    about: str
    source: str = ""
    manner: Manner = field(default_factory=Manner)
    hear: Callable[[JsonObject, Occasion], JsonObject] | None = None
    refuse: Callable[[Reply, Occasion], ApiError | None] | None = None
    ids: Style | None = None
    thinking: ThinkingForm | None = None
    said: Callable[[JsonObject, Occasion], JsonObject] | None = None
    body: Callable[[JsonObject, Occasion], JsonObject] | None = None
    chunks: Callable[[Chunks, Occasion], Chunks] | None = None
    error: Callable[[JsonObject, int, Occasion], JsonObject] | None = None
    headers: Callable[[Headers, JsonObject | None, Occasion], Headers] | None = None
    opening: bytes = b""
    faults: tuple[str, ...] = ()
    lists_openly: bool = False

    alters: bool = field(init=False, compare=False)
    """Whether answers are written in another way than OpenAI's."""
    speaks: bool = field(init=False, compare=False)
    """Whether there are ids, or refusals, of its own."""

    def __post_init__(self) -> None:
        alters = any((self.thinking, self.said, self.body, self.chunks, self.headers, self.opening))
        object.__setattr__(self, "alters", alters)
        object.__setattr__(self, "speaks", self.ids is not None or self.refuse is not None)


OPENAI = Provider(
    "openai",
    "OpenAI itself: nothing is rewritten",
    manner=Manner(
        ids="`call_` and 24 letters and digits",
        index="in streams only",
        arguments="text; `{}` for none",
        content="null",
        stream="a call's head, then its arguments in pieces",
        finish="`tool_calls`; `stop` for a named choice (gpt-4o and older)",
        thinking="not shown; its tokens are counted",
        errors='`{"error": {"message", "type", "param", "code"}}`',
    ),
)


class Alteration(NamedTuple):
    """In whose manner a response is written, on which occasion, and what goes wrong with it."""

    provider: Provider = OPENAI
    occasion: Occasion | None = None
    injection: "Injection | None" = None

    @property
    def layers(self) -> "frozenset[Layer]":
        """The layers that a fault is to change."""
        return self.injection.layers if self.injection is not None else frozenset()

    def apply(self, layer: "Layer", value: Value, parts: "Callable[[], Parts]") -> "tuple[Value, Alteration]":
        """The value of a layer with the faults that are due in it, and the alteration that knows which they were."""
        if self.injection is None or layer not in self.layers:
            return value, self
        changed, injection = self.injection.apply(value, layer, parts=parts())
        return changed, self._replace(injection=injection)
