"""Invention: a believable value that a schema allows, from a seed: generated, checked, tried again, within bounds."""

from collections.abc import Mapping
from random import Random
from typing import Any

from mockserver.simulate.generate_arrays import array
from mockserver.simulate.generate_numbers import number
from mockserver.simulate.generate_objects import mapping
from mockserver.simulate.generate_text import text
from mockserver.simulate.harmless import harmless
from mockserver.simulate.merge import branches, merged
from mockserver.simulate.roles import role_of
from mockserver.simulate.schema import JsonSchema, judge, resolve, types_of
from mockserver.simulate.spot import Spot

_DEEPEST = 16
_TRIES = 24
_MOST_STEPS = 4000
_CHECKED = frozenset(
    (
        *("not", "oneOf", "anyOf", "if", "contains", "pattern", "multipleOf", "uniqueItems", "propertyNames"),
        *("dependentSchemas", "minProperties", "patternProperties", "unevaluatedProperties"),
    )
)
_MEANS = {
    "number": frozenset({"minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"}),
    "array": frozenset({"minItems", "maxItems", "contains", "uniqueItems"}),
    "object": frozenset({"required", "minProperties", "patternProperties", "additionalProperties"}),
}
_OPEN = ("string", "integer", "object", "array", "boolean", "null")


def invent(
    schema: JsonSchema, root: JsonSchema, seed: str, given: Mapping[str, Any] | None = None, owner: str | None = None
) -> Any:
    """A value for a schema, the same for the same seed; `given` are properties whose values stand already.

    `owner` is what a tool says of itself whose arguments somebody may act on: then nothing is made up that does harm.
    """
    return _Invention(root, owner).checked(schema, "", 0, seed, given or {})


class _Invention:
    """One invention: the schema that references point into, and the steps that may still be taken."""

    def __init__(self, root: JsonSchema, owner: str | None = None) -> None:
        self._root = root
        self._owner = owner
        self._steps = _MOST_STEPS

    def checked(self, schema: JsonSchema, name: str, depth: int, seed: str, given: Mapping[str, Any]) -> Any:
        """A value that was found valid, or the last one tried."""
        schema = resolve(schema, self._root)
        if depth > _DEEPEST or self._steps <= 0 or schema is False:
            return None
        if not isinstance(schema, dict):
            schema = {}
        fits = judge(schema, self._root) if depth == 0 or not _CHECKED.isdisjoint(schema) else None
        value: Any = None
        for attempt in range(_TRIES):
            self._steps -= 1
            chance = Random(f"{seed}/{attempt}".encode("utf-8", "surrogatepass"))
            value = self._value(schema, Spot(name, depth, attempt, seed, chance), given)
            if fits is None or fits(value) or self._steps <= 0:
                break
        return value

    def _value(self, schema: dict[str, Any], spot: Spot, given: Mapping[str, Any]) -> Any:
        for branch in branches(schema, self._root, spot):
            schema = merged(schema, branch)
        ready = () if given else self._ready(schema, spot)
        if ready:
            return ready[0]
        return self._made(schema, spot, given)

    def _ready(self, schema: dict[str, Any], spot: Spot) -> tuple[Any, ...]:
        """A value that the application wrote itself: the only one, its default, its examples, its choices."""
        if "const" in schema:
            return (schema["const"],)
        if self._owner is not None and "enum" not in schema and "default" not in schema:
            role = role_of(spot.name, str(schema.get("description", "")), schema, self._owner) if spot.name else ""
            fits = judge(schema, self._root)
            safe = tuple(value for value in harmless(role, schema, _kind(schema, spot)) if fits(value))
            if safe:
                return safe
        written = [schema[key] for key in ("default", "example") if schema.get(key) is not None]
        written += schema["examples"] if isinstance(schema.get("examples"), list) else []
        if written and spot.attempt < 2:
            fits = judge(schema, self._root)
            fitting = tuple(value for value in written if fits(value))
            if fitting:
                return fitting
        return (spot.chance.choice(schema["enum"]),) if schema.get("enum") else ()

    def _made(self, schema: dict[str, Any], spot: Spot, given: Mapping[str, Any]) -> Any:
        def below(part: JsonSchema, name: str, salt: str, known: Mapping[str, Any]) -> Any:
            return self.checked(part, name, spot.depth + 1, f"{spot.seed}.{salt}", known)

        kind = "object" if given else _kind(schema, spot)
        if kind == "object":
            return mapping(schema, spot, given, below)
        if kind == "array":
            return array(schema, spot, below)
        role = role_of(spot.name, str(schema.get("description", "")), schema)
        if kind in ("integer", "number"):
            return number(schema, spot, role, kind == "integer")
        if kind == "string":
            return text(schema, spot, role)
        return None if kind == "null" else spot.attempt % 2 == 1


def _kind(schema: dict[str, Any], spot: Spot) -> str:
    """The type to try: the one that the schema names, means or leaves open, another one at later attempts."""
    kinds = types_of(schema)
    if not kinds:
        meant = [kind for kind, keys in _MEANS.items() if not keys.isdisjoint(schema)]
        kinds = ("object",) if spot.depth == 0 else tuple(meant[:1]) or _OPEN[spot.attempt // 2 % len(_OPEN) :]
    if spot.depth >= _DEEPEST // 2 and "null" in kinds:
        return "null"
    return kinds[min(spot.attempt // 4, len(kinds) - 1)] if len(kinds) < len(_OPEN) else kinds[0]
