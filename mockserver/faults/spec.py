"""Fault specs: parser of `NAME[:key=value,…]`, a fault with its parameters and its conditions."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from mockserver.errors import MockServerError
from mockserver.faults.fault import Fault, Parameter, Target, flag, positive, share, text

_PAIRS = re.compile(r"""\s*(?P<key>[^=,;\s]+)\s*(?:=\s*(?P<value>"[^"]*"|[^,;]*?)\s*)?(?:,|$)""")
_APART = re.compile(r""";(?=(?:[^"]*"[^"]*")*[^"]*$)""")

WHEN: Mapping[str, Parameter] = {
    "rate": Parameter(
        None, "the share of answers that it happens to where it can, drawn from the seed: 0.2 or 20%", share
    ),
    "once": Parameter(False, "happens once per session", flag),
    "attempts": Parameter(None, "happens to that many first attempts of the same request", positive),
    "turn": Parameter(None, "happens in that turn of a conversation, from 1", positive),
    "call": Parameter(None, "changes that call of the reply, from 1", positive),
    "tool": Parameter(None, "changes calls of that tool", text),
    "parameter": Parameter(None, "changes that parameter: a name, or a path like order.lines.0.price", text),
}
"""The keys that every fault takes; they say when it happens and what it changes."""


class UnknownFault(MockServerError, ValueError):
    """No fault is called like this, or it takes no such parameter; the message names what is nearest."""

    code = "unknown_fault"


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """A fault as it was asked for."""

    fault: Fault
    parameters: Mapping[str, Any] = field(default_factory=dict)
    rate: float | None = None
    once: bool = False
    attempts: int | None = None
    turn: int | None = None
    target: Target = field(default_factory=Target)
    written: str = field(init=False, repr=False, compare=False)
    """As it would be written: `NAME[:key=value,…]`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "written", self._spelled())

    @property
    def name(self) -> str:
        """The fault's name."""
        return self.fault.name

    def __str__(self) -> str:
        return self.written

    def _spelled(self) -> str:
        when = {"rate": self.rate, "once": self.once or None, "attempts": self.attempts, "turn": self.turn}
        target = {"call": self.target.call, "tool": self.target.tool, "parameter": self.target.parameter}
        defaults = {key: parameter.default for key, parameter in self.fault.parameters.items()}
        given = {key: value for key, value in self.parameters.items() if value != defaults[key]}
        written = [
            f"{key}={_written(value)}" for key, value in {**given, **when, **target}.items() if value is not None
        ]
        return f"{self.name}:{','.join(written)}" if written else self.name


def fault_spec(name: str, **given: Any) -> FaultSpec:
    """A fault by its name, its parameters and the keys of WHEN.

    Raises:
        UnknownFault: the fault does not exist, or does not take such a parameter or value.
    """
    # Deferred: the whole catalogue costs a start more than a server without faults should pay.
    from mockserver.faults.catalogue import CATALOGUE

    fault = CATALOGUE.get(name)
    if fault is None:
        raise UnknownFault(f"No fault is called '{name}'.{_nearest(name, CATALOGUE)}")
    known = {**fault.parameters, **WHEN}
    values = {key: _value(fault, key, value, known) for key, value in given.items()}
    own = {key: values.pop(key, parameter.default) for key, parameter in fault.parameters.items() if key not in WHEN}
    target = Target(*(values.pop(key, None) for key in ("call", "tool", "parameter")))
    return FaultSpec(fault, own, target=target, **values)


def parse(written: str) -> tuple[FaultSpec, ...]:
    """The faults of a text `NAME[:key=value,…][; NAME …]`.

    Raises:
        UnknownFault: a name, a parameter or a value is unknown.
    """
    return tuple(_one(part.strip()) for part in _APART.split(written) if part.strip())


def specs_of(value: Any) -> tuple[FaultSpec, ...]:
    """The faults of a text, of a mapping with `name`, or of a list of these, as files and control requests hold them.

    Raises:
        UnknownFault: a name, a parameter or a value is unknown, or it is written in another way.
    """
    if isinstance(value, str):
        return parse(value)
    if isinstance(value, Mapping) and isinstance(value.get("name"), str):
        return (fault_spec(**{str(key): entry for key, entry in value.items()}),)
    if isinstance(value, list | tuple):
        return tuple(one for entry in value for one in specs_of(entry))
    raise UnknownFault("A fault is a text like 'stall:seconds=5', or an object with a name: {name: stall, seconds: 5}.")


def _one(written: str) -> FaultSpec:
    name, _, rest = written.partition(":")
    return fault_spec(name.strip(), **dict(_pairs(name.strip(), rest)))


def _pairs(name: str, written: str) -> Iterator[tuple[str, str]]:
    place = 0
    written = written.strip()
    while place < len(written):
        pair = _PAIRS.match(written, place)
        if pair is None:
            raise UnknownFault(f"'{name}:{written}': expected key=value pairs with commas between them.")
        value = pair["value"]
        yield pair["key"], "true" if value is None else value.strip('"') if value[:1] == '"' else value
        place = pair.end()


def _value(fault: Fault, key: str, value: Any, known: Mapping[str, Parameter]) -> Any:
    if key not in known:
        raise UnknownFault(f"The fault '{fault.name}' has no parameter '{key}'.{_nearest(key, known)}")
    try:
        return known[key].read(value)
    except ValueError as expected:
        raise UnknownFault(f"The fault '{fault.name}': {key}={value}: expected {expected}.") from None


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    near = get_close_matches(name, known, 3, 0.5) or [other for other in known if name and name in other][:3]
    if near:
        return f" Nearest: {', '.join(near)}."
    return f" Known: {', '.join(known)}." if len(known) <= 12 else " `mockserver faults` lists them all."


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f'"{text}"' if any(mark in text for mark in ",;") else text
