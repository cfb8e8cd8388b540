"""Scenario, turn and rule: what the model says, written down."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from mockserver.chat import AS_WRITTEN, ApiError, ChatRequest, Message, Reply, Tool, ToolCall
from mockserver.scenario import placeholders
from mockserver.scenario.when import When

if TYPE_CHECKING:
    from mockserver.faults import FaultSpec
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mockserver.faults import FaultSpec
from pathlib import PurePath

Order = Literal["conversation", "arrival"]
Say = Reply | ApiError | Callable[[ChatRequest], Any | Awaitable[Any]]

FORMAT = 1
"""The form in which recordings are written; a file of a newer one is refused."""

ALLOWED = "a text, a call, a list of calls (parallel), a Reply, an error from refuse(), or a function of the request"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written; lines and columns count from 1."""

    file: str | None
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file or '<text>'}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Recording:
    """Where a recorded scenario comes from.

    `recorded` is the time at which the recording was begun, as text. `personal` says that personal data in it are
    pseudonyms, and are only told apart when requests are compared.
    """

    recorded: str = ""
    upstream: str = ""
    personal: bool = False
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Turn:
    """One scripted reply at its place in a conversation, said `times` times in a row when its condition holds.

    `fault` names what shall go wrong, as on the command line: `stall:seconds=2; no_done`.
    A recorded turn answers the request that was `heard` and no other, in its own words: they hold no placeholders.

    Raises:
        ValueError: a placeholder in its words can never have a value.
    """

    say: Say
    when: When | None = None
    times: int = 1
    name: str | None = None
    fault: str | None = None
    place: Place | None = field(default=None, compare=False)
    heard: ChatRequest | None = None
    has_placeholders: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "has_placeholders", self.heard is None and _checked(self.say, self.times))


@dataclass(frozen=True, slots=True)
class Rule:
    """A reply for whenever its condition holds and no turn answers; at most `times` times in a session.

    Raises:
        ValueError: a placeholder in its words can never have a value.
    """

    say: Say
    when: When
    times: int | None = None
    name: str | None = None
    fault: str | None = None
    place: Place | None = field(default=None, compare=False)
    has_placeholders: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "has_placeholders", _checked(self.say, self.times))

    @property
    def answers_results(self) -> bool:
        """Whether it may fire right after a tool result: calls for calls' results, unasked, would never end."""
        calls = isinstance(self.say, Reply) and bool(self.say.calls)
        return not calls or self.when.mentions("tool_results")


@dataclass(frozen=True, slots=True)
class Scenario:
    """Named turns and rules; what a scenario file holds.

    `order` says what a turn's place means: "conversation" counts the replies within the request's own history,
    "arrival" the requests of a session. `model` limits the scenario to the models that this glob names. `faults` hold
    for every turn and rule, `profile` names the model's habits, `provider` its way of writing the wire.
    """

    name: str
    about: str = ""
    model: str | None = None
    seed: str | int | None = None
    order: Order = "conversation"
    tools: tuple[Tool, ...] = ()
    turns: tuple[Turn, ...] = ()
    rules: tuple[Rule, ...] = ()
    faults: "tuple[FaultSpec, ...]" = ()
    profile: str | None = None
    provider: str | None = None
    place: Place | None = field(default=None, compare=False)
    recording: Recording | None = None

    def parts(self) -> Iterator[tuple[tuple[str, int], Turn | Rule]]:
        """The turns, then the rules, each with its path in a file."""
        yield from ((("turns", index), turn) for index, turn in enumerate(self.turns))
        yield from ((("rules", index), rule) for index, rule in enumerate(self.rules))


def answered(turn: Turn) -> tuple[Message, ...]:
    """The conversation up to what a recorded turn says, that included; nothing when it says an error."""
    if turn.heard is None or not isinstance(turn.say, Reply):
        return ()
    said = turn.say
    return (*turn.heard.messages, Message("assistant", said.text, tuple(said.calls), refusal=said.refusal))


def as_say(value: Any) -> Say:
    """What a Python user gave as a turn, as something to say.

    Raises:
        TypeError: the value is nothing that can be said.
        ValueError: a reply without a call says that its calls are wrong as written.
    """
    if isinstance(value, str):
        return Reply(value)
    if isinstance(value, ToolCall):
        return Reply(calls=(value,))
    if isinstance(value, Reply | ApiError):
        return _as_written(value) if isinstance(value, Reply) and value.fault == AS_WRITTEN else value
    if isinstance(value, list | tuple) and value and all(isinstance(call, ToolCall) for call in value):
        return Reply(calls=tuple(value))
    if callable(value) and not isinstance(value, type):
        said: Say = value
        return said
    raise TypeError(f"{value!r} cannot be a turn: a turn is {ALLOWED}")


def _as_written(reply: Reply) -> Reply:
    """A reply that is wrong on purpose as a whole: every call of it that says nothing else is."""
    if not reply.calls:
        raise ValueError(f"fault='{AS_WRITTEN}' says that calls are wrong on purpose, and this reply makes none")
    calls = [replace(call, fault=call.fault or AS_WRITTEN) for call in reply.calls]
    return replace(reply, calls=calls, fault=None)


def _checked(say: Say, times: int | None) -> bool:
    """Whether there is anything to fill in, once it is sure that it can be."""
    if times is not None and times < 1:
        raise ValueError(f"times={times}: expected 1 or more")
    if not isinstance(say, Reply):
        return False
    texts = [say.text or "", say.refusal or "", *(call.arguments for call in say.calls if not call.verbatim)]
    for text in texts:
        for path in placeholders.paths(text):
            if mistake := placeholders.mistake(path):
                raise ValueError(mistake)
    return any(placeholders.holds_placeholder(text) for text in texts)


class Found(NamedTuple):
    """A turn or rule that answers, not yet said: results count from message `start` on.

    `line` is the key of the request that a recorded turn answers.
    """

    part: Turn | Rule
    position: int
    start: int
    captures: dict[str, str]
    line: str | None = None


class Match(NamedTuple):
    """What answers a request: its words with placeholders filled in, its label, and where it is written.

    `seed` is the scenario's own. `others` are the labels of what would have answered had this not come first.
    `contradiction` says how the words contradict the request, None when they may be said. `fault` names
    what goes wrong with this turn or rule, `faults` are those that the whole scenario asks for, `profile` its model's
    habits; `faulty` says whether any of these, or the words themselves, name a fault. `provider` is its way of writing
    the wire. `undo` takes back that the turn or rule was used up; None where nothing was, or where it stays so.
    """

    say: Say
    label: str
    place: Place | None = None
    seed: str | int | None = None
    others: tuple[str, ...] = ()
    contradiction: str | None = None
    fault: str | None = None
    faults: "Sequence[FaultSpec]" = ()
    profile: str | None = None
    faulty: bool = False
    provider: str | None = None
    undo: Callable[[], None] | None = None


def names_fault(say: Say) -> bool:
    """Whether words, or one of their calls, name a fault."""
    return isinstance(say, Reply) and (say.fault is not None or any(call.fault for call in say.calls))


def names_of(scenario: Scenario) -> frozenset[str]:
    """What a scenario may be called by: its name, as it is or as a header can hold it, and its file's name."""
    names = {scenario.name, ascii_name(scenario.name)}
    if scenario.place is not None and scenario.place.file is not None:
        file = PurePath(scenario.place.file)
        names |= {file.stem, file.name}
    return frozenset(names)


def ascii_name(name: str) -> str:
    """A name that fits in a header: what is not printable ASCII is percent-encoded."""
    return "".join(
        letter if " " <= letter <= "~" else "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "replace"))
        for letter in name
    )
