"""Gate: every call passes it; an act must be asked for plainly, with its values spelled out, and once."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from mockserver.simulate.argument_completion import remembered
from mockserver.simulate.assignment import Path, Values
from mockserver.simulate.clauses import clauses, wish
from mockserver.simulate.lexicon import word_set
from mockserver.simulate.request_view import RequestView
from mockserver.simulate.requested_acts import HAZARDS, Words, reads_only, spelled_out
from mockserver.simulate.schema_repair import types_of
from mockserver.simulate.stemming import stem
from mockserver.simulate.tool_model import OfferedTool, ToolParameter
from mockserver.simulate.tool_selection import Selection

_OPENING = 12
MOST_ACTS = 3
"""So many calls that act may stand in one answer."""

_ASKED_FOR = ("date", "place", "person", "recipient", "id", "email", "url", "phone", "path", "organization", "datetime")
_BOUNDS = frozenset(map(stem, word_set("min max minimum maximum before after since until limit from earliest latest")))
_BETWEEN = re.compile(
    r"[\s`\"'“”\u2018\u2019]*(?:(?:,|;|&|\+|\b(?:and|or|plus|as well as|und|y|e|et|ou|oder)\b)\s*)+"
    r"(?:(?:the|a|an|in|to|for|at|from|on|of|number|no\.?|also)\s+)*[\s`\"'#“”\u2018\u2019]*",
    re.IGNORECASE,
)


class AllowedCalls(NamedTuple):
    """What the gate let through, and the required values that the other calls lack."""

    calls: tuple[tuple[OfferedTool, Values], ...] = ()
    lacking: Mapping[OfferedTool, tuple[ToolParameter, ...]] = {}


def allowed_calls(choices: Sequence[Selection], seen: RequestView) -> AllowedCalls:
    """What may be called of what was chosen."""
    calls: list[tuple[OfferedTool, Values]] = []
    lacking: dict[OfferedTool, tuple[ToolParameter, ...]] = {}
    acting = 0
    for choice in choices:
        for values in _calls(choice, seen.text):
            acts = _acts(choice.skill, values)
            if acts and choice.skill.effect.kind == "looks" and not _told_to_run(choice.skill, values, seen.spoken):
                continue
            kept = spelled(choice, values, seen.text, seen.today) if acts else _nouns(choice, values, seen.spoken)
            kept = {**_absent(choice.skill), **remembered(choice.skill, kept, seen), **kept}
            missing = _missing(choice.skill, kept, acts)
            if missing:
                lacking.setdefault(choice.skill, missing)
            elif not acts or acting < MOST_ACTS:
                acting += acts
                calls.append((choice.skill, kept))
    return AllowedCalls(tuple(calls), lacking)


def insisted(choice: Selection, seen: RequestView) -> list[Values]:
    """The argument sets of a call that the application insists on, without what an act may not be given."""
    text = wish(seen.whole)
    return [spelled(choice, values, text, seen.today) for values in _calls(choice, text)]


def _nouns(choice: Selection, values: Values, text: str) -> Values:
    """The values without a verb that was taken for one: who would like to fly does not start from there."""
    verbs = {clause.verb for clause in clauses(text)}
    guessed = choice.extraction.guessed
    return {path: value for path, value in values.items() if path not in guessed or stem(str(value)) not in verbs}


def _told_to_run(skill: OfferedTool, values: Values, text: str) -> bool:
    """Whether a clause asks to run the statement that a call holds."""
    statements = [str(values[one.path]) for one in skill.parameters if one.role == "sql" and one.path in values]
    asked = [text[one.start : one.end] for one in clauses(text) if one.mood == "asked"]
    return all(any(one[:_OPENING] in part for part in asked) for one in statements)


def _acts(skill: OfferedTool, values: Values) -> bool:
    """Whether a call acts: its tool does, or the statement that it is given writes."""
    if skill.effect.kind != "looks":
        return True
    return any(
        parameter.role == "sql" and not reads_only(str(values[parameter.path]))
        for parameter in skill.parameters
        if parameter.path in values
    )


def spelled(choice: Selection, values: Values, text: str, today: date) -> Values:
    """The values that the user spelled out; of a look-up only what could do harm has to be."""
    words = Words(text, today, choice.extraction.guessed)
    careful = choice.skill.effect.kind != "looks"
    return {
        parameter.path: values[parameter.path]
        for parameter in choice.skill.parameters
        if parameter.path in values
        and (
            not (careful or parameter.role in HAZARDS)
            or spelled_out(choice.skill, parameter, values[parameter.path], words)
        )
    }


def _absent(skill: OfferedTool) -> Values:
    """Null for what a schema requires and also lets be null: the conversation does not mention it."""
    return {
        parameter.path: None for parameter in skill.required
        if "null" in types_of(dict(parameter.schema)) and parameter.fits(None)
    }  # fmt: skip


def _missing(skill: OfferedTool, values: Values, acts: bool) -> tuple[ToolParameter, ...]:
    """The values that have to be asked for: whatever an act requires, and what a look-up is about.

    Limits and switches of a look-up may be made up.
    """
    missing = [parameter for parameter in skill.required if parameter.path not in values]
    if acts:
        wanted = [parameter for parameter in missing if "default" not in parameter.schema]
        if skill.parameters and not skill.required and not values and skill.effect.kind == "runs":
            return skill.parameters[:1]
        return tuple(wanted)
    about = [parameter for parameter in skill.required if _is_about(parameter)]
    unsaid = tuple(parameter for parameter in about if parameter in missing)
    return unsaid if len(unsaid) * 2 >= len(about) else ()


def _is_about(parameter: ToolParameter) -> bool:
    """Whether a value says what a look-up is about: a place, a day, an id; not a limit, not a choice."""
    if parameter.choices or parameter.words & _BOUNDS or parameter.role not in _ASKED_FOR:
        return False
    return parameter.kind in ("string", "") or (parameter.role == "id" and "id" in parameter.words)


def _calls(choice: Selection, text: str) -> list[Values]:
    """The argument sets; of an act only one, unless the text lists what sets them apart."""
    calls = choice.extraction.calls
    if choice.skill.effect.kind == "looks" or len(calls) < 2:
        return calls
    required = {parameter.path for parameter in choice.skill.required}
    differing = [path for path in _paths(calls) if len({str(values.get(path)) for values in calls}) > 1]
    if len([path for path in differing if path in required]) > 1:
        return calls
    listed = all(_listed([values.get(path) for values in calls], text) for path in differing)
    return calls if listed else calls[:1]


def _paths(calls: Sequence[Values]) -> list[Path]:
    return list(dict.fromkeys(path for values in calls for path in values))


def _listed(values: Sequence[Any], text: str) -> bool:
    """Whether values stand in the text one after the other, with nothing but commas and conjunctions between."""
    folded = text.casefold()
    end = -1
    for value in values:
        written = str(value).casefold()
        place = folded.find(written, max(end, 0))
        if place < 0 or (end >= 0 and not _BETWEEN.fullmatch(text, end, place)):
            return False
        end = place + len(written)
    return True
