"""Evidence: whether the user spelled a value out, by what it is for: a command is quoted, a path looks like one."""

import re
from collections.abc import Set
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from mockserver.simulate.commands import commands, is_command, is_path
from mockserver.simulate.deal import Path
from mockserver.simulate.lexicon import STOP
from mockserver.simulate.skills import Parameter, Skill
from mockserver.simulate.spans import find_spans
from mockserver.simulate.words import stem, tokens

HAZARDS = frozenset({"command", "source", "sql", "path", "email", "recipient", "phone", "money"})
"""What a value is for that does harm when it is made up."""

_PLACING = re.compile(r"(?i)\b(?:in|from|of|inside|within|at|on|with|by)\s+(?:the\s+|my\s+)?(?:file\s+)?[`\"'“]?\Z")
_NEAR = 40
_NEVER_GUESSED = frozenset({"path", "id", "recipient", "email", "phone", "url", "ip"})
_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+|[@#][\w.-]+|\+?[\d\s().-]{6,}")
_WRITES_SQL = re.compile(
    r"(?is)\b(?:insert|update|delete|drop|alter|create|truncate|replace|merge|grant|revoke|attach|vacuum|call|exec(?:ute)?|"
    r"set|into|copy|load|rename|lock|begin|commit)\b"
)
_READS_SQL = re.compile(r"(?is)\s*(?:select|with|show|describe|desc|explain|pragma\s+\w+\s*(?:\(|;|$))\b")


class Words(NamedTuple):
    """The user's own words, from which values were read; `guessed` are parameters whose words say nothing else."""

    text: str
    today: date
    guessed: Set[Path] = frozenset()


def spelled_out(skill: Skill, parameter: Parameter, value: Any, words: Words) -> bool:
    """Whether a value that was read from the user's words stands there plainly as that value."""
    if isinstance(value, list):
        return bool(value) and all(spelled_out(skill, parameter, item, words) for item in value)
    if not isinstance(value, str) or value in parameter.choices:
        return True
    role = parameter.role
    if role in ("command", "source"):
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


def _is_object(skill: Skill, path: str, text: str) -> bool:
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


def _writes_files(skill: Skill) -> bool:
    """Whether a tool changes files: then what goes into them has to be told in so many words."""
    return any(parameter.role == "path" for parameter in skill.parameters)


def _is_phrase(skill: Skill, value: str) -> bool:
    """Whether words say something that the tool's own name and the grammar do not."""
    own = set(skill.name_words) | skill.effect.verbs
    return any(token.text.casefold() not in STOP and stem(token.text) not in own for token in tokens(value))


@lru_cache(maxsize=64)
def quotations(text: str, today: date) -> frozenset[str]:
    """What stands in quotes or backticks."""
    return frozenset(str(span.value) for span in find_spans(text, today) if span.kind == "quoted")


def reads_only(statement: str) -> bool:
    """Whether an SQL statement only reads."""
    return _READS_SQL.match(statement) is not None and not _WRITES_SQL.search(re.sub(r"'[^']*'", "''", statement))
