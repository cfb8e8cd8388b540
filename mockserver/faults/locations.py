"""Locations: every place in a call's arguments with its schema: nested, in lists, by reference, in unions."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from mockserver.faults.fault import Context

Schema = Mapping[str, Any]
Path = tuple[str | int, ...]

ABSENT: Final = object()
"""The value of a property that a call leaves out."""

_DEEPEST = 12
_HOPS = 16
_MADE_UP_LEVELS = 3
_MOST_MADE_UP = 40
"""A tool may have hundreds of optional objects; so many of them are looked into."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place in arguments: its value (ABSENT: a property left out), its schema with references and unions resolved.

    `base` are the arguments that it is a place of: the call's own, or, deep within a property that was left out, the
    call's own with a made-up value for that property. `known` are the names that the schema knows beside it.
    """

    path: Path
    value: Any
    schema: Schema
    required: bool
    base: dict[str, Any]
    known: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The property's name, "" in a list."""
        return str(self.path[-1]) if self.path and isinstance(self.path[-1], str) else ""

    @property
    def types(self) -> tuple[str, ...]:
        """The types that the schema names or clearly means."""
        return types_of(self.schema)

    def allows(self, kind: str) -> bool:
        """Whether the schema allows a type."""
        return not self.types or kind in self.types or (kind == "integer" and "number" in self.types)

    @property
    def holder(self) -> Any:
        """The object or list that it is a place of."""
        place: Any = self.base
        for step in self.path[:-1]:
            place = place[step]
        return place

    def put_holder(self, value: Any) -> dict[str, Any]:
        """The arguments with another object or list around this place."""
        found: dict[str, Any] = put_at(self.base, self.path[:-1], value)
        return found

    def put(self, value: Any) -> dict[str, Any]:
        """The arguments with another value at this place."""
        found: dict[str, Any] = put_at(self.base, self.path, value)
        return found

    def drop(self) -> dict[str, Any]:
        """The arguments without this place."""
        holder, gone = self.holder, self.path[-1]
        if isinstance(holder, list):
            return self.put_holder([entry for index, entry in enumerate(holder) if index != gone])
        return self.put_holder({key: entry for key, entry in holder.items() if key != gone})


def sites(values: dict[str, Any], root: Schema, context: Context) -> Iterator[Site]:
    """Every place below the arguments themselves, in an order drawn from the seed.

    First come places with values, then properties left out, then places within made-up values of these.
    """
    whole = Site((), values, governing(root, root, values), True, values)
    found = [site for site in _below(whole, root) if _aimed_at(site.path, context)]
    context.chance.shuffle(found)
    found.sort(key=lambda site: site.value is ABSENT)
    yield from found
    left = iter(range(_MOST_MADE_UP))
    for site in found:
        yield from _within_made_up(site, root, context, left)


def _within_made_up(
    site: Site, root: Schema, context: Context, left: Iterator[int], levels: int = _MADE_UP_LEVELS
) -> Iterator[Site]:
    """Places within a property that was left out, or within a list that is empty; `left` bounds how many are tried."""
    empty = site.value is ABSENT or site.value == [] or site.value == {}
    if not levels or not empty or not {"object", "array"} & set(site.types) or next(left, None) is None:
        return
    schema = site.schema
    if "array" in site.types and "minItems" not in schema:
        schema = {**schema, "minItems": 1}
    value = context.made_up(schema, root)
    if not isinstance(value, dict | list) or value in ([], {}):
        return
    made_up = replace(site, value=value, base=site.put(value))
    inside = list(_below(made_up, root))
    context.chance.shuffle(inside)
    yield made_up
    yield from inside
    for deeper in inside:
        yield from _within_made_up(deeper, root, context, left, levels - 1)


def _aimed_at(path: Path, context: Context) -> bool:
    wanted = context.target.parameter
    if wanted is None:
        return True
    dotted = ".".join(str(step) for step in path)
    return wanted == dotted or wanted in path or dotted.startswith(f"{wanted}.")


def _below(site: Site, root: Schema) -> Iterator[Site]:
    """The places within a place, at every depth."""
    if len(site.path) > _DEEPEST:
        return
    for inner in _inside(site, root):
        yield inner
        yield from _below(inner, root)


def _inside(site: Site, root: Schema) -> Iterator[Site]:
    schema, value = site.schema, site.value
    if isinstance(value, dict):
        properties = _mapping(schema.get("properties"))
        for name in {**value, **properties}:
            inner, ruling = value.get(name, ABSENT), properties.get(name, _others(schema))
            needed = name in (schema.get("required") or ())
            known = frozenset(properties)
            yield Site((*site.path, name), inner, governing(ruling, root, inner), needed, site.base, known)
    elif isinstance(value, list):
        first = schema.get("prefixItems") or []
        for index, inner in enumerate(value):
            ruling = first[index] if index < len(first) else schema.get("items", {})
            yield Site((*site.path, index), inner, governing(ruling, root, inner), False, site.base)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _others(schema: Schema) -> Any:
    patterns = _mapping(schema.get("patternProperties"))
    return next(iter(patterns.values()), None) or _mapping(schema.get("additionalProperties"))


def governing(schema: Any, root: Schema, value: Any) -> dict[str, Any]:
    """The keywords that hold at a place: references followed, `allOf` joined, of a union the branch that is in use."""
    schema = followed(schema, root)
    joined = dict(schema)
    for part in schema.get("allOf") or ():
        joined = _joined(joined, governing(part, root, value))
    for key in ("anyOf", "oneOf"):
        branch = _branch(schema.get(key), root, value)
        if branch is not None:
            joined = _joined(joined, branch)
    return joined


def followed(schema: Any, root: Schema) -> Schema:
    """A schema with its own reference followed; keywords beside the reference stay."""
    hops = _HOPS
    while isinstance(schema, Mapping) and isinstance(schema.get("$ref"), str) and hops:
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        target = _pointed(schema["$ref"], root)
        schema = {**target, **beside} if isinstance(target, Mapping) else beside
        hops -= 1
    return schema if isinstance(schema, Mapping) else {}


def _pointed(reference: str, root: Schema) -> Any:
    place: Any = root if reference.startswith("#") else None
    for step in filter(None, reference[1:].split("/")):
        key = step.replace("%25", "%").replace("~1", "/").replace("~0", "~")
        if isinstance(place, Mapping):
            place = place.get(key)
        elif isinstance(place, list) and key.isdigit() and int(key) < len(place):
            place = place[int(key)]
        else:
            return None
    return place


def _branch(branches: Any, root: Schema, value: Any) -> dict[str, Any] | None:
    """The branch of a union that a value uses; for a value left out the first that is more than null."""
    if not isinstance(branches, list | tuple) or not branches:
        return None
    options = [governing(branch, root, value) for branch in branches]
    if value is ABSENT:
        return next((option for option in options if types_of(option) != ("null",)), options[0])
    return next((option for option in options if _suits(option, value, root)), options[0])


def _suits(schema: Schema, value: Any, root: Schema) -> bool:
    """Whether a value plausibly belongs to a branch: its type, its constants and its required keys fit."""
    kinds = types_of(schema)
    if kinds and not any(is_of(value, kind) for kind in kinds):
        return False
    if "const" in schema and schema["const"] != value:
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if isinstance(value, dict):
        if any(name not in value for name in schema.get("required") or ()):
            return False
        known = _mapping(schema.get("properties"))
        return all(
            _suits(governing(known[name], root, entry), entry, root) for name, entry in value.items() if name in known
        )
    return True


def _joined(first: Schema, second: Schema) -> dict[str, Any]:
    both = {**first, **second}
    if "properties" in first and "properties" in second:
        both["properties"] = {**first["properties"], **second["properties"]}
    if "required" in first and "required" in second:
        both["required"] = [*first["required"], *second["required"]]
    return both


def types_of(schema: Schema) -> tuple[str, ...]:
    """The types that a schema names or clearly means; empty when it leaves them open."""
    named = schema.get("type")
    if isinstance(named, str):
        return (named,)
    if isinstance(named, list | tuple):
        return tuple(named)
    if "properties" in schema:
        return ("object",)
    if "items" in schema or "prefixItems" in schema:
        return ("array",)
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    if isinstance(values, list) and values:
        return tuple(dict.fromkeys(kind_of(value) for value in values))
    return ()


def kind_of(value: Any) -> str:
    """The JSON Schema type of a value."""
    if isinstance(value, float) and value.is_integer():
        return "integer"
    return _KINDS.get(type(value), "null")


_KINDS = {str: "string", bool: "boolean", int: "integer", float: "number", dict: "object", list: "array"}


def is_of(value: Any, kind: str) -> bool:
    """Whether a value is of a JSON Schema type."""
    found = kind_of(value)
    return found == kind or (found == "integer" and kind == "number")


def put_at(base: Any, path: Path, value: Any) -> Any:
    """A value with another one at a path."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(base, list):
        return [put_at(entry, rest, value) if index == step else entry for index, entry in enumerate(base)]
    return {**base, step: put_at(base.get(step, {}), rest, value)}


def free_texts(sites: Iterable[Site]) -> Iterator[Site]:
    """The places that hold, or could hold, a free text."""
    for site in sites:
        if site.allows("string") and (isinstance(site.value, str) or (site.value is ABSENT and "string" in site.types)):
            yield site
