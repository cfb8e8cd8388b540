"""Schema repair: JSON schemas as applications really send them, made well-formed; anchors, types, references.

References by name (`$anchor`, `$dynamicAnchor`) become pointers, which are followed step by step. A dynamic reference
goes to the outermost anchor of its name (JSON Schema 2020-12, section 8.2.3.2), and within one document that is the
first one.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

JsonSchema = dict[str, Any] | bool
ANCHORS = ("$anchor", "$dynamicAnchor")
_TYPES = {
    "dict": "object", "map": "object", "hashmap": "object", "obj": "object", "float": "number", "double": "number",
    "decimal": "number", "int": "integer", "long": "integer", "str": "string", "text": "string", "char": "string",
    "bool": "boolean", "list": "array", "tuple": "array", "set": "array", "arraylist": "array", "none": "null",
    "nonetype": "null",
}  # fmt: skip
_KNOWN = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
_ONE = ("not", "if", "then", "else", "contains", "additionalProperties", "propertyNames", "unevaluatedProperties",
        "unevaluatedItems")  # fmt: skip
_MANY = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains",
           "maxContains")  # fmt: skip
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_DEEPEST = 60
_REFERENCES = ("$ref", "$dynamicRef")
Schema = TypeVar("Schema")


def parameters_schema(parameters: object) -> dict[str, Any]:
    """The schema of a tool's arguments, whatever the application wrote there; always one for an object."""
    schema = well_formed(parameters) if isinstance(parameters, Mapping) else {}
    if not isinstance(schema, dict):
        return {"type": "object", "properties": {}}
    if not any(key in schema for key in ("type", "$ref", *_MANY)):
        schema["type"] = "object"
    return schema


def well_formed(schema: object) -> JsonSchema:
    """The same schema without keywords that no draft allows, anchors as pointers; nonsense allows everything."""
    return pointed(_well_formed(schema, 0))


def _well_formed(schema: object, depth: int) -> JsonSchema:
    if isinstance(schema, bool):
        return schema
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return True
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if isinstance(key, str) and (fixed := _keyword(key, value, depth)) is not None:
            kept[key] = fixed
    if "const" in schema:
        kept["const"] = schema["const"]  # null is a value, too
    if isinstance(schema.get("items"), list):
        kept["prefixItems"] = [_well_formed(item, depth + 1) for item in schema["items"]]
    if schema.get("nullable") is True and "type" in kept:
        kept["type"] = [*([kept["type"]] if isinstance(kept["type"], str) else kept["type"]), "null"]
    return kept


def _keyword(key: str, value: Any, depth: int) -> Any:  # noqa: PLR0911 - one kind of keyword a line
    """A keyword's value, put right where that is possible, or None to leave it out."""
    if key == "type":
        return _type(value)
    if key in _ONE or (key == "items" and not isinstance(value, list)):
        return _well_formed(value, depth + 1) if isinstance(value, Mapping | bool) else None
    if key in _MANY:
        return [_well_formed(item, depth + 1) for item in value] if isinstance(value, list) and value else None
    if key in _NAMED:
        if not isinstance(value, Mapping):
            return None
        return {str(name): _well_formed(item, depth + 1) for name, item in value.items()}
    if key == "enum":
        return value if isinstance(value, list) and value else None
    if key == "required":
        return _names(value)
    if key == "dependentRequired":
        return {name: _names(needs) or [] for name, needs in value.items()} if isinstance(value, Mapping) else None
    if key in _COUNTS or key in _LIMITS or key == "multipleOf":
        return _number(key, value)
    if key in ("pattern", "format", "description", "title", "$ref", *ANCHORS, "$dynamicRef"):
        return value if isinstance(value, str) else None
    if key in ("default", "uniqueItems", "examples", "example"):
        return value if key != "uniqueItems" or isinstance(value, bool) else None
    return None


def _names(value: Any) -> list[str] | None:
    return list(dict.fromkeys(name for name in value if isinstance(name, str))) if isinstance(value, list) else None


def _number(key: str, value: Any) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if key in _COUNTS:
        return int(value) if value >= 0 and value == int(value) else None
    return value if key != "multipleOf" or value > 0 else None


def _type(value: Any) -> str | list[str] | None:
    if isinstance(value, str):
        named = _TYPES.get(value.casefold(), value.casefold())
        return named if named in _KNOWN else None
    if isinstance(value, list):
        names = [name for item in value if (name := _type(item)) is not None and isinstance(name, str)]
        return list(dict.fromkeys(names)) or None
    return None


def types_of(schema: JsonSchema) -> tuple[str, ...]:
    """The types that a schema names or clearly means, null last; empty when it leaves them open."""
    if isinstance(schema, bool):
        return ()
    named = schema.get("type")
    if isinstance(named, str):
        return (named,)
    if isinstance(named, list):
        return tuple(sorted(named, key=lambda name: name == "null"))
    if "properties" in schema:
        return ("object",)
    if "items" in schema or "prefixItems" in schema:
        return ("array",)
    return ()


def resolve(schema: JsonSchema, root: JsonSchema, hops: int = 16) -> JsonSchema:
    """A schema with its own reference followed, keywords beside the reference kept."""
    while isinstance(schema, dict) and isinstance(schema.get("$ref"), str) and hops:
        target = _pointed(schema["$ref"], root)
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**target, **beside} if isinstance(target, dict) else (beside or target)
        hops -= 1
    return schema


def _pointed(reference: str, root: JsonSchema) -> JsonSchema:
    if not reference.startswith("#"):
        return True
    place: Any = root
    for step in filter(None, reference[1:].split("/")):
        name = step.replace("~1", "/").replace("~0", "~").replace("%25", "%")
        if isinstance(place, Mapping) and name in place:
            place = place[name]
        elif isinstance(place, list) and name.isdigit() and int(name) < len(place):
            place = place[int(name)]
        else:
            return True
    return place if isinstance(place, dict | bool) else True


def pointed(schema: Schema) -> Schema:
    """The schema with pointers in place of references by name."""
    anchors: dict[str, str] = {}
    for pointer, name in _anchors(schema, "#"):
        anchors.setdefault(f"#{name}", pointer)
    if not anchors:
        return schema
    rewritten: Schema = _rewritten(schema, anchors)
    return rewritten


def _anchors(part: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """The anchors, the outer ones first, each as its pointer and its name."""
    if isinstance(part, dict):
        yield from ((pointer, part[key]) for key in ANCHORS if isinstance(part.get(key), str))
        for key, value in part.items():
            yield from _anchors(value, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(part, list):
        for index, value in enumerate(part):
            yield from _anchors(value, f"{pointer}/{index}")


def _rewritten(part: Any, anchors: dict[str, str]) -> Any:
    if isinstance(part, list):
        return [_rewritten(value, anchors) for value in part]
    if not isinstance(part, dict):
        return part
    made: dict[str, Any] = {}
    for key, value in part.items():
        if key in _REFERENCES and isinstance(value, str):
            made["$ref"] = anchors.get(value, value)
        elif key not in ANCHORS:
            made[key] = _rewritten(value, anchors)
    return made
