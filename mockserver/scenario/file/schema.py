"""The JSON Schema of a scenario file, by which editors complete keys and mark mistakes."""

from typing import Any

from mockserver.scenario.file.keys import keys
from mockserver.scenario.file.model import ScenarioModel

DRAFT = "http://json-schema.org/draft-07/schema#"
"""The draft that editors of YAML know best."""

_ONE_OF_THESE = {"Scenario": ("turns", "rules"), "Turn": ("text", "calls", "refusal", "error", "sent")}


def schema() -> dict[str, Any]:
    """The schema; what it takes for right may still be wrong in ways that only `mockserver check` sees."""
    made = ScenarioModel.model_json_schema(by_alias=True)
    parts = {_name(model): _tidy(part) for model, part in made.pop("$defs").items()}
    described = {name: _described(name, part) for name, part in parts.items()}
    whole = _described("Scenario", _tidy(made))
    return {"$schema": DRAFT, "title": "mockserver scenario", **whole, "$defs": described}


def _described(name: str, model: dict[str, Any]) -> dict[str, Any]:
    known = keys().get(name, {})
    properties = {
        key: {**value, "description": known[key].means} if key in known else value
        for key, value in model["properties"].items()
    }
    wanted = [{"required": [key]} for key in _ONE_OF_THESE.get(name, ())]
    return {**model, "properties": properties, **({"anyOf": wanted} if wanted else {})}


def _tidy(value: Any) -> Any:
    """Without what says nothing: titles that repeat the key, and null as the default of a key that may not hold it."""
    if isinstance(value, list):
        return [_tidy(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _tidy(entry) for key, entry in value.items() if not _says_nothing(key, entry)}
    return {**kept, "$ref": _name(kept["$ref"])} if "$ref" in kept else kept


def _says_nothing(key: str, entry: Any) -> bool:
    return (key == "title" and isinstance(entry, str)) or (key == "default" and entry is None)


def _name(model: str) -> str:
    return model.removesuffix("Model")
