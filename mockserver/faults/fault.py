"""`Fault`, an entry of the catalogue: its parameters, its promises, and the context in which it is applied."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from mockserver.chat import ChatRequest
from mockserver.faults.parts import Parts

MOST_CHARACTERS = 10_000_000
"""Characters, bytes or entries that one fault adds, counts off or makes."""

MOST_LEVELS = 100_000
"""Levels of a value that is nested on purpose."""

MOST_TIMES = 1_000
"""Times that the same call is there."""

LONGEST_SECONDS = 86_400.0
"""The longest silence, delay or gap: a day."""

LATEST_SECONDS = 31_536_000.0
"""The latest moment to come again: in a year."""

Read = Callable[[Any], Any]


def text(given: Any) -> str:
    """Any text."""
    return str(given)


def whole_number(least: int, most: int = MOST_CHARACTERS) -> Read:
    """A whole number within bounds."""

    def read(given: Any) -> int:
        text = str(given) if isinstance(given, int | str) and not isinstance(given, bool) else ""
        known = text.isascii() and text.isdecimal() and len(text.lstrip("0")) <= len(str(most))
        if not known or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return read


count, positive = whole_number(0), whole_number(1)


def share(given: Any) -> float:
    """A part of the whole: a number from 0 to 1, or a percentage."""
    try:
        percent = isinstance(given, str) and given.endswith("%")
        found = float(given[:-1]) / 100 if percent else float(given)
    except (ValueError, TypeError):
        found = -1.0
    if isinstance(given, bool) or not 0 <= found <= 1:
        raise ValueError("a number from 0 to 1, or a percentage like 5%")
    return found


def time_up_to(longest: float) -> Read:
    """A time: a number of seconds, or text with `ms` or `s`."""

    def read(given: Any) -> float:
        try:
            if isinstance(given, str) and given.endswith("ms"):
                found = float(given[:-2]) / 1000
            else:
                found = float(given.removesuffix("s") if isinstance(given, str) else given)
        except (ValueError, TypeError, OverflowError):
            found = -1.0
        if isinstance(given, bool) or not 0 <= found <= longest:
            written = "a number of seconds, or text like 50ms or 2s"
            raise ValueError(f"a time from 0 to {longest:.0f} seconds: {written}")
        return found

    return read


seconds = time_up_to(LONGEST_SECONDS)


def flag(given: Any) -> bool:
    """Yes or no."""
    if isinstance(given, bool):
        return given
    if given in ("true", "false"):
        return bool(given == "true")
    raise ValueError("true or false")


def one_of(*choices: str) -> Read:
    """One of a few words."""

    def read(given: Any) -> str:
        if given not in choices:
            raise ValueError(f"one of {', '.join(choices)}")
        return str(given)

    return read


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a fault. `read` makes a value of what was written, or raises ValueError("what was expected")."""

    default: Any
    about: str
    read: Read = text


Layer = Literal["dialogue", "reply", "body", "chunks", "steps"]
"""What a fault changes, in the order in which they are applied.

dialogue, reply: a `Reply`, or an `ApiError` that is said instead of it · body: the completion as a dict, from which the
chunks of a streamed answer are made, too · chunks: a list of dicts, of streamed answers only · steps: a list of `Step`.
"""

LAYERS: tuple[Layer, ...] = ("dialogue", "reply", "body", "chunks", "steps")

Category = Literal[
    "args_schema",
    "args_semantic",
    "name",
    "callset",
    "args_text",
    "envelope",
    "text_call",
    "stream",
    "dialogue",
    "transport",
]

Need = Literal["call", "several calls", "schema", "conversation", "stream", "plain"]
"""What a fault needs of an answer: a call in the reply, two of them, a schema to go by, earlier messages,
a streamed answer, one that is not."""

Promise = Literal["kept", "broken", "open"]
"""What becomes of something that holds for a sound answer: it still holds, it does not, or that depends."""

Invent = Callable[[Any, Any, str], Any]
"""A value for a schema, its references looked up in a root schema, from a seed: the simulated model's, handed in."""


@dataclass(frozen=True, slots=True)
class Promises:
    """What a fault breaks and what it leaves alone; the law test holds every fault to it.

    `parses`: the arguments are JSON objects, strictly read · `validates`: they fit the schema of their tool ·
    `offered`: every name called is that of an offered tool · `ids`: every call has an id of its own ·
    `types`: the body, or every chunk, is what the official SDK's types say · `complete`: the answer comes to its
    proper end: a whole body, or a finish reason and `[DONE]`.
    """

    parses: Promise = "kept"
    validates: Promise = "kept"
    offered: Promise = "kept"
    ids: Promise = "kept"
    types: Promise = "kept"
    complete: Promise = "kept"
    breaks: bool = field(init=False)
    """Whether anything is broken, so that an application may well ask again for a sound answer."""

    def __post_init__(self) -> None:
        promises = (self.parses, self.validates, self.offered, self.ids, self.types, self.complete)
        object.__setattr__(self, "breaks", "broken" in promises)


@dataclass(frozen=True, slots=True)
class Target:
    """Which calls a fault may change (None: any): the nth of the reply, from 1; those of a tool; one parameter."""

    call: int | None = None
    tool: str | None = None
    parameter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a fault is given beside the value: the request, a source of chance of its own, how it was asked for.

    `parts` are the lenses on the API's body and events; faults of what is said need none.
    """

    request: ChatRequest
    chance: Random
    invent: Invent
    parameters: Mapping[str, Any] = field(default_factory=dict)
    target: Target = field(default_factory=Target)
    parts: Parts | None = None

    @property
    def lenses(self) -> Parts:
        """The parts, for a fault of what is sent."""
        assert self.parts is not None, "faults of what is sent are applied with the API's parts"
        return self.parts

    def made_up(self, schema: Any, root: Any) -> Any:
        """A value that fits a schema, drawn anew each time."""
        return self.invent(schema, root, f"{self.chance.random()}")


class DoesNotApply(Exception):
    """The fault cannot be shown in this answer; the message completes "it does not apply here, because …"."""


class NotHere(DoesNotApply):
    """This answer lacks what the fault changes; a fault of the whole server waits for a later one that has it."""


Apply = Callable[[Any, Context], Any]
"""(value of the layer, context) → the changed value; the value given is never changed itself.

Raises:
    DoesNotApply: there is nothing here that the fault could break.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way in which function calling goes wrong.

    `definition` is one sentence, `source` says who was seen doing it, `robust` what a robust application does.
    `impossible` is the reason why a fault that is known can't be produced; None for all that can. `api` names the only
    API in which the fault exists; None for one that means the same in several.
    """

    name: str
    category: Category
    layer: Layer
    definition: str
    apply: Apply
    needs: tuple[Need, ...] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    promises: Promises = field(default_factory=Promises)
    source: str = ""
    robust: str = ""
    impossible: str | None = None
    api: str | None = None
