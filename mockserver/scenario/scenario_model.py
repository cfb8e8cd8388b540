"""The model of a scenario: `Scenario`, `Turn`, `Rule`, and what answers a request (`Found`, `Match`)."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mockserver.chat import ApiError, ChatRequest, Message, Reply, Tool
from mockserver.scenario import placeholders
from mockserver.scenario.condition_keys import Failure
from mockserver.scenario.match_view import MatchView
from mockserver.scenario.when import When

if TYPE_CHECKING:
    from mockserver.faults import FaultSpec

Order = Literal["conversation", "arrival"]
Say = Reply | ApiError | Callable[[ChatRequest], Any | Awaitable[Any]]

FORMAT = 1
"""The format of recordings; files with a newer one are refused."""


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file; lines and columns count from 1."""

    file: str | None
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file or '<text>'}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Recording:
    """Where a recorded scenario comes from.

    `recorded` is the time at which the recording was begun, as text. `personal` says that personal data in it are
    pseudonyms, and are only told apart when requests are compared. `ignore` has the paths and patterns
    (`scenario.ignored_parts`) that are not compared.
    """

    recorded: str = ""
    upstream: str = ""
    personal: bool = False
    format: int = FORMAT
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One scripted reply at its place in a conversation, said `times` times in a row when its condition holds.

    `fault` names what shall go wrong, as on the command line: `stall:seconds=2; no_done`.
    A recorded turn answers the request that was `heard` and no other, in its own words: they hold no placeholders.
    `either` are alternatives at one place, each a turn of its own; the first whose condition holds is said, and `say`
    is that of the first. `Turn.either_of` makes such a turn.

    Raises:
        ValueError: a placeholder in its words can never have a value.
    """

    say: Say
    when: When | None = None
    _: KW_ONLY
    either: "tuple[Turn, ...]" = ()
    times: int = 1
    name: str | None = None
    fault: str | None = None
    place: Place | None = field(default=None, compare=False)
    heard: ChatRequest | None = None
    has_placeholders: bool = field(init=False, compare=False)
    has_fault: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "has_fault", self.fault is not None or names_fault(self.say))
        object.__setattr__(self, "has_placeholders", self.heard is None and _checked(self.say, self.times))

    @classmethod
    def either_of(cls, *alternatives: "Turn", when: When | None = None, times: int = 1, **more: Any) -> "Turn":
        """A turn with alternatives at one place; the first whose `when` holds is said.

        Raises:
            ValueError: there is no alternative.
        """
        if not alternatives:
            raise ValueError("expected one alternative or more")
        return cls(alternatives[0].say, when, either=alternatives, times=times, **more)

    @property
    def conditions(self) -> tuple[When, ...]:
        """Its own condition, and those of its alternatives."""
        return tuple(part.when for part in (self, *self.either) if part.when is not None)

    @property
    def opening(self) -> When | None:
        """The condition at which a scenario opens whose first turn this is."""
        whens = [part.when for part in self.either]
        if self.either and (self.when is None or not self.when.any_of) and None not in whens:
            return replace(self.when or When(), any_of=tuple(when for when in whens if when is not None))
        return self.when

    @property
    def replies(self) -> tuple[Say, ...]:
        """What it may say: the reply, or that of each alternative."""
        return tuple(part.say for part in self.either) or (self.say,)

    def mentions(self, *fields: str) -> bool:
        """Whether one of its conditions uses one of these fields."""
        return any(when.mentions(*fields) for when in self.conditions)

    def alternative(self, view: MatchView) -> int | None:
        """The number of the alternative that answers; None where none does, or the turn has none."""
        for number, part in enumerate(self.either):
            if part.when is None or part.when.holds(view):
                return number
        return None

    def failures(self, view: MatchView, *, opened: bool = False) -> tuple[Failure, ...]:
        """The conditions that do not hold; its own does not count once it has `opened` the scenario."""
        own = self.when.failures(view) if self.when is not None and not opened else ()
        if own or not self.either or self.alternative(view) is not None:
            return own
        failing = [(number, part.when.failures(view)) for number, part in enumerate(self.either) if part.when]
        number, failures = min(failing, key=lambda each: len(each[1]))
        return tuple(replace(failure, condition=f"either[{number}].{failure.condition}") for failure in failures)

    def captures(self, view: MatchView, opening: MatchView | None = None) -> dict[str, str]:
        """What its conditions catch; its own is judged at the `opening` where it opened the scenario."""
        found = self.when.captures(opening or view) if self.when is not None else {}
        number = self.alternative(view)
        when = self.either[number].when if number is not None else None
        return found | when.captures(view) if when is not None else found


@dataclass(frozen=True, slots=True)
class Rule:
    """A reply for whenever its condition holds and no turn answers; at most `times` times in a session.

    Raises:
        ValueError: a placeholder in its words can never have a value.
    """

    say: Say
    when: When
    _: KW_ONLY
    times: int | None = None
    name: str | None = None
    fault: str | None = None
    place: Place | None = field(default=None, compare=False)
    has_placeholders: bool = field(init=False, compare=False)
    has_fault: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "has_fault", self.fault is not None or names_fault(self.say))
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
    "arrival" the requests of a session. `model` limits the scenario to the models that this glob names, `api` to the
    requests of one API. `faults` hold for every turn and rule, `profile` names the model's habits, `provider` its way
    of writing the wire.
    """

    name: str
    _: KW_ONLY
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
    api: str | None = None

    def parts(self) -> Iterator[tuple[tuple[str | int, ...], Turn | Rule]]:
        """The turns (of those with alternatives, each of these), then the rules, each with its path in a file."""
        for index, turn in enumerate(self.turns):
            if not turn.either:
                yield ("turns", index), turn
            yield from ((("turns", index, "either", number), part) for number, part in enumerate(turn.either))
        yield from ((("rules", index), rule) for index, rule in enumerate(self.rules))


def answered(turn: Turn) -> tuple[Message, ...]:
    """The conversation up to what a recorded turn says, that included; nothing when it says an error."""
    if turn.heard is None or not isinstance(turn.say, Reply):
        return ()
    said = turn.say
    return (*turn.heard.messages, Message("assistant", said.text, tuple(said.calls), refusal=said.refusal))


class Found(NamedTuple):
    """A turn or rule that answers, not yet said: results count from message `start` on.

    `line` is the key of the request that a recorded turn answers. `alternative` is the number of the turn's alternative
    that `part` is.
    """

    part: Turn | Rule
    position: int
    start: int
    captures: dict[str, str]
    line: str | None = None
    alternative: int | None = None

    @classmethod
    def of_turn(
        cls, turn: Turn, index: int, alternative: int | None, start: int, captures: dict[str, str]
    ) -> "Found | None":
        """A turn that answers, or the alternative of it that does; None where none of them does."""
        if not turn.either:
            return cls(turn, index, start, captures)
        return None if alternative is None else cls(turn.either[alternative], index, start, captures, None, alternative)

    def replies(self, request: ChatRequest) -> int:
        """The replies since the scenario opened, with this one; 0 for a rule. Responses write the number into ids."""
        if isinstance(self.part, Rule):
            return 0
        return 1 + sum(1 for message in request.messages[self.start :] if message.role == "assistant")


class Match(NamedTuple):
    """What answers a request: its words with placeholders filled in, its label, and where it is written.

    `seed` is the scenario's own. `others` are the labels of what would have answered had this not come first.
    `contradiction` says how the words contradict the request, None when they may be said. `fault` names
    what goes wrong with this turn or rule, `faults` are those that the whole scenario asks for, `profile` its model's
    habits; `faulty` says whether any of these, or the words themselves, name a fault. `provider` is its way of writing
    the wire. `undo` takes back that the turn or rule was used up; None where nothing was, or where it stays so.
    `replies` are those since the scenario opened, this one included; 0 for rules, and where nobody asks for it.
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
    replies: int = 0


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


def _checked(say: Say, times: int | None) -> bool:
    """Whether a reply holds placeholders; `times` and each placeholder are checked."""
    if times is not None and times < 1:
        raise ValueError(f"times={times}: expected 1 or more")
    if not isinstance(say, Reply):
        return False
    said = (say.text, say.refusal, say.thinking, *(call.arguments for call in say.calls if not call.verbatim))
    texts = [text for text in said if text]
    for text in texts:
        for path in placeholders.paths(text):
            if mistake := placeholders.mistake(path):
                raise ValueError(mistake)
    return any(placeholders.holds_placeholder(text) for text in texts)
