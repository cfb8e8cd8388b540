"""Names of fields: the API takes camelCase and snake_case alike, and clients mix them."""

import re
from collections.abc import Mapping
from typing import Any

JsonObject = dict[str, Any]

_CAPITAL = re.compile(r"(?<=[a-z0-9])_([a-z0-9])")
_FREE = frozenset({"args", "response", "properties", "default", "example", "enum", "labels", "parametersJsonSchema",
                   "responseJsonSchema", "responseFormat", "const", "$defs", "defs"})  # fmt: skip
"""Fields whose keys are the application's own words."""
_ODD = {"parametersJsonSchema", "responseJsonSchema"}


def camel(key: str) -> str:
    """A name as the API writes it."""
    return _CAPITAL.sub(lambda found: found[1].upper(), key) if "_" in key else key


def camel_keys(value: Any) -> Any:
    """A request with every field as the API writes it; what applications name themselves stays."""
    if isinstance(value, list):
        return [camel_keys(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for key, entry in value.items():
        name = camel(key)
        found[name] = _within(entry) if name == "properties" else entry if name in _FREE else camel_keys(entry)
    return found


def _within(properties: Any) -> Any:
    """The schemas of properties, whose names stay."""
    if not isinstance(properties, Mapping):
        return properties
    return {name: camel_keys(schema) for name, schema in properties.items()}
