"""What the API demands of a function's schema before it takes the function, and more of it when it is `strict`."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.wire.codec import encode
from mockserver.wire.refusal import Refused, invalid

Context = tuple[str, ...]

_BRANCHES = ("anyOf", "oneOf", "allOf")
_TABLES = ("$defs", "definitions")
_DEEPEST = 64
_NOT_AT_THE_ROOT = frozenset({"oneOf", "anyOf", "allOf", "enum", "not"})  # langchain-ai/langchainjs#9804
_NOT_PERMITTED = (  # makenotion/notion-mcp-server#102, and the guide on structured outputs
    "allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "uniqueItems",
    "patternProperties", "propertyNames", "unevaluatedProperties", "minProperties", "maxProperties",
    "unevaluatedItems", "contains", "minContains", "maxContains",
)  # fmt: skip


def check_parameters(path: str, name: str, schema: Any, *, strict: bool) -> None:
    """The rules for `parameters`.

    Raises:
        Refused: the schema is none of an object, or it leaves open what the API wants to know.
    """
    if schema is None:
        return
    if not isinstance(schema, dict):
        raise _bad(path, name, f"{encode(schema).decode()} is not of type 'object', 'boolean'.")
    if schema.get("type") != "object":
        got = f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{schema.get('type')}\"'."
        raise _bad(path, name, got)
    if schema.keys() & _NOT_AT_THE_ROOT:
        got = "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."
        raise _bad(path, name, got)
    if "properties" not in schema:
        raise _bad(path, name, "In context=(), object schema missing properties.")
    for context, part in _parts(schema, ()):
        if strict and (siblings := _beside_reference(part)):
            raise _bad(path, name, f"context={context}, {siblings}")
        if reason := (strict and _not_permitted(part)) or _lacks_items(part) or (strict and _is_open(part)):
            raise _bad(path, name, f"In context={context}, {reason}")


def check_answer_schema(param: str, name: str, schema: Any, *, strict: bool) -> None:
    """The rules for the schema that an answer shall fit: a strict one names all that its objects hold.

    Raises:
        Refused: it is strict and leaves something open.
    """
    if not strict or schema is None:
        return
    for context, part in _parts(schema, ()):
        if siblings := _beside_reference(part):
            raise invalid(f"Invalid schema for response_format '{name}': context={context}, {siblings}", param)
        if reason := _not_permitted(part) or _lacks_items(part) or _is_open(part):
            text = f"Invalid schema for response_format '{name}': In context={context}, {reason}"
            raise invalid(text, param)


def _bad(path: str, name: str, reason: str) -> Refused:
    return invalid(f"Invalid schema for function '{name}': {reason}", path, "invalid_function_parameters")


def _beside_reference(schema: Mapping[str, Any]) -> str | None:
    """The keywords beside `$ref`, as Pydantic writes them (camel-ai/camel#3001); a strict reference stands alone."""
    beside = [key for key in schema if key != "$ref"]
    if "$ref" not in schema or not beside or schema.keys() & {"properties", *_TABLES}:
        return None
    return f"$ref cannot have keywords {{{', '.join(repr(key) for key in beside)}}}."


def _not_permitted(schema: Mapping[str, Any]) -> str | None:
    found = next((key for key in _NOT_PERMITTED if key in schema), None)
    return f"'{found}' is not permitted." if found else None


def _lacks_items(schema: Mapping[str, Any]) -> str | None:
    if schema.get("type") == "array" and not schema.keys() & {"items", "prefixItems"}:
        return "array schema missing items."
    return None


def _is_open(schema: Mapping[str, Any]) -> str | None:
    """How an object of a strict schema allows more or fewer keys than it names."""
    if schema.get("type") != "object" and "properties" not in schema:
        return None
    if schema.get("additionalProperties") is not False:
        return "'additionalProperties' is required to be supplied and to be false."
    properties, required = schema.get("properties"), schema.get("required")
    names = list(properties) if isinstance(properties, dict) else []
    known = required if isinstance(required, list) else []
    if missing := [name for name in names if name not in known]:
        return (
            "'required' is required to be supplied and to be an array including every key in properties. "
            f"Missing '{missing[0]}'."
        )
    return None


def _parts(schema: Any, context: Context) -> Iterator[tuple[Context, Mapping[str, Any]]]:
    """A schema and every schema within it, each with the way that leads there."""
    if not isinstance(schema, dict) or len(context) > _DEEPEST:
        return
    yield context, schema
    for key in ("properties", *_TABLES):
        inner = schema.get(key)
        for name, part in inner.items() if isinstance(inner, dict) else ():
            yield from _parts(part, (*context, key, name))
    yield from _parts(schema.get("items"), (*context, "items"))
    for key in _BRANCHES:
        branches = schema.get(key)
        for index, part in enumerate(branches if isinstance(branches, list) else ()):
            yield from _parts(part, (*context, key, str(index)))
