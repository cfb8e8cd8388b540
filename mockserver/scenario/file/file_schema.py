"""The JSON Schema of scenario files, for editors, and the reference of their keys (`keys.txt`)."""

from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from mockserver.scenario.file.file_model import ScenarioModel

DRAFT = "http://json-schema.org/draft-07/schema#"
"""The draft that editors of YAML know best."""

_REPLIES = ("text", "calls", "refusal")
_ONE_OF_THESE = {
    "Scenario": ("turns", "rules"),
    "Turn": (*_REPLIES, "error", "either", "sent"),
    "Alternative": _REPLIES,
}


class Key(NamedTuple):
    """A key: its type, its default and its description."""

    name: str
    type: str
    default: str
    description: str


@lru_cache(maxsize=1)
def keys() -> dict[str, dict[str, Key]]:
    """The keys by the object that holds them, in the order of the reference."""
    text = files(__package__).joinpath("keys.txt").read_text(encoding="utf-8")
    found = {}
    for part in text.split("\n# ")[1:]:
        holder, *lines = part.strip().splitlines()
        found[holder] = {key.name: key for key in (Key(*line.split(" | ")) for line in lines)}
    return found


def schema() -> dict[str, Any]:
    """The JSON Schema of a scenario file; `mockserver check` also finds what a schema cannot express."""
    made = ScenarioModel.model_json_schema(by_alias=True)
    parts = {_name(model): _tidy(part) for model, part in made.pop("$defs").items()}
    described = {name: _described(name, part) for name, part in parts.items()}
    whole = _described("Scenario", _tidy(made))
    return {"$schema": DRAFT, "title": "mockserver scenario", **whole, "$defs": described}


def _described(name: str, model: dict[str, Any]) -> dict[str, Any]:
    known = keys().get(name, {})
    properties = {
        key: {**value, "description": known[key].description} if key in known else value
        for key, value in model["properties"].items()
    }
    wanted = [{"required": [key]} for key in _ONE_OF_THESE.get(name, ())]
    return {**model, "properties": properties, **({"anyOf": wanted} if wanted else {})}


def _tidy(value: Any) -> Any:
    """Without titles that repeat the key, and null as the default of a key that may not hold it."""
    if isinstance(value, list):
        return [_tidy(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _tidy(entry) for key, entry in value.items() if not _is_noise(key, entry)}
    return {**kept, "$ref": _name(kept["$ref"])} if "$ref" in kept else kept


def _is_noise(key: str, entry: Any) -> bool:
    return (key == "title" and isinstance(entry, str)) or (key == "default" and entry is None)


def _name(model: str) -> str:
    return model.removesuffix("Model")
