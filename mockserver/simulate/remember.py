"""Memory: missing values that the conversation holds, in earlier calls, results and messages of the user."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.chat import ToolCall
from mockserver.simulate.deal import Values
from mockserver.simulate.evidence import Words, spelled_out
from mockserver.simulate.ground import ground
from mockserver.simulate.phrases import labelled
from mockserver.simulate.skills import Parameter, Skill
from mockserver.simulate.view import View

_MOST_EARLIER = 4


def remembered(skill: Skill, values: Values, view: View) -> Values:
    """Required values that are not among `values`, as the conversation holds them; the latest counts."""
    missing = [parameter for parameter in skill.required if parameter.path not in values]
    if not missing:
        return {}
    found: Values = {}
    sources = [*_earlier_calls(skill, view.past), *_facts(view)]
    for parameter in missing:
        held = [value for one in sources if (value := _at(one, parameter)) is not None and parameter.fits(value)]
        if held and (skill.effect.kind == "looks" or all(value == held[0] for value in held)):
            found[parameter.path] = held[0]  # of several that an act could mean, none is picked
        if parameter.role == "id" and parameter.kind == "string" and parameter.path not in found:
            told = labelled(parameter, view.told)
            if told and parameter.fits(told) and any(letter.isdigit() for letter in told):
                found[parameter.path] = told
    _from_messages(skill, [one for one in missing if one.path not in found], view, found)
    return found


def _from_messages(skill: Skill, missing: Sequence[Parameter], view: View, found: Values) -> None:
    for text in view.earlier[:_MOST_EARLIER]:
        if all(parameter.path in found for parameter in missing):
            return
        said = ground(skill, text, view.today)
        for parameter in missing:
            value = said.calls[0].get(parameter.path)
            words = Words(text, view.today, said.guessed)
            plain = skill.effect.kind == "looks" or spelled_out(skill, parameter, value, words)
            if value is not None and said.sure and plain:
                found.setdefault(parameter.path, value)


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
