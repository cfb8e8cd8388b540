"""Arguments: one set of grounded values made into valid arguments, what is missing taken from the past or invented."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.chat import ToolCall
from mockserver.simulate.deal import Values
from mockserver.simulate.ground import ground
from mockserver.simulate.invent import invent
from mockserver.simulate.skills import Parameter, Skill
from mockserver.simulate.view import View


def written(skill: Skill, values: Values, view: View, seed: str) -> str:
    """The arguments of a call as text."""
    return json.dumps(completed(skill, values, view, seed), ensure_ascii=False)


def completed(skill: Skill, values: Values, view: View, seed: str) -> dict[str, Any]:
    """Valid arguments that hold the given values as far as the schema allows them."""
    missing = [parameter for parameter in skill.required if parameter.path not in values]
    if missing:
        values = {**_remembered(skill, missing, view), **values}
    for given in _narrowing(skill, values):
        nested = _nested(skill, given) or ({} if skill.required else exemplary(skill, seed))
        if skill.fits(nested):
            return nested
        made = invent(skill.schema, skill.schema, f"{seed}/{skill.name}", given=nested)
        if isinstance(made, dict) and skill.fits(made):
            return made
    made = invent(skill.schema, skill.schema, f"{seed}/{skill.name}")
    return made if isinstance(made, dict) else {}


def exemplary(skill: Skill, seed: str) -> dict[str, Any]:
    """Arguments for a tool that requires none, when it is called without anything to go by: its first parameter's."""
    first = next((parameter for parameter in skill.parameters if len(parameter.path) == 1), None)
    if first is None:
        return {}
    made = invent({**skill.schema, "required": [first.name]}, skill.schema, f"{seed}/{skill.name}")
    return made if isinstance(made, dict) and skill.fits(made) else {}


def _narrowing(skill: Skill, values: Values) -> Iterator[Values]:
    """The values, then fewer and fewer of them: those that fit by themselves, those that are required."""
    fitting = {parameter.path: values[parameter.path] for parameter in skill.parameters if _stands(parameter, values)}
    yield fitting
    yield {parameter.path: fitting[parameter.path] for parameter in skill.required if parameter.path in fitting}


def _stands(parameter: Parameter, values: Values) -> bool:
    return parameter.path in values and parameter.fits(values[parameter.path])


def _nested(skill: Skill, values: Values) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for parameter in skill.parameters:
        if parameter.path in values:
            place = made
            for step in parameter.path[:-1]:
                place = place.setdefault(step, {})
            place[parameter.name] = values[parameter.path]
    return made


def _remembered(skill: Skill, missing: Sequence[Parameter], view: View) -> Values:
    """Missing values that the conversation holds: in earlier calls, earlier results and earlier user messages."""
    found: Values = {}
    sources = [*_earlier_calls(skill, view.past), *_facts(view)]
    for parameter in missing:
        for source in sources:
            value = _at(source, parameter)
            if value is not None and parameter.fits(value):
                found.setdefault(parameter.path, value)
    for text in view.earlier[:4]:
        if all(parameter.path in found for parameter in missing):
            break
        said = ground(skill, text, view.today)
        for parameter in missing:
            if parameter.path in said.calls[0] and said.sure:
                found.setdefault(parameter.path, said.calls[0][parameter.path])
    return found


def _earlier_calls(skill: Skill, past: Sequence[ToolCall]) -> Iterator[Mapping[str, Any]]:
    for call in reversed(past):
        if call.name == skill.name:
            yield from _objects(call.arguments)


def _facts(view: View) -> Iterator[Mapping[str, Any]]:
    for result in view.results:
        yield from _objects(result.text)


def _objects(text: str) -> Iterator[Mapping[str, Any]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Mapping):
            yield item


def _at(source: Mapping[str, Any], parameter: Parameter) -> Any:
    place: Any = source
    for step in parameter.path:
        place = place.get(step) if isinstance(place, Mapping) else None
    return place
