"""Gemini's schemas, a part of OpenAPI's → JSON Schema: types in small letters, `nullable` as a type."""

from typing import Any

JsonObject = dict[str, Any]

_RENAMED = {"anyOf": "anyOf", "propertyOrdering": None, "nullable": None, "example": None}
_NUMBERS = ("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties")
FIELDS = frozenset(
    {
        "type", "format", "title", "description", "nullable", "enum", "items", "maxItems", "minItems", "properties",
        "maxProperties", "minProperties", "required", "minLength", "maxLength", "pattern", "example", "anyOf",
        "propertyOrdering", "default", "minimum", "maximum", "additionalProperties", "ref", "defs", "$ref", "$defs",
        "const", "prefixItems", "oneOf", "allOf",
    }
)  # fmt: skip
"""The keys that a schema of a function's parameters may have."""


def json_schema(schema: Any) -> Any:
    """A schema as JSON Schema; one that is JSON Schema already stays."""
    if not isinstance(schema, dict):
        return schema
    found: JsonObject = {}
    for key, value in schema.items():
        if value is None:
            continue
        name = _RENAMED.get(key, key)
        if name is not None:
            found[name] = _converted(key, value)
    if schema.get("nullable") is True:
        kind = found.get("type")
        if isinstance(kind, str):
            found["type"] = [kind, "null"]
            if isinstance(found.get("enum"), list):
                found["enum"] = [*found["enum"], None]
        elif "anyOf" in found:
            found["anyOf"] = [*found["anyOf"], {"type": "null"}]
    return found


def _converted(key: str, value: Any) -> Any:
    if key == "type":
        return [_type(kind) for kind in value] if isinstance(value, list) else _type(value)
    if key in ("properties", "defs", "$defs") and isinstance(value, dict):
        return {name: json_schema(entry) for name, entry in value.items()}
    if key in ("anyOf", "oneOf", "allOf", "prefixItems") and isinstance(value, list):
        return [json_schema(entry) for entry in value]
    if key in ("items", "additionalProperties"):
        return json_schema(value)
    return int(value) if key in _NUMBERS and isinstance(value, str) and value.isdecimal() else value


def _type(kind: Any) -> Any:
    return kind.lower() if isinstance(kind, str) else kind
