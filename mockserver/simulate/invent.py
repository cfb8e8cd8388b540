"""Invention: a believable value for a schema, from a seed: generated, validated, tried again, within bounds."""

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from mockserver.simulate.bounds import CHARACTERS_A_VALUE, CUT, DEEPEST, MOST_VALUES, TooMuch
from mockserver.simulate.generate_containers import array, branches, mapping, merged
from mockserver.simulate.generate_scalars import Position, number, text
from mockserver.simulate.mini_schema import judge
from mockserver.simulate.roles import role_of
from mockserver.simulate.schema_repair import JsonSchema, resolve, types_of

NOBODY = "nobody@example.invalid"
_TRIES = 24
_FLAT = 8
"""From so deep on null is chosen where it is allowed."""

_CHECKED = frozenset(
    (
        *("not", "oneOf", "anyOf", "if", "contains", "pattern", "multipleOf", "uniqueItems", "propertyNames"),
        *("dependentSchemas", "minProperties", "patternProperties", "unevaluatedProperties"),
    )
)
_CHOICES = ("anyOf", "oneOf", "if", "allOf")
_MEANS = {
    "number": frozenset({"minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"}),
    "array": frozenset({"minItems", "maxItems", "contains", "uniqueItems"}),
    "object": frozenset({"required", "minProperties", "patternProperties", "additionalProperties"}),
}
_OPEN = ("string", "integer", "object", "array", "boolean", "null")
_TEXTS: Mapping[str, tuple[str, ...]] = {
    "command": ("true", ""),
    "source": ("", "true"),
    "path": ("unnamed",),
    "email": (NOBODY,),
    "recipient": (NOBODY,),
    "sql": ("SELECT 1", ""),
    "url": ("https://example.invalid/",),
    "phone": ("+10000000000",),
}
_LEAST = frozenset({"money", "count", "duration"})


class _TooDeep(Exception):
    """This way leads deeper than `DEEPEST`; another choice may not."""


class _Spent(Exception):
    """All values that may be made up are. It holds the place."""


def invent(
    schema: JsonSchema, root: JsonSchema, seed: str, given: Mapping[str, Any] | None = None, owner: str | None = None
) -> Any:
    """A value for a schema, the same for the same seed; `given` are properties whose values stand already.

    `owner` is what a tool says of itself whose arguments somebody may act on: then nothing is made up that does harm.
    No value fits a schema without an end, one that requires itself: then it is the first levels of one.

    Raises:
        TooMuch: the schema asks for more than `bounds` allow.
    """
    try:
        return _invented(_Invention(root, owner), schema, seed, given or {})
    except _TooDeep:
        return _invented(_Invention(root, owner, cut=True), schema, seed, given or {})


def _invented(invention: "_Invention", schema: JsonSchema, seed: str, given: Mapping[str, Any]) -> Any:
    try:
        return invention.checked(schema, Position("", 0, 0, seed, Random(0), "$"), given)
    except _Spent as spent:
        if invention.finished:
            return invention.finished[-1]
        many = f"{MOST_VALUES} values, or {MOST_VALUES * CHARACTERS_A_VALUE} characters"
        raise TooMuch("", f"with it the schema asks for more than {many}", str(spent)) from None


class _Invention:
    """One invention: the schema that references point into, and how much may still be made up.

    `finished` holds the last whole value that was made, though it did not fit. With `cut` what is deeper is null.
    """

    def __init__(self, root: JsonSchema, owner: str | None, *, cut: bool = False) -> None:
        self._cut = cut
        self.finished: list[Any] = []
        self._root = root
        self._owner = owner
        self._left = MOST_VALUES
        self._judges: dict[int, tuple[object, Callable[[Any], bool]]] = {}

    def checked(self, schema: JsonSchema, at: Position, given: Mapping[str, Any]) -> Any:
        """A value that was found valid, or the last one tried."""
        schema = resolve(schema, self._root)
        if schema is False:
            return None
        if at.depth > (CUT if self._cut else DEEPEST):
            if self._cut:
                return None
            raise _TooDeep
        if not isinstance(schema, dict):
            schema = {}
        fits = self._judge(schema) if at.depth == 0 or not _CHECKED.isdisjoint(schema) else None
        value: Any = None
        for attempt in range(_TRIES):
            chance = Random(f"{at.seed}/{attempt}".encode("utf-8", "surrogatepass"))
            try:
                value = self._value(schema, at._replace(attempt=attempt, chance=chance), given)
            except _TooDeep:
                if attempt == _TRIES - 1 or not any(key in schema for key in _CHOICES):
                    raise
                continue
            if at.depth == 0:
                self.finished[:] = (value,)
            if fits is None or fits(value):
                break
        return value

    def _value(self, schema: dict[str, Any], position: Position, given: Mapping[str, Any]) -> Any:
        self._spend(1 + len(position.name) // CHARACTERS_A_VALUE, position)
        for branch in branches(schema, self._root, position):
            schema = merged(schema, branch)
        ready = () if given else self._ready(schema, position)
        if ready:
            self._spend(_length(ready[0]) // CHARACTERS_A_VALUE, position)
            return ready[0]
        try:
            made = self._made(schema, position, given)
        except TooMuch as error:
            raise error.at(position.place) from None
        self._spend(len(made) // CHARACTERS_A_VALUE if isinstance(made, str) else 0, position)
        return made

    def _spend(self, values: int, position: Position) -> None:
        self._left -= values
        if self._left < 0:
            raise _Spent(position.place)

    def _judge(self, schema: dict[str, Any]) -> Callable[[Any], bool]:
        """What judges a schema; the schema is kept beside it, so that its id stays its own."""
        found = self._judges.get(id(schema))
        if found is None:
            found = self._judges[id(schema)] = (schema, judge(schema, self._root))
        return found[1]

    def _ready(self, schema: dict[str, Any], position: Position) -> tuple[Any, ...]:
        """A value that the application wrote itself: the only one, its default, its examples, its choices."""
        if "const" in schema:
            return (schema["const"],)
        if self._owner is not None and "enum" not in schema and "default" not in schema:
            role = (
                role_of(position.name, str(schema.get("description", "")), schema, self._owner) if position.name else ""
            )
            fits = self._judge(schema)
            safe = tuple(value for value in harmless(role, schema, _kind(schema, position)) if fits(value))
            if safe:
                return safe
        written = [schema[key] for key in ("default", "example") if schema.get(key) is not None]
        written += schema["examples"] if isinstance(schema.get("examples"), list) else []
        if written and position.attempt < 2:
            fits = self._judge(schema)
            fitting = next((value for value in written if fits(value)), None)
            if fitting is not None:
                return (fitting,)
        return (position.chance.choice(schema["enum"]),) if schema.get("enum") else ()

    def _made(self, schema: dict[str, Any], position: Position, given: Mapping[str, Any]) -> Any:
        def below(part: JsonSchema, name: str, step: str, salt: str, known: Mapping[str, Any]) -> Any:
            seed, place = f"{position.seed}.{salt}", f"{position.place}{step}"
            return self.checked(part, Position(name, position.depth + 1, 0, seed, position.chance, place), known)

        kind = "object" if given else _kind(schema, position)
        if kind == "object":
            return mapping(schema, position, given, below)
        if kind == "array":
            return array(schema, position, below)
        role = role_of(position.name, str(schema.get("description", "")), schema)
        if kind in ("integer", "number"):
            return number(schema, position, role, kind == "integer")
        if kind == "string":
            return text(schema, position, role)
        return None if kind == "null" else position.attempt % 2 == 1


def _length(value: Any) -> int:
    """About how long a value is when it is written."""
    if isinstance(value, str):
        return len(value)
    return len(json.dumps(value, default=str)) if isinstance(value, list | dict) else 0


def _kind(schema: dict[str, Any], position: Position) -> str:
    """The type to try: the one that the schema names, means or leaves open, another one at later attempts."""
    kinds = types_of(schema)
    if not kinds:
        meant = [kind for kind, keys in _MEANS.items() if not keys.isdisjoint(schema)]
        kinds = ("object",) if position.depth == 0 else tuple(meant[:1]) or _OPEN[position.attempt // 2 % len(_OPEN) :]
    if position.depth >= _FLAT and "null" in kinds:
        return "null"
    return kinds[min(position.attempt // 4, len(kinds) - 1)] if len(kinds) < len(_OPEN) else kinds[0]


def harmless(role: str, schema: Mapping[str, Any], kind: str) -> tuple[Any, ...]:
    """The values that do no harm for a role, the best first; empty where any value does none."""
    if kind == "string":
        if schema.get("format") in ("email", "idn-email"):
            return (NOBODY,)
        return _TEXTS.get(role, ())
    if kind in ("integer", "number") and role in _LEAST:
        return (_least(schema, kind == "integer"),)
    return ()


def _least(schema: Mapping[str, Any], whole: bool) -> int | float:
    """The least number that a schema allows; 0 where it sets no limit."""
    low = schema.get("minimum")
    above = schema.get("exclusiveMinimum")
    if above is not None and (low is None or above >= low):
        low = above + 1 if whole else above + 0.01
    least: int | float = 0 if low is None else low
    return int(least) if whole and least == int(least) else least
