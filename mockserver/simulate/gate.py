"""Gate: every call passes it; an act must be asked for plainly, with its values spelled out, and once."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from mockserver.simulate.argument_completion import remembered
from mockserver.simulate.assignment import Values
from mockserver.simulate.clauses import clauses, wish
from mockserver.simulate.extraction import argument_sets
from mockserver.simulate.lexicon import word_set
from mockserver.simulate.request_view import Habits, RequestView
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
_ACCOUNTS = frozenset(map(stem, word_set("account iban card wallet payee beneficiary")))


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
        for values in argument_sets(choice.skill, choice.extraction, seen.text):
            acts = _acts(choice.skill, values)
            if acts and choice.skill.effect.kind == "looks" and not _told_to_run(choice.skill, values, seen.spoken):
                continue
            kept = spelled(choice, values, seen.text, seen.today) if acts else _nouns(choice, values, seen.spoken)
            kept = {**_absent(choice.skill), **remembered(choice.skill, kept, seen), **kept}
            missing = _missing(choice.skill, kept, acts, seen.habits)
            if missing:
                lacking.setdefault(choice.skill, missing)
            elif not acts or acting < MOST_ACTS:
                acting += acts
                calls.append((choice.skill, kept))
    return AllowedCalls(tuple(calls), lacking)


def insisted(choice: Selection, seen: RequestView) -> list[Values]:
    """The argument sets of a call that the application insists on, without what an act may not be given."""
    text = wish(seen.whole)
    return [
        spelled(choice, values, text, seen.today) for values in argument_sets(choice.skill, choice.extraction, text)
    ]


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


def _missing(skill: OfferedTool, values: Values, acts: bool, habits: Habits) -> tuple[ToolParameter, ...]:
    """The values that have to be asked for: whatever an act requires, and what a look-up is about.

    Limits and switches of a look-up may be made up, unless a person chose otherwise; what does harm never is.
    """
    missing = [parameter for parameter in skill.required if parameter.path not in values]
    if acts:
        wanted = [parameter for parameter in missing if "default" not in parameter.schema]
        if skill.parameters and not skill.required and not values and skill.effect.kind == "runs":
            return skill.parameters[:1]
        if habits.invent == "all" and skill.effect.kind == "acts":
            wanted = [parameter for parameter in wanted if _does_harm(parameter)]
        return tuple(wanted)
    if habits.invent == "none":
        return tuple(parameter for parameter in missing if "default" not in parameter.schema)
    about = [parameter for parameter in skill.required if _is_about(parameter)]
    unsaid = tuple(parameter for parameter in about if parameter in missing)
    return unsaid if len(unsaid) * 2 >= len(about) else ()


def _does_harm(parameter: ToolParameter) -> bool:
    """Whether a made-up value would do harm: a command, code, a path, a recipient, an amount, an account."""
    return parameter.role in HAZARDS or bool(parameter.words & _ACCOUNTS) or parameter.role in ("id", "source")


def _is_about(parameter: ToolParameter) -> bool:
    """Whether a value says what a look-up is about: a place, a day, an id; not a limit, not a choice."""
    if parameter.choices or parameter.words & _BOUNDS or parameter.role not in _ASKED_FOR:
        return False
    return parameter.kind in ("string", "") or (parameter.role == "id" and "id" in parameter.words)
