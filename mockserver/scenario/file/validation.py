"""Validation of a scenario file against the pydantic model; pydantic's errors become messages of ours."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel, ValidationError

from mockserver.scenario.error_messages import described, listed, nearest
from mockserver.scenario.file.condition_model import TAGS
from mockserver.scenario.file.file_model import ScenarioModel
from mockserver.scenario.file.tree import Node, Path, Report, written

_QUOTED = re.compile(r"'([^']*)'")
_BACKTICKED = re.compile(r"`([^`]*)`")
_TAGS = re.compile(r"<([^>]*)>")
_NOUNS = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}
_NOT_IN_EITHER = {
    "either": " Alternatives hold no further ones: list all of them in one `either`.",
    "error": " An error cannot be an alternative: make it a turn of its own.",
    "times": " `times` belongs to the turn that holds `either`.",
}
_TOP = "keys such as `scenario:` and `turns:`"
_BOUNDS = {
    "greater_than_equal": "{ge} or more",
    "less_than_equal": "{le} or less",
    "greater_than": "more than {gt}",
    "too_short": "at least one entry",
    "string_too_short": "at least one character",
    "string_pattern_mismatch": "letters, digits, `_` and `-`, at most 64 of them",
}


def validate(tree: Node, report: Report) -> None:
    """Report every value of a wrong type, and every unknown key."""
    try:
        ScenarioModel.model_validate(tree.plain())
    except ValidationError as error:
        for details in error.errors(include_url=False):
            _report(details, tree, report)


def _report(details: Any, tree: Node, report: Report) -> None:
    path = _data_path(details["loc"])
    where = f"{written(path)}: " if path else ""
    match details["type"]:
        case "extra_forbidden":
            # A key is named by itself: the reader's eye is on it already.
            holder = written(path[:-1])
            report.error(tree.key(path), f"{holder + ': ' if holder else ''}{_unknown(path)}")
        case "missing":
            holder = written(path[:-1])
            report.error(tree.at(path[:-1]).mark, f"{holder + ': ' if holder else ''}the key `{path[-1]}` is missing")
        case _:
            mistake = _mistake(details, tree.at(path).plain())
            report.error(tree.at(path).mark, where + mistake if where else f"{mistake}; a scenario begins with {_TOP}")


def _mistake(details: Any, value: Any) -> str:
    context = details.get("ctx", {})
    if details["type"] == "value_error":
        return str(context["error"])
    expected = _NOUNS.get(details["type"]) or _expected(details["type"], context)
    if expected is None:
        return str(details["msg"])
    return f"expected {expected}, found {described(value)}{_advice(expected, value)}"


def _expected(kind: str, context: Any) -> str | None:
    if kind == "literal_error":
        return listed(_QUOTED.findall(context["expected"]))
    if kind == "union_tag_invalid":
        *before, last = _TAGS.findall(context["expected_tags"])
        return f"{', '.join(before)} or {last}" if before else str(last)
    form = _BOUNDS.get(kind)
    return form.format(**context) if form else None


def _advice(expected: str, value: Any) -> str:
    if value is None:
        return "; leave the key out if there is none"
    if "a text" in expected and isinstance(value, bool | int | float):
        return "; quote it to make it text"
    allowed = _BACKTICKED.findall(expected)
    near = nearest(value, allowed) if allowed and isinstance(value, str) else ""
    return f".{near}" if near else ""


def _data_path(location: Sequence[str | int]) -> Path:
    """The path of a pydantic error, without the tags of unions."""
    return tuple(part for part in location if part not in TAGS)


def _unknown(path: Path) -> str:
    known = sorted(_known_keys(path[:-1]))
    key = str(path[-1])
    inside = f" For a value inside, write its path: `{path[-2]}.{key}`." if path[-3:-2] == ("has",) else ""
    if "either" in path[:-1]:
        inside += _NOT_IN_EITHER.get(key, "")
    return f"unknown key `{key}`.{nearest(key, known) if not inside else ''}{inside} Known here: {', '.join(known)}"


def _known_keys(path: Path) -> set[str]:
    """The keys of the models that the path leads to."""
    models: set[type[BaseModel]] = {ScenarioModel}
    for part in path:
        if isinstance(part, str):
            found = [_fields(model)[part] for model in models if part in _fields(model)]
            # A name of the user's own, such as a tool's, leads into what its object holds.
            models = {inner for annotation in found for inner in _models(annotation)} if found else models
    return {name for model in models for name in _fields(model)}


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    annotations = get_type_hints(model, include_extras=True)  # pydantic leaves references to later models unresolved
    return {field.alias or name: annotations[name] for name, field in model.model_fields.items()}


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
