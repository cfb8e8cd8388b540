"""Phrases: the words of a text that one parameter takes as they are: a message, a title, a task, a repository."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from mockserver.chat import Tool
from mockserver.simulate.arithmetic import calculation
from mockserver.simulate.assignment import Values
from mockserver.simulate.entities import find_entities
from mockserver.simulate.free_text import free_text, task_phrase
from mockserver.simulate.lexicon import word_set
from mockserver.simulate.schema_repair import resolve
from mockserver.simulate.stemming import identifier_words, stem
from mockserver.simulate.tool_model import OfferedTool, ToolParameter, skill

_ANY_DAY = date(2000, 1, 1)
_OWNERS = frozenset(map(stem, ("owner", "org", "organization", "organisation", "namespace", "workspace")))
_INTRODUCED = frozenset({"", "name", "subject", "text", "room", "id", "place"})
_DANGLING = re.compile(r"(?i)[\s,]+(?:on|at|by|for|from|until|before|due|this|in|every|coming)?\s*\Z")
_LEADING_TO = re.compile(r"(?i)^[\s,]*(?:to\s+|that\s+)?")
_PRIORITY = re.compile(r"(?i)[\s,]+(?:with\s+|as\s+)?(?:a\s+)?(?:low|normal|medium|high|urgent|top)(?:\s+|-)priority\Z")
_END = (
    r"(?=\s*(?:$|[,;\n!?]|\.(?:\s|$)|\s(?:and|with|then|but|for|from|on|at|by|to|in|as|please|using|because)\s|"
    r"\s[-\u2013]\s))"
)
_QUOTED = r"[\"“'\u2018`](?P<quoted>[^\"”'\u2019`\n]+)[\"”'\u2019`]"
_CALLED = re.compile(
    r"(?i)(?<!\w)(?:called|named|titled|entitled|labell?ed|tagged|categori[sz]ed\s+as|with\s+the\s+(?:name|title))\s+"
    rf"(?:{_QUOTED}|(?P<rest>[^\W_][^,;\n]*?){_END})"
)
_NAMES = frozenset({"name", "title", "label", "subject", "summary", "tag", "headline"})
_UNSAID = word_set("is are was the a an of to for in on at it this that and or my your as with not no be")
_SYNONYMS = {
    "reference": "reference|memo|purpose|remittance|concept",
    "reason": "reason|because|since",
    "note": "notes?|remark|comment",
    "notes": "notes?|remark|comment",
    "comment": "comments?|remark|note",
    "message": "message|text",
    "body": "body|message|text",
    "content": "content|contents|text",
    "room": "room",
    "location": "location|room|venue",
}
_BECAUSE = re.compile(
    r"(?i)(?:\bbecause(?:\s+of)?\s+|\bsince\s+|,\s+(?=(?:it|it's|they|the|i|i'm|we|my)\b))(?P<rest>[^.!?\n]+)"
)
Place = tuple[int, int]
_SEAM = re.compile(r"[;\n]|,(?!\d)|:(?=\s)|(?<!\w)(?:and|plus|as well as)(?!\w)|\s&\s|\s\+\s")
_ENTRY = "entry"
_MOST_PARTS = 64


def own_phrase(parameter: ToolParameter, text: str, today: date) -> str | None:
    """The words that a text gives one parameter: its message, title, statement or expression, or what it labels."""
    if parameter.role == "expression" and (found := calculation(text)):
        return found.expression
    told = introduced(parameter, text) if parameter.role in _INTRODUCED else None
    if told:
        return trimmed(told, today) if parameter.role != "text" else told
    phrase = free_text(parameter, text) if parameter.role in ("text", "subject", "sql", "expression") else None
    if phrase and parameter.role == "subject":
        phrase = _titled(phrase, today)
    if not phrase and parameter.required and parameter.role in ("text", "subject", "name"):
        task = task_phrase(text)
        phrase = trimmed(task, today).strip("\"'“”") if task else None
    return phrase or (labelled(parameter, text) if parameter.kind else None)


def repository_halves(skill: OfferedTool, text: str) -> Values:
    """The two halves of `owner/name` for a tool that takes them apart."""
    owner = next((one for one in skill.parameters if one.words & _OWNERS and one.kind == "string"), None)
    name = next((one for one in skill.parameters if one.role == "repository" and one.kind == "string"), None)
    if owner is None or name is None:
        return {}
    slug = next((one for one in find_entities(text, _ANY_DAY) if one.kind == "slug"), None)
    if slug is None:
        return {}
    first, _, second = str(slug.value).partition("/")
    return {owner.path: first, name.path: second}


def trimmed(phrase: str, today: date) -> str:
    """A phrase without the day, time or priority at its beginning or end, which other parameters take."""
    spans = [one for one in find_entities(phrase, today) if one.kind in ("date", "datetime", "time")]
    for span in reversed(spans):
        if not phrase[span.end :].strip(" .,"):
            phrase = _DANGLING.sub("", phrase[: span.start])
    for span in spans:
        if not phrase[: span.start].strip(" ,") and phrase[span.end :].strip():
            phrase = _LEADING_TO.sub("", phrase[span.end :])
            break
    return _PRIORITY.sub("", phrase).strip(" ,.") or phrase


def _titled(phrase: str, today: date) -> str | None:
    """A title without the day or address after it; None when it holds a proper name, which says it better."""
    for span in find_entities(phrase, today):
        if span.kind in ("name", "quoted"):
            return None
        if span.kind in ("date", "datetime", "time", "email", "url"):
            return phrase[: span.start].strip(" ,") or None
    return phrase


def calculation_as_code(skill: OfferedTool, text: str) -> str | None:
    """A calculation that the text spells out, for an interpreter of Python."""
    found = calculation(text)
    return found.code if found and not {"python", "ipython"}.isdisjoint((*skill.name_words, *skill.about)) else None


def labelled(parameter: ToolParameter, text: str) -> str | None:
    """What follows the parameter's own name when the text writes it as a label, `priority: high`."""
    found = _label(parameter.name).search(text)
    return found["rest"].strip(" \"'") if found else None


def introduced(parameter: ToolParameter, text: str) -> str | None:
    """What follows the parameter's own name in a sentence: `with the reference Invoice 7`, `called pasta`."""
    last = identifier_words(parameter.name)[-1:]
    if last and last[0] in ("reason", "cause") and (because := _BECAUSE.search(text)):
        return because["rest"].strip(" ,")
    found = _introduction(parameter.name).search(text)
    if found is None and last and last[0] in _NAMES:
        found = _CALLED.search(text)
    if found is None:
        return None
    value = (found["quoted"] or found["rest"] or "").strip(" \"'“”")
    words = value.casefold().split()
    return value if words and not all(word in _UNSAID for word in words) else None


@lru_cache(maxsize=1024)
def _label(name: str) -> re.Pattern[str]:
    words = r"(?:'s)?[\s_-]*".join(map(re.escape, identifier_words(name))) or "(?!)"
    return re.compile(
        rf"(?i)(?<!\w){words}\s*(?:=|:|\bis\b)\s*(?P<rest>[^,;.\n]+?)(?=\s*(?:$|[,;\n]|\.(?:\s|$)|\s(?:and|with)\s))"
    )


@lru_cache(maxsize=1024)
def _introduction(name: str) -> re.Pattern[str]:
    """The parameter's last word behind a preposition, an article or a comma, and the value after it."""
    words = identifier_words(name)
    if not words or len(words[-1]) < 3:
        return re.compile("(?!)")
    own = _SYNONYMS.get(words[-1], re.escape(words[-1]))
    return re.compile(
        rf"(?i)(?:(?<!\w)(?:with|under|using|and|in|as|for|of|set|put|use)\s+|[,(]\s*)(?:the\s+|a\s+|an\s+|its\s+|my\s+)?"
        rf"(?:{own})(?:\s+(?:of|to|as|is|code|number|saying))*\s*[:=]?\s+"
        rf"(?:{_QUOTED}|(?P<rest>[^\W_][^,;\n]*?){_END})"
    )


class ListPart(NamedTuple):
    """A part of an enumeration and where it stands."""

    text: str
    place: Place


def parts_of_list(text: str) -> Iterator[ListPart]:
    """The parts of a text between commas, colons and conjunctions."""
    start = 0
    for count, seam in enumerate([*_SEAM.finditer(text), None]):
        end = seam.start() if seam and count < _MOST_PARTS else len(text)
        if text[start:end].strip():
            yield ListPart(text[start:end], (start, end))
        if seam is None or count >= _MOST_PARTS:
            return
        start = seam.end()


def entry_tool(parameter: ToolParameter, owner: OfferedTool) -> OfferedTool | None:
    """An entry of a list as a tool that takes its keys; None where the entries are not objects with known keys."""
    if not parameter.many or parameter.kind != "object" or owner.name == _ENTRY:
        return None
    items = resolve(parameter.schema.get("items", {}), owner.schema)
    if not isinstance(items, Mapping) or not items.get("properties"):
        return None
    tables: dict[str, Any] = {key: owner.schema[key] for key in ("$defs", "definitions") if key in owner.schema}
    return skill(Tool(_ENTRY, parameter.description, {**tables, **items, "type": "object"}))


def as_entry(values: Values, entry: OfferedTool) -> dict[str, Any] | None:
    """The values as an object; None where a required one is lacking."""
    if not values or any(one.path not in values for one in entry.required):
        return None
    made: dict[str, Any] = {}
    for path, value in values.items():
        place = made
        for step in path[:-1]:
            place = place.setdefault(step, {})
        place[path[-1]] = value
    return made if entry.fits(made) else None
