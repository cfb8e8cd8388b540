"""Conditions on texts, and on the values of a text that is JSON: contains, equals, matches (RE2), has, bounds, not."""

import json
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from typing import Any, Final

from mockserver.scenario.error_messages import described, listed, nearest, quoted

TEXT_KEYS = ("equals", "contains", "matches", "has", "not")
BOUND_KEYS = ("below", "above", "at_least", "at_most")
NOTHING: Final = object()
"""The value of a text that is not JSON, or at a path that does not exist."""

_UNREAD: Final = object()
_STEP = re.compile(r'"((?:[^"\\]|\\.)*)"|([^."]+)')
_PATH = re.compile(rf"(?:{_STEP.pattern})(?:\.(?:{_STEP.pattern}))*")


class Spoken:
    """A text of the conversation; its case-folded form and its value as JSON are computed once for all conditions."""

    __slots__ = ("_folded", "_value", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._folded: str | None = None
        self._value: Any = _UNREAD

    @property
    def folded(self) -> str:
        """The text without differences of upper and lower case."""
        if self._folded is None:
            self._folded = self.text.casefold()
        return self._folded

    @property
    def value(self) -> Any:
        """The text as JSON; NOTHING where it is not JSON."""
        if self._value is _UNREAD:
            try:
                self._value = json.loads(self.text, parse_constant=_refuse)
            except (ValueError, RecursionError):
                self._value = NOTHING
        return self._value


@dataclass(frozen=True)
class Bounds:
    """A condition on a number; every bound that is present must hold."""

    below: float | None = None
    above: float | None = None
    at_least: float | None = None
    at_most: float | None = None

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "Bounds":
        """Read bounds as scenario files write them: `{at_least: 1, below: 10}`.

        Raises:
            TypeError: there is another key, or a bound is not a number.
        """
        for key, bound in value.items():
            if key not in BOUND_KEYS:
                raise TypeError(f"unknown bound `{key}`.{nearest(str(key), BOUND_KEYS)} Known: {listed(BOUND_KEYS)}.")
            if isinstance(bound, bool) or not isinstance(bound, int | float):
                raise TypeError(f"`{key}` expects a number, found {described(bound)}")
        return cls(**value)

    def holds(self, number: Any) -> bool:
        """Whether a value is a number within the bounds."""
        if isinstance(number, bool) or not isinstance(number, int | float):
            return False
        return (
            (self.below is None or number < self.below)
            and (self.above is None or number > self.above)
            and (self.at_least is None or number >= self.at_least)
            and (self.at_most is None or number <= self.at_most)
        )

    @property
    def data(self) -> dict[str, float]:
        """The bounds that are present, as files write them."""
        present = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {key: bound for key, bound in present if bound is not None}

    def __str__(self) -> str:
        return " and ".join(f"{key.replace('_', ' ')} {bound:g}" for key, bound in self.data.items())


@dataclass(frozen=True)
class Text:
    """A condition on a text; every part of it that is present must hold.

    `contains` looks anywhere and ignores case. `equals` compares the whole text without the blanks around it, case
    kept. `matches` searches with an RE2 pattern, whose named groups are captures. `has` are conditions on values of a
    text that is JSON, each with its path. `no` must not hold.
    """

    contains: str | None = None
    equals: str | None = None
    matches: str | None = None
    no: "Text | None" = None
    has: "tuple[tuple[str, ValueCondition], ...]" = ()

    def __post_init__(self) -> None:
        if self.matches is not None:
            compiled(self.matches)

    @classmethod
    def of(cls, value: Any) -> "Text":
        """Read a condition as scenario files write it: a string (contained), or an object of its keys.

        Raises:
            TypeError: it is neither, or has an unknown key.
            ValueError: a pattern is not one that RE2 can search.
        """
        if isinstance(value, Text):
            return value
        if isinstance(value, str):
            return cls(contains=value)
        if not isinstance(value, Mapping) or not value:
            raise TypeError(f"expected a text or an object with {listed(TEXT_KEYS)}, found {described(value)}")
        for key, part in value.items():
            if key not in TEXT_KEYS:
                raise TypeError(f"unknown key `{key}` in a text condition.{nearest(str(key), TEXT_KEYS)}")
            if key not in ("not", "has") and not isinstance(part, str):
                raise TypeError(f"`{key}` expects a text, found {described(part)}")
        no = cls.of(value["not"]) if "not" in value else None
        has = _read_has(value["has"]) if "has" in value else ()
        return cls(value.get("contains"), value.get("equals"), value.get("matches"), no, has)

    def fits(self, spoken: Spoken) -> bool:
        """Whether the text meets the condition."""
        return (
            (self.contains is None or self._needle in spoken.folded)
            and (self.equals is None or self.equals.strip() == spoken.text.strip())
            and (self.matches is None or compiled(self.matches).search(spoken.text) is not None)
            and (self.no is None or not self.no.fits(spoken))
            and all(condition_holds(condition, value_at(spoken.value, path)) for path, condition in self.has)
        )

    def captures(self, spoken: Spoken) -> dict[str, str]:
        """The named groups of the patterns that took part in the match."""
        found: dict[str, str] = {}
        for path, condition in self.has:
            if isinstance(condition, Text):
                found |= condition.captures(_as_text(value_at(spoken.value, path)))
        match = compiled(self.matches).search(spoken.text) if self.matches is not None else None
        groups = match.groupdict() if match is not None else {}
        return found | {name: text for name, text in groups.items() if text is not None}

    @property
    def names(self) -> frozenset[str]:
        """The names of the groups of all its patterns."""
        own = frozenset(compiled(self.matches).groupindex) if self.matches is not None else frozenset()
        return own.union(*(condition.names for _, condition in self.has if isinstance(condition, Text)))

    def difference(self, spoken: Spoken) -> str:
        """What was there instead: of JSON the first value that does not fit, else the text."""
        for path, condition in self.has:
            value = value_at(spoken.value, path)
            if not condition_holds(condition, value):
                if spoken.value is NOTHING:
                    return f"{quoted(spoken.text)}, which is not JSON"
                return f"no `{path}` in {quoted(spoken.text)}" if value is NOTHING else f"`{path}` is {_shown(value)}"
        return quoted(spoken.text)

    @cached_property
    def _needle(self) -> str:
        return (self.contains or "").casefold()

    def __str__(self) -> str:
        parts = []
        if self.contains is not None:
            parts.append(f"contains {quoted(self.contains)}")
        if self.equals is not None:
            parts.append(f"equals {quoted(self.equals)}")
        if self.matches is not None:
            parts.append(f"matches {quoted(self.matches)}")
        parts += [f"has `{path}` {_in_words(condition)}" for path, condition in self.has]
        if self.no is not None:
            parts.append(f"not ({self.no})")
        return " and ".join(parts)


ValueCondition = Text | Bounds | str | int | float | bool | list[Any] | None
"""What a value must be: equal to a plain one, within bounds, or a text that meets a condition."""


def value_condition(value: Any) -> ValueCondition:
    """Read a condition on a value as scenario files write it: a plain value, bounds, or a text condition.

    Raises:
        TypeError: it is an object of other keys.
    """
    if isinstance(value, Text | Bounds):
        return value
    if not isinstance(value, Mapping):
        plain: ValueCondition = value
        return plain
    if value and all(key in BOUND_KEYS for key in value):
        return Bounds.of(value)
    if value and all(key in TEXT_KEYS for key in value):
        return Text.of(value)
    keys = listed((*BOUND_KEYS, *TEXT_KEYS))
    raise TypeError(f"expected a value or an object with {keys}, found {described(value)}: name inner values by a path")


def condition_holds(condition: ValueCondition, value: Any) -> bool:
    """Whether a value meets a condition; NOTHING meets none."""
    if value is NOTHING:
        return False
    if isinstance(condition, Bounds):
        return condition.holds(value)
    return condition.fits(_as_text(value)) if isinstance(condition, Text) else equal_json(condition, value)


def equal_json(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: 1 equals 1.0, and true does not equal 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal_json, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(equal_json(value, other[key]) for key, value in one.items())
    return bool(one == other)


def json_key(value: Any) -> Hashable:
    """A key that is equal for equal JSON."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, list):
        return tuple(map(json_key, value))
    if isinstance(value, Mapping):
        return frozenset((key, json_key(entry)) for key, entry in value.items())
    key: Hashable = ("text", value) if isinstance(value, str) else value
    return key


def value_at(value: Any, path: str) -> Any:
    """The value at a path such as `owner.city`, `lines.0.price` or `"full name"`; NOTHING where none is."""
    for quoted_key, plain in _STEP.findall(path):
        key = json.loads(f'"{quoted_key}"') if quoted_key else plain
        if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            return NOTHING
    return value


@lru_cache(maxsize=100_000)
def compiled(pattern: str) -> Any:
    """The pattern, ready to search in linear time.

    Raises:
        ValueError: RE2 cannot search it, and why.
    """
    # Imported here: a script of plain texts, the usual case in a test, pays for no regular expressions.
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
        raise ValueError(
            f"the pattern {quoted(pattern)} cannot be used: {reason}. Patterns are RE2's: searched in linear time, "
            "without look-around and back-references"
        ) from None


def is_path(text: str) -> bool:
    """Whether a text is a path into JSON: steps with dots between."""
    return _PATH.fullmatch(text) is not None


def _read_has(value: Any) -> tuple[tuple[str, ValueCondition], ...]:
    if not isinstance(value, Mapping) or not value:
        raise TypeError(f"`has` expects an object of paths, such as {{owner.city: Oslo}}, found {described(value)}")
    for path in value:
        if not is_path(str(path)):
            raise TypeError(
                f"`has`: {quoted(str(path))} is not a path: write keys with dots between, odd ones in quotes"
            )
    return tuple((str(path), value_condition(part)) for path, part in value.items())


def _as_text(value: Any) -> Spoken:
    if value is NOTHING:
        return Spoken("")
    return Spoken(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _in_words(condition: ValueCondition) -> str:
    return str(condition) if isinstance(condition, Text | Bounds) else f"= {_shown(condition)}"


def _shown(value: Any) -> str:
    return quoted(value) if isinstance(value, str) else quoted(json.dumps(value, ensure_ascii=False))[1:-1]


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not JSON")
