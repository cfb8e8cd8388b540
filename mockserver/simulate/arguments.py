"""Arguments: one set of grounded values made into valid arguments, what is missing taken from the past or invented."""

import json
from collections.abc import Iterator
from typing import Any

from mockserver.simulate.bounds import TooMuch
from mockserver.simulate.deal import Values
from mockserver.simulate.invent import invent
from mockserver.simulate.remember import remembered
from mockserver.simulate.skills import Parameter, Skill
from mockserver.simulate.view import View


def written(skill: Skill, values: Values, view: View, seed: str) -> str:
    """The arguments of a call as text.

    Raises:
        TooMuch: the tool's schema asks for more than is made up.
    """
    try:
        return json.dumps(completed(skill, values, view, seed), ensure_ascii=False)
    except TooMuch as error:
        raise error.of(f"the tool '{skill.name}'") from None


def completed(skill: Skill, values: Values, view: View, seed: str) -> dict[str, Any]:
    """Valid arguments that hold the given values as far as the schema allows them."""
    values = {**remembered(skill, values, view), **values, **skill.fixed}
    for given in _narrowing(skill, values):
        nested = _nested(skill, given) or ({} if skill.required else exemplary(skill, seed))
        if skill.fits(nested):
            return nested
        made = invent(skill.schema, skill.schema, f"{seed}/{skill.name}", nested, _owner(skill))
        if isinstance(made, dict) and skill.fits(made):
            return made
    made = invent(skill.schema, skill.schema, f"{seed}/{skill.name}", None, _owner(skill))
    return made if isinstance(made, dict) else {}


def exemplary(skill: Skill, seed: str) -> dict[str, Any]:
    """Arguments for a tool that requires none, when it is called without anything to go by: its first parameter's."""
    first = next((parameter for parameter in skill.parameters if len(parameter.path) == 1), None)
    if first is None:
        return {}
    made = invent({**skill.schema, "required": [first.name]}, skill.schema, f"{seed}/{skill.name}", None, _owner(skill))
    return made if isinstance(made, dict) and skill.fits(made) else {}


def _owner(skill: Skill) -> str:
    return f"{skill.name} {skill.description}"


def _narrowing(skill: Skill, values: Values) -> Iterator[Values]:
    """The values, then fewer and fewer of them: those that fit by themselves, those that are required."""
    fitting = {parameter.path: values[parameter.path] for parameter in skill.parameters if _stands(parameter, values)}
    fixed = dict(skill.fixed)
    yield fitting | fixed
    yield {parameter.path: fitting[parameter.path] for parameter in skill.required if parameter.path in fitting} | fixed


def _stands(parameter: Parameter, values: Values) -> bool:
    return parameter.path in values and parameter.fits(values[parameter.path])


def _nested(skill: Skill, values: Values) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for path in (*(parameter.path for parameter in skill.parameters), *skill.fixed):
        if path in values:
            place = made
            for step in path[:-1]:
                place = place.setdefault(step, {})
            place[path[-1]] = values[path]
    return made
