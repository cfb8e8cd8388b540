"""Roles: what a parameter stands for, as its name, format and description tell, and which kinds of span can fill it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.simulate.stemming import identifier_words, stem

_BY_WORD = {
    "email": "email mail emails",
    "recipient": "to recipient recipients cc bcc receiver addressee attendees participants invitees",
    "url": "url uri link website webpage href endpoint domain",
    "phone": "phone telephone mobile fax",
    "ip": "ip ipv4",
    "person": "person author username user customer client patient employee contact owner actor artist player student "
    "celebrity director sender guest passenger driver assignee firstname lastname fullname",
    "place": "city location place country state region destination origin address town county venue area departure "
    "arrival airport landmark neighborhood street cities locations countries where",
    "organization": "company organization organisation team brand manufacturer employer",
    "date": "date day birthday birthdate dob deadline checkin checkout before after since until dates",
    "time": "time hour when",
    "datetime": "datetime timestamp",
    "money": "price amount cost budget salary revenue income fee payment total balance principal spend",
    "percent": "percent percentage rate discount probability ratio",
    "duration": "duration days hours minutes seconds weeks months years period term nights",
    "count": "count limit number quantity num size top max min maximum minimum n k page people guests adults",
    "year": "year",
    "query": "query q keyword keywords search term question topic prompt",
    "sql": "sql statement",
    "pattern": "pattern regex regexp needle",
    "command": "command cmd commandline",
    "text": "body message text content description comment note notes details summary caption paragraph",
    "subject": "subject title heading headline",
    "ticker": "ticker symbol",
    "room": "room zone",
    "id": "id identifier uuid guid code number sku isbn iban account reference ref token key",
    "language": "language lang locale",
    "currency": "currency currencies",
    "unit": "unit units scale",
    "path": "path file filename filepath directory folder",
    "expression": "expression formula equation function",
    "color": "color colour",
    "genre": "genre",
    "cuisine": "cuisine",
    "repository": "repo repository",
    "name": "name label tag",
}
_WORD_ROLE = {word: role for role, words in _BY_WORD.items() for word in words.split()}
# `years` is a span of time; `year` is not.
_STEM_ROLE = {stem(word): role for word, role in _WORD_ROLE.items() if role != "duration"}
_BY_FORMAT = {
    "email": "email", "idn-email": "email", "uri": "url", "url": "url", "iri": "url", "uri-reference": "url",
    "date": "date", "date-time": "datetime", "time": "time", "ipv4": "ip", "uuid": "id", "hostname": "url",
    "phone": "phone", "duration": "duration",
}  # fmt: skip
NUMERIC_ROLES = frozenset({"money", "percent", "duration", "count", "year"})

ACCEPTS: Mapping[str, Mapping[str, float]] = {
    "email": {"email": 1.0, "name": 0.2},
    "recipient": {"email": 1.0, "phone": 0.8, "name": 0.6, "code": 0.3},
    "url": {"url": 1.0, "quoted": 0.3},
    "phone": {"phone": 1.0},
    "ip": {"ip": 1.0},
    "person": {"name": 0.7, "quoted": 0.6, "email": 0.2, "code": 0.4},
    "place": {"name": 0.65, "quoted": 0.6, "code": 0.2, "phrase": 0.4, "room": 0.4},
    "room": {"room": 1.0, "quoted": 0.7, "name": 0.55, "code": 0.5, "phrase": 0.4, "number": 0.3},
    "ticker": {"name": 0.6, "quoted": 0.7, "code": 0.6},
    "country_code": {"name": 0.65, "quoted": 0.3},
    "genre": {"genre": 1.0, "quoted": 0.6, "name": 0.3, "phrase": 0.3},
    "cuisine": {"cuisine": 1.0, "language": 0.9, "quoted": 0.6, "name": 0.5, "phrase": 0.3},
    "organization": {"name": 0.75, "quoted": 0.6, "phrase": 0.4},
    "date": {"date": 1.0, "datetime": 0.9},
    "time": {"time": 1.0, "datetime": 0.5},
    "datetime": {"datetime": 1.0, "date": 0.9, "time": 0.7},
    "id": {"uuid": 1.0, "code": 1.0, "quoted": 0.7, "number": 0.55, "name": 0.5},
    "query": {"quoted": 0.9, "phrase": 0.3},
    "sql": {"quoted": 0.5},
    "pattern": {"quoted": 1.0, "code": 0.8},
    "command": {"quoted": 1.0},
    "source": {"quoted": 1.0},
    "text": {"quoted": 0.9},
    "subject": {"quoted": 0.9, "name": 0.6},
    "language": {"language": 1.0, "quoted": 0.1},
    "currency": {"currency": 1.0, "name": 0.2},
    "unit": {"quoted": 0.3},
    "path": {"path": 1.0, "quoted": 0.7},
    "expression": {"quoted": 0.9},
    "color": {"color": 1.0, "quoted": 0.5, "phrase": 0.3},
    "name": {"name": 0.7, "language": 0.45, "quoted": 0.8, "phrase": 0.3, "code": 0.4},
    "": {
        "name": 0.55,
        "language": 0.5,
        "date": 0.2,
        "quoted": 0.7,
        "code": 0.5,
        "path": 0.3,
        "uuid": 0.5,
        "phrase": 0.3,
        "room": 0.2,
        "slug": 0.5,
    },
    "repository": {"slug": 1.0, "name": 0.6, "quoted": 0.8, "code": 0.6, "path": 0.5, "phrase": 0.3},
}
_PROGRAMMING = re.compile(
    r"(?i)\b(?:python|javascript|typescript|source|code interpreter|repl|script|execut\w*|runs?)\b"
)
_PATCHES = re.compile(r"(?i)patch|edit|command|shell|script|exec|code|python")
_EDITS = frozenset({"diff", "patch", "edit", "edits"})
_SIDES = frozenset({"base", "quote", "from", "to", "source", "target", "origin"})
_MONEY_CODES = re.compile(r"(?i)\b(?:currenc(?:y|ies)|exchange rate|iso 4217)\b")
_COUNTRY_CODES = re.compile(r"(?i)iso[ -]?3166|alpha[- ]?2|country code")
_PERSON_NAME = frozenset({"person", "organization", "path", "place"})


def role_of(name: str, description: str, schema: Mapping[str, Any], owner: str = "") -> str:
    """What a parameter stands for: a key of `ACCEPTS`, one of `NUMERIC_ROLES`, or "" when nothing tells.

    `owner` is what the tool says of itself.
    """
    form = schema.get("format")
    if isinstance(form, str) and form in _BY_FORMAT:
        return _BY_FORMAT[form]
    words = identifier_words(name)
    roles = [role for word in words if (role := _role(word))]
    role = roles[-1] if roles else ""
    if _is_country_code(words, description):
        return "country_code"
    if not role and _MONEY_CODES.search(f"{description} {owner}") and words[-1:] and words[-1] in _SIDES:
        return "currency"
    if words and (words[-1] in _EDITS or (words == ("input",) and _PATCHES.search(owner))):
        return "source"
    if (
        words
        and words[-1] in ("code", "script", "snippet")
        and len(words) < 3
        and _PROGRAMMING.search(f"{description} {owner}")
    ):
        return "source"
    if role == "text" and words[-1].isdigit():
        role = ""  # `body1` and `body2` are not what somebody writes
    if role == "name" and len(words) > 1:
        named = [part for part in roles[:-1] if part in _PERSON_NAME]
        role = named[-1] if named else ("person" if words[0] in ("first", "last", "full") else "name")
    elif role == "query" and ("sql" in roles or "sql" in f"{description} {owner}".casefold()):
        role = "sql"
    elif role == "recipient" and _speaks_of(description, ("city", "place", "airport", "destination")):
        role = "place"
    elif role in ("count", "id") and len(words) > 1 and words[-1] == "number":
        role = "phone" if "phone" in words else "id"
    elif role == "id" and words[:2] == ("number", "of"):
        role = "count"
    if not role or role in ("name", "person"):
        described = _described(description)
        role = described if described and (described != "name" or not role) else role
    return role


def _is_country_code(words: Sequence[str], description: str) -> bool:
    country = not {"country", "nation", "region", "market"}.isdisjoint(words)
    return country and ("code" in words or _COUNTRY_CODES.search(description) is not None)


def _role(word: str) -> str | None:
    return _WORD_ROLE.get(word) or _STEM_ROLE.get(stem(word))


def _described(description: str) -> str:
    """The role that the opening words of a description tell, `The city and state …` for one."""
    opening = description.casefold().split(",")[0].split("(")[0].split(".")[0].split()[:8]
    for word in opening:
        role = _role(word.strip("'\""))
        if role in ("place", "email", "url", "phone", "currency", "language", "path", "organization", "name"):
            return role
    return ""


def _speaks_of(description: str, words: tuple[str, ...]) -> bool:
    text = description.casefold()
    return any(word in text for word in words)
