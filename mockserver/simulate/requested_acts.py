"""Requested acts: which acts the user's clauses ask for or forbid, and which of their values are spelled out."""

import re
from collections.abc import Iterable, Sequence, Set
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from mockserver.simulate.arithmetic import calculation
from mockserver.simulate.assignment import Path
from mockserver.simulate.clauses import Clause, clauses
from mockserver.simulate.effects import acts_of
from mockserver.simulate.entities import find_entities
from mockserver.simulate.free_text import commands, has_path, is_command, is_path
from mockserver.simulate.lexicon import STOP, word_set
from mockserver.simulate.stemming import is_generic, related, stem, tokens
from mockserver.simulate.tool_model import OfferedTool, ToolParameter, looking_only

HAZARDS = frozenset({"command", "source", "sql", "path", "email", "recipient", "phone", "money"})
"""What a value is for that does harm when it is made up."""

_ANYTHING = frozenset(map(stem, word_set("do change modify touch act edit alter write make execute")))
_WHOLLY = re.compile(
    r"(?i)\b(?:anything|nothing|any (?:tools?|files?|changes?|commands?)|changes|tools?|files|commands?|yet)\b"
)
_ELSE = re.compile(r"(?i)\b(?:else|other)\b")
_OWN_OBJECT = re.compile(r"[`\"“\d@]|\w[./]\w|\b(?:to|for|in|from|other|else)\s+\w|\s[A-Z]\w")
"""What forbids only some of what is asked for names it: `but do not send it to Bob`."""

_EXTENDS = frozenset(map(stem, word_set("add append insert prepend attach extend")))
_OPENS = frozenset(map(stem, word_set("open pull load")))
_MAIL = frozenset({"mail", "email"})
_PRONOUN = re.compile(r"(?i)\b(?:it|them|this|that|these|those)\b")
_BLANK = re.compile(r"[^\n]")
_USING = frozenset(map(stem, word_set("use call invoke run try")))
_INTERPRETERS = frozenset(map(stem, word_set("python bash shell terminal powershell node javascript")))
_PLACING = re.compile(r"(?i)\b(?:in|from|of|inside|within|at|on|with|by)\s+(?:the\s+|my\s+)?(?:file\s+)?[`\"'“]?\Z")
_NEAR = 40
_NEVER_GUESSED = frozenset({"path", "id", "recipient", "email", "phone", "url", "ip"})
_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+|[@#][\w.-]+|\+?[\d\s().-]{6,}")
_WRITES_SQL = re.compile(
    r"(?is)\b(?:insert|update|delete|drop|alter|create|truncate|replace|merge|grant|revoke|attach|vacuum|call|exec(?:ute)?|"
    r"set|into|copy|load|rename|lock|begin|commit)\b"
)
_READS_SQL = re.compile(r"(?is)\s*(?:select|with|show|describe|desc|explain|pragma\s+\w+\s*(?:\(|;|$))\b")


def open_to(skills: Sequence[OfferedTool], text: str) -> tuple[OfferedTool, ...]:
    """The tools that a request may call: those that look, and those whose act it asks for and does not forbid."""
    spoken = clauses(text)
    return tuple(skill for one in skills if (skill := _as_allowed(one, spoken, text)) is not None)


def _as_allowed(skill: OfferedTool, spoken: Iterable[Clause], text: str) -> OfferedTool | None:
    """The tool as it may be called: whole, only for looking, or not at all."""
    if skill.effect.kind != "looks" and (_forbidden(skill, spoken, text) or not asked_for(skill, text)):
        looking = looking_only(skill)
        return looking if looking is None or not _forbidden(looking, spoken, text) else None
    return None if _forbidden(skill, spoken, text) else skill


@lru_cache(maxsize=1024)
def asked_for(skill: OfferedTool, text: str) -> bool:
    """Whether a clause asks for what the tool does."""
    return any(_asks(clause, skill, text) for clause in clauses(text))


def _asks(clause: Clause, skill: OfferedTool, text: str) -> bool:
    if clause.mood not in ("asked", "wished"):
        return False
    said = {stem(token.text) for token in tokens(text[clause.start : clause.end])}
    if clause.mood == "wished":
        objects = set(skill.name_words) - skill.effect.verbs
        return "destroy" not in skill.effect.acts and bool(objects & said)
    if clause.verb in skill.effect.verbs:
        return True
    part = text[clause.start : clause.end]
    if _means_otherwise(clause.verb, skill, part):
        return False
    if not acts_of(clause.verb).isdisjoint(skill.effect.acts) and _speaks_of(skill, clause.verb, said, part):
        return True
    return clause.verb in _USING and _names(skill, part)


def _means_otherwise(verb: str, skill: OfferedTool, part: str) -> bool:
    """Whether a verb means something else for files: who opens one reads it, who adds to one does not replace it."""
    if not any(parameter.role == "path" for parameter in skill.parameters):
        return False
    return verb in _EXTENDS or (verb in _OPENS and has_path(part))


def _speaks_of(skill: OfferedTool, verb: str, said: set[str], part: str) -> bool:
    """Whether a clause speaks of what the tool is about, or says it with a verb that means the same."""
    objects = {word for word in skill.name_words if word not in skill.effect.verbs and not acts_of(word)}
    if objects & said or (not objects and skill.effect.kind == "runs"):
        return True
    known = skill.effect.verbs | objects | {word for word in skill.about if not is_generic(word)}
    if verb in known or any(related(verb, word) for word in known):
        return True
    about = objects | skill.about
    return (stem("file") in about and has_path(part)) or (not about.isdisjoint(_MAIL) and "@" in part)


def _names(skill: OfferedTool, part: str) -> bool:
    """Whether a part of the text calls the tool by its name, by that of its interpreter, or speaks all words of it."""
    said = {stem(token.text) for token in tokens(part)}
    if skill.effect.kind == "runs" and not _INTERPRETERS.isdisjoint(said & set(skill.name_words)):
        return True
    return skill.name.casefold() in part.casefold() or set(skill.name_words) <= said


def _forbidden(skill: OfferedTool, spoken: Iterable[Clause], text: str) -> bool:
    """Whether the text forbids a tool by name, or what it does, and does not ask for the same elsewhere."""
    for clause in spoken:
        if clause.mood != "forbidden":
            continue
        part = text[clause.start : clause.end]
        if clause.verb in _USING and _names(skill, part):
            return True
        if skill.effect.kind == "looks":
            continue
        if clause.verb in _ANYTHING and _WHOLLY.search(part) and not _ELSE.search(part):
            return True
        alike = not acts_of(clause.verb).isdisjoint(skill.effect.acts) and not _asked_by_name(skill, spoken)
        forbids = clause.verb in skill.effect.verbs or alike
        if forbids and not (_OWN_OBJECT.search(part) and asked_for(skill, text)):
            return True
    return False


def _asked_by_name(skill: OfferedTool, spoken: Iterable[Clause]) -> bool:
    """Whether a clause asks for an act with the tool's own verb."""
    return any(clause.mood == "asked" and clause.verb in skill.effect.verbs for clause in spoken)


def asking_part(skill: OfferedTool, text: str, widely: bool = False) -> str:
    """What of a text asks for an act; `widely` also what it only tells. The rest is blanked, so that places stay."""
    parts: list[str] = []
    place = 0
    own = False
    for clause in clauses(text):
        if clause.mood != "told":
            alike = clause.mood == "asked" and not acts_of(clause.verb).isdisjoint(skill.effect.acts)
            goes_on = own and alike and not _means_otherwise(clause.verb, skill, text[clause.start : clause.end])
            own = goes_on or _asks(clause, skill, text)
        if not own and not (widely and clause.mood == "told"):
            parts += [text[place : clause.start], _BLANK.sub(" ", text[clause.start : clause.end])]
            place = clause.end
    return "".join(parts) + text[place:] if parts else text


def wider_part(skill: OfferedTool, text: str) -> str:
    """Where a value of an act may stand besides: what is told, and for `it` what is asked for before."""
    pronoun = _PRONOUN.search(asking_part(skill, text))
    return text if pronoun else asking_part(skill, text, widely=True)


def refers_back(skill: OfferedTool, text: str) -> bool:
    """Whether an act may be done to what the text names elsewhere: it destroys nothing, or speaks of `it`."""
    return "destroy" not in skill.effect.acts or _PRONOUN.search(asking_part(skill, text)) is not None


def asks_to_look(text: str) -> bool:
    """Whether a text has a question, or asks for something that only looks."""
    return any(
        clause.mood == "question" or (clause.mood == "asked" and not acts_of(clause.verb)) for clause in clauses(text)
    )


def undecided(skills: Sequence[OfferedTool], text: str) -> bool:
    """Whether a text asks for an act of a kind that some tool does, though of none of them plainly."""
    verbs = [acts_of(clause.verb) for clause in clauses(text) if clause.mood == "asked"]
    return any(not acts.isdisjoint(skill.effect.acts) for acts in verbs for skill in skills)


class Words(NamedTuple):
    """The user's own words, from which values were read; `guessed` are parameters whose words say nothing else."""

    text: str
    today: date
    guessed: Set[Path] = frozenset()


def spelled_out(  # noqa: PLR0911 - one role a line
    skill: OfferedTool, parameter: ToolParameter, value: Any, words: Words
) -> bool:
    """Whether a value that was read from the user's words stands there plainly as that value."""
    if isinstance(value, list):
        return bool(value) and all(spelled_out(skill, parameter, item, words) for item in value)
    if not isinstance(value, str) or value in parameter.choices:
        return True
    role = parameter.role
    if role in ("command", "source"):
        sum_asked = calculation(words.text) if role == "source" else None
        if sum_asked is not None and value == sum_asked.code:
            return True
        return value in commands(words.text) and not (role == "source" and is_command(value))
    if value in quotations(words.text, words.today) or role == "sql":
        return (role != "path" or _is_object(skill, value, words.text)) and (
            role != "sql" or _is_statement(value, words.text)
        )
    if parameter.path in words.guessed:
        sure = role not in _NEVER_GUESSED and not parameter.many and not _writes_files(skill)
        return sure and _is_phrase(skill, value)
    loose = role in ("", "name") and _writes_files(skill)
    return not loose and _looks_right(role, value) and (role != "path" or _is_object(skill, value, words.text))


def _is_object(skill: OfferedTool, path: str, text: str) -> bool:
    """Whether a path says what is acted on: who removes dead code in a file does not remove the file."""
    before = text[: max(0, text.find(path))]
    return is_path(path) and not ("destroy" in skill.effect.acts and _PLACING.search(before[-_NEAR:]))


def _is_statement(value: str, text: str) -> bool:
    """Whether a statement only reads, or stands in the text word for word."""
    return reads_only(value) or value.rstrip("; ") in " ".join(text.split())


def _looks_right(role: str, value: str) -> bool:
    """Whether a text has the looks of what it is for."""
    if role == "path":
        return is_path(value)
    if role == "id":
        return any(letter.isdigit() for letter in value)
    return role != "recipient" or bool(_ADDRESS.fullmatch(value)) or value[:1].isupper()


def _writes_files(skill: OfferedTool) -> bool:
    """Whether a tool changes files: then what goes into them has to be told in so many words."""
    return any(parameter.role == "path" for parameter in skill.parameters)


def _is_phrase(skill: OfferedTool, value: str) -> bool:
    """Whether words say something that the tool's own name and the grammar do not."""
    own = set(skill.name_words) | skill.effect.verbs
    return any(token.text.casefold() not in STOP and stem(token.text) not in own for token in tokens(value))


@lru_cache(maxsize=64)
def quotations(text: str, today: date) -> frozenset[str]:
    """What stands in quotes or backticks."""
    return frozenset(str(span.value) for span in find_entities(text, today) if span.kind == "quoted")


def reads_only(statement: str) -> bool:
    """Whether an SQL statement only reads."""
    return _READS_SQL.match(statement) is not None and not _WRITES_SQL.search(re.sub(r"'[^']*'", "''", statement))
