"""Labelled values: what a text names by a parameter's own words, as in `priority: high` or `with the reference X`."""

import re
from functools import lru_cache

from mockserver.simulate.lexicon import word_set
from mockserver.simulate.stemming import identifier_words
from mockserver.simulate.tool_model import ToolParameter

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
