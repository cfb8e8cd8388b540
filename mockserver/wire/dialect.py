"""A dialect: how one API writes requests, responses and errors. The interface that each API's folder implements.

A dialect is a value that holds functions, so that the pipeline calls them without a layer between. Adding an API is
adding a folder with a module `dialect` that makes one, and naming it in the server's table of APIs (`server/apis.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from mockserver.chat import ApiError, ChatRequest, Reply
from mockserver.steps import Step
from mockserver.wire.identity import Identity
from mockserver.wire.provider import Alteration, Occasion, Provider

if TYPE_CHECKING:
    from mockserver.faults.parts import Parts

JsonObject = dict[str, Any]
Replies = Sequence[Reply]
Headers = Mapping[str, str]


class Held(NamedTuple):
    """The part of a conversation that a request leaves to the server.

    `previous` is the id of the response that it goes on from, `conversation` that of a conversation. Both are None
    where the request holds its history, but names some of it by id alone. `items` are the items that were held;
    where they are gone, `place` is what the id still says: a digest of the scenario and its replies so far; `lost` is
    the error where that scenario does not go on from there.
    """

    previous: str | None = None
    conversation: str | None = None
    items: tuple[JsonObject, ...] = ()
    place: tuple[bytes, int] | None = None
    lost: ApiError | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ParsedRequest:
    """A request as it was understood, with the fingerprint that tells it from every other one, and its tokens.

    `body` is the request as it came, for APIs that echo it in their answers; `held` says what it leaves to the server.
    Compared by identity: equal bodies are parsed once, so that what is found out about one can be kept with it.
    """

    request: ChatRequest
    fingerprint: bytes
    prompt_tokens: int
    body: JsonObject | None = None
    held: Held | None = None


class Parse(Protocol):
    """The bytes of a request → what was asked."""

    def __call__(
        self, body: bytes, *, strict: bool = True, provider: Provider | None = None, occasion: Occasion | None = None
    ) -> ParsedRequest:
        """Parse a body, once what only this provider's clients say is translated.

        `strict` refuses what the API refuses; otherwise only what cannot be answered at all is refused.

        Raises:
            Refused: with the API's status, text, param and code, or the provider's.
        """


class Render(Protocol):
    """Replies → the steps of a sound response."""

    def __call__(
        self, replies: Replies, parsed: ParsedRequest, identity: Identity, headers: Headers, *, time_scale: float = 1.0
    ) -> list[Step]:
        """Everything that will happen on the socket, in order; one reply a choice."""


class Template(Protocol):
    """A plain response that was rendered but for its ids and its moment."""

    def steps(self, identity: Identity, headers: Headers) -> list[Step]:
        """The response under an identity."""


class Refuse(Protocol):
    """An error → the steps of its response."""

    def __call__(
        self,
        error: ApiError,
        headers: Headers,
        *,
        time_scale: float = 1.0,
        provider: Provider | None = None,
        occasion: Occasion | None = None,
    ) -> list[Step]:
        """The response that says an error in the API's shape, or the provider's."""


class Frame(Protocol):
    """A plain value or the events of a stream → the steps that send them."""

    def __call__(
        self, value: JsonObject | list[JsonObject], headers: Headers, pauses: Sequence[float], alteration: Alteration
    ) -> list[Step]:
        """A dict is a whole body, a list the events of a stream; `pauses` are the seconds before each event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One API's wire.

    `name` is that of the folder, of the journal and of `api` in scenarios; `title` is how people call it.

    `render` writes a sound response in the quickest way, and `template` prepares one for requests that come again
    (None for streams, waits and recorded answers); `body`, `events` and `frame` do the same in the three stages between
    which providers and faults change it. `adopt` gives replies the ids of a provider, or the error that it says
    instead; `complete` gives a reply as it went out, for the journal. `parts` gives the lenses through which faults see
    a body and its events; it is called when there are faults.

    What follows has a default: OpenAI's way. `reads_address`: `parse` needs an occasion, which holds path, query and
    headers of the request. `providers` are the manners that this API has, by name; any other changes nothing.
    `headers` are those of a response, from its identity, its status, and OpenAI's headers of rate limits.
    `unauthorized` is the error for a key ("" for none) that does not open the server, `unknown_model` the one for a
    model that is not served.
    """

    name: str
    title: str
    parse: Parse
    render: Render
    template: Callable[[Replies, ParsedRequest], Template | None]
    refuse: Refuse
    adopt: Callable[[Replies, Provider, Occasion], tuple[Reply, ...] | ApiError]
    body: Callable[[Replies, ParsedRequest, Identity, Alteration], JsonObject]
    events: Callable[[JsonObject, Replies, ParsedRequest, Alteration], list[JsonObject]]
    frame: Frame
    complete: Callable[[Reply, ParsedRequest, Identity], Reply]
    parts: "Callable[[], Parts]"
    reads_address: bool = False
    providers: Mapping[str, Provider] = field(default_factory=dict)
    headers: Callable[[Identity, int, Headers], dict[str, str]] | None = None
    unauthorized: Callable[[str], ApiError] | None = None
    unknown_model: Callable[[str], ApiError] | None = None
