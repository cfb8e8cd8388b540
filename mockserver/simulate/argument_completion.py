"""Argument completion: read values become valid arguments; missing ones come from the conversation or are invented."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.chat import Tool, ToolCall
from mockserver.simulate.assignment import Values
from mockserver.simulate.bounds import TooMuch
from mockserver.simulate.extraction import extract
from mockserver.simulate.facts import meant_record, records_in, told_value, value_for
from mockserver.simulate.invent import invent
from mockserver.simulate.request_view import RequestView
from mockserver.simulate.requested_acts import Words, spelled_out
from mockserver.simulate.schema_repair import types_of, well_formed
from mockserver.simulate.tool_model import OfferedTool, ToolParameter, skill

_ANSWER = "answer"
_MOST_EARLIER = 4
_OWN_WORDS = frozenset(("", "text", "subject", "query", "name", "room", "place", "genre", "person", "organization"))


def written(skill: OfferedTool, values: Values, view: RequestView, seed: str) -> str:
    """The arguments of a call as text.

    Raises:
        TooMuch: the tool's schema asks for more than is made up.
    """
    try:
        return json.dumps(completed(skill, values, view, seed), ensure_ascii=False)
    except TooMuch as error:
        raise error.of(f"the tool '{skill.name}'") from None


def completed(skill: OfferedTool, values: Values, view: RequestView, seed: str) -> dict[str, Any]:
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


def exemplary(skill: OfferedTool, seed: str) -> dict[str, Any]:
    """Arguments for a tool that requires none, when it is called without anything to go by: its first parameter's."""
    first = next((parameter for parameter in skill.parameters if len(parameter.path) == 1), None)
    if first is None:
        return {}
    made = invent({**skill.schema, "required": [first.name]}, skill.schema, f"{seed}/{skill.name}", None, _owner(skill))
    return made if isinstance(made, dict) and skill.fits(made) else {}


def in_format(words: str, wanted: Mapping[str, Any], view: RequestView, seed: str) -> str:
    """What the model says, given what it would say in plain words; `wanted` is the request's `response_format`.

    Raises:
        TooMuch: its schema asks for more than is made up.
    """
    if wanted.get("type") == "json_object":
        return json.dumps({_ANSWER: words}, ensure_ascii=False)
    named = wanted.get("json_schema")
    if wanted.get("type") != "json_schema" or not isinstance(named, Mapping):
        return words
    try:
        return json.dumps(_fitting(named, view, seed), ensure_ascii=False)
    except TooMuch as error:
        raise error.of("the schema of `response_format`") from None


def remembered(skill: OfferedTool, values: Values, view: RequestView) -> Values:
    """Required values that are not among `values`, as the conversation holds them; the latest counts."""
    missing = [parameter for parameter in skill.required if parameter.path not in values]
    if not missing:
        return {}
    found: Values = {}
    meant = _meant(view)
    sources = [(one, call.name) for call in _earlier_calls(skill, view.past) for one in _objects(call.arguments)]
    sources += _facts(view)
    for parameter in missing:
        held = [value for one, owner in meant if (value := _at(one, parameter, owner)) is not None]
        held = held or [value for one, owner in sources if (value := _at(one, parameter, owner)) is not None]
        held = [value for value in held if parameter.fits(value)]
        if held and (skill.effect.kind == "looks" or all(value == held[0] for value in held)):
            found[parameter.path] = held[0]  # of several that an act could mean, none is picked
        elif (told := _told(parameter, view)) is not None:
            found[parameter.path] = told
    _from_messages(skill, [one for one in missing if one.path not in found], view, found)
    return found


def _meant(view: RequestView) -> list[tuple[Mapping[str, Any], str]]:
    """The record of earlier results that the user singles out."""
    for result in (*view.results, *view.history):
        record = meant_record(view.spoken, [result.text])
        if record is not None:
            return [(record, result.name)]
    return []


def _told(parameter: ToolParameter, view: RequestView) -> Any:
    told = told_value(parameter, view.told)
    if told is not None and parameter.kind == "integer":
        return int(told) if told.isdigit() and parameter.fits(int(told)) else None
    return told if told is not None and parameter.fits(told) else None


def _owner(skill: OfferedTool) -> str:
    return f"{skill.name} {skill.description}"


def _narrowing(skill: OfferedTool, values: Values) -> Iterator[Values]:
    """The values, then fewer and fewer of them: those that fit by themselves, those that are required."""
    fitting = {parameter.path: values[parameter.path] for parameter in skill.parameters if _stands(parameter, values)}
    fixed = dict(skill.fixed)
    yield fitting | fixed
    yield {parameter.path: fitting[parameter.path] for parameter in skill.required if parameter.path in fitting} | fixed


def _stands(parameter: ToolParameter, values: Values) -> bool:
    return parameter.path in values and parameter.fits(values[parameter.path])


def _nested(skill: OfferedTool, values: Values) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for path in (*(parameter.path for parameter in skill.parameters), *skill.fixed):
        if path in values:
            place = made
            for step in path[:-1]:
                place = place.setdefault(step, {})
            place[path[-1]] = values[path]
    return made


def _fitting(named: Mapping[str, Any], view: RequestView, seed: str) -> Any:
    """A value for the schema; an object is filled as the arguments of a call would be."""
    schema = named.get("schema", {})
    formed = well_formed(schema)
    if types_of(formed)[:1] not in (("object",), ()) or not isinstance(schema, dict):
        return invent(formed, formed, f"{seed}/{_ANSWER}")
    answer = skill(
        Tool(str(named.get("name")), str(named.get("description") or ""), schema, named.get("strict") is True)
    )
    return completed(answer, extract(answer, view.text, view.today).calls[0], view, seed)


def _from_messages(skill: OfferedTool, missing: Sequence[ToolParameter], view: RequestView, found: Values) -> None:
    for text in view.earlier[:_MOST_EARLIER]:
        if all(parameter.path in found for parameter in missing):
            return
        said = extract(skill, text, view.today)
        for parameter in missing:
            value = said.calls[0].get(parameter.path)
            words = Words(text, view.today, said.guessed)
            plain = skill.effect.kind == "looks" or spelled_out(skill, parameter, value, words)
            if value is not None and said.sure and plain:
                found.setdefault(parameter.path, value)


def _earlier_calls(skill: OfferedTool, past: Sequence[ToolCall]) -> Iterator[ToolCall]:
    return (call for call in reversed(past) if call.name == skill.name)


def _facts(view: RequestView) -> list[tuple[Mapping[str, Any], str]]:
    return [(record, result.name) for result in view.results for record in records_in(result.text)]


def _objects(text: str) -> Iterator[Mapping[str, Any]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Mapping):
            yield item


def _at(source: Mapping[str, Any], parameter: ToolParameter, owner: str) -> Any:
    place: Any = source
    for step in parameter.path[:-1]:
        place = place.get(step) if isinstance(place, Mapping) else None
    return value_for(parameter.name, place, owner) if isinstance(place, Mapping) else None


def calls_of(found: Sequence[tuple[OfferedTool, Values]], seen: RequestView, seed: str) -> list[ToolCall]:
    """The allowed calls with their arguments as text, each once."""
    calls: list[ToolCall] = []
    for offered, read in found:
        values = _in_own_words(offered, read, seen)
        made = ToolCall(offered.name, written(offered, values, seen, f"{seed}/{len(calls)}"))
        if made not in calls:
            calls.append(made)
    return calls


def _in_own_words(skill: OfferedTool, values: Values, seen: RequestView) -> Values:
    """The values, texts of the user in the user's own language."""
    if not seen.gloss.language:
        return values
    own = {one.path for one in skill.parameters if one.role in _OWN_WORDS and not one.choices}
    return {
        path: seen.gloss.own_words(value) if path in own and isinstance(value, str) else value
        for path, value in values.items()
    }


def without_repeats(calls: list[ToolCall], seen: RequestView) -> list[ToolCall]:
    """The calls that have not been made since the question was asked."""
    made = {_identity(call) for call in seen.made}
    return [call for call in calls if _identity(call) not in made]


def _identity(call: ToolCall) -> tuple[str, str]:
    try:
        return call.name, json.dumps(json.loads(call.arguments), sort_keys=True)
    except (ValueError, RecursionError):
        return call.name, call.arguments
