"""Mentions: where a text names one of a parameter's allowed values, or switches it on or off."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from mockserver.simulate.lexicon import ENUM_SYNONYMS, NEGATIONS, word_set
from mockserver.simulate.skills import Parameter, Skill
from mockserver.simulate.words import identifier_words, is_generic, stem, tokens

_SWITCHES = word_set("is has include enable use with should allow show add want need only all")

Mention = tuple[int, int, Any]


def mentions(parameter: Parameter, text: str) -> Iterator[Mention]:
    """The places where a text names allowed values, by their own words or by a synonym; the first wording counts."""
    for value in parameter.choices:
        if isinstance(value, str) and value:
            for wording in _wordings(value):
                places = [(found.start(), found.end(), value) for found in wording.finditer(text)]
                if places:
                    yield from places
                    break


@lru_cache(maxsize=1024)
def _wordings(value: str) -> tuple[re.Pattern[str], ...]:
    words = identifier_words(value)
    if not words:
        return ()
    if len(value) == 1:
        plain = (
            [rf"(?<![\w'\u2019]){re.escape(value.upper())}(?![\w'\u2019.])"]
            if value.casefold() not in ("a", "i")
            else []
        )
    else:
        plain = [rf"(?i)(?<!\w){'[^A-Za-z0-9]{0,2}'.join(map(re.escape, words))}(?:s|es|ly)?(?!\w)"]
        root = stem(words[0])
        if len(words) == 1 and len(root) > 4:
            plain.append(rf"(?i)(?<!\w){re.escape(root)}(?:e|es|s|ed|ing|al|ly)?(?!\w)")
    for synonym in ENUM_SYNONYMS.get(value.casefold(), ()):
        if len(synonym) > 1 or not synonym.isalpha():
            plain.append(rf"(?i)(?<!\w){re.escape(synonym)}(?!\w)")
        else:
            plain.append(rf"(?<=\d\s){synonym.upper()}(?!\w)")
    return tuple(re.compile(pattern) for pattern in plain)


def switched(parameter: Parameter, skill: Skill, text: str) -> bool | None:
    """Whether a text asks for a yes or a no in a boolean parameter; None when it does not speak of it."""
    own = [word for word in parameter.words if word not in _SWITCHES and not is_generic(word)]
    telling = {word for word in own if word not in skill.name_words}
    said = [token.text.casefold() for token in tokens(text)]
    for place, word in enumerate(said):
        if stem(word) in telling:
            return not any(near in NEGATIONS for near in said[max(0, place - 3) : place])
    return None
