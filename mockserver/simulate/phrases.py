"""Phrases: free text that a request holds for a parameter, such as what a message shall say or what to search for."""

import re
from collections.abc import Iterator
from functools import lru_cache

from mockserver.simulate.lexicon import OPENERS, STOP, word_set
from mockserver.simulate.skills import Parameter, Skill
from mockserver.simulate.words import identifier_words, likeness, stem, tokens

Run = tuple[float, str, int, int]
"""How likely a phrase is, the phrase, and where it stands."""

_REST = r"\s*[:,]?\s*(?P<rest>\S.*?)"
_STOP_AT = r"(?=\s*$|[.!?](?:\s|$)|\s+(?:with|and)\s+(?:the\s+|a\s+)?(?:subject|title|body|message|cc)\b)"
_BODY = re.compile(
    r"(?<!\w)(?:saying(?:\s+that)?|that\s+says|says?\s+that|to\s+say(?:\s+that)?|stating(?:\s+that)?|"
    r"(?:telling|tell|informing|inform|letting|let|asking|ask|notify|remind|reminding)\s+[\w@.'-]+(?:\s+(?-i:(?!I\b)[A-Z])[\w-]+)?"
    r"(?:\s+know)?(?:\s+that|\s+to|\s+about)?|"
    r"with\s+(?:the\s+|a\s+)?(?:message|body|text|content|note)(?:\s+of|\s+saying)?|"
    r"(?:the\s+)?(?:message|body|text|content|note)\s*(?:is|:|should\s+(?:be|say|read)))" + _REST + _STOP_AT,
    re.IGNORECASE,
)
_LOOSE_BODY = re.compile(r"(?<!\w)(?:that|about|regarding)" + _REST + _STOP_AT, re.IGNORECASE)
_TRANSLATED = re.compile(r"(?i)(?<!\w)(?:say|translate|read|speak|write)\s+(?P<rest>\S.*?)\s+(?:to|in|into)\s")
_EXPRESSION = re.compile(r"(?<![\w.(])(?P<rest>[\w.(]*[\w)](?:\s?(?:\*\*|[*/^+=-])\s?[\w(][\w.()]*(?:\s?\))*)+)")
_AFTER_COLON = re.compile(r":\s+(?P<rest>\S.*)$", re.DOTALL)
_SUBJECT = re.compile(
    r"(?<!\w)(?:(?:subject|title)(?:\s+line)?(?:\s+(?:is|of|to)|:)?|titled|called|entitled|about|regarding)\s+"
    r"(?P<rest>\S.*?)(?=\s*$|[.!?,;](?:\s|$)|\s+(?:and|with|saying|that\s+says|for|on|at)\s)",
    re.IGNORECASE,
)
_QUERY = re.compile(
    r"(?<!\w)(?:search(?:\s+(?:the\s+)?(?:web|internet|online|google|documents?|docs|database))?(?:\s+for)?|look\s+up|google|"
    r"find(?:\s+me)?(?:\s+(?:some\s+|any\s+)?(?:information|info|articles?|news|documents?|results))?(?:\s+(?:about|on|for))?|"
    r"(?:information|info|articles?|news|documents?)\s+(?:about|on|for|regarding)|about)\s+(?P<rest>\S.*?)(?=[.!?]*\s*$|[.!?]\s)",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"^\s*(?:(?:hi|hello|hey|ok|okay|so|please|kindly|now|and|also|then|could you|can you|would you|will you|i want to|"
    r"i'd like to|i would like to|i need to|help me(?: to)?|let's)(?![\w'])[\s,]*)+",
    re.IGNORECASE,
)
_SQL = re.compile(
    r"(?is)\b((?:select|insert\s+into|update|delete\s+from|create\s+table|drop\s+table|with\s+\w+\s+as)\s.+?)(?:;|\s*$)"
)
_COUNTED = re.compile(r"(?i)\b(?:how many|number of|count(?: of| the| all)*)\s+(?P<things>[a-z]+s)\b")
_THINGS = re.compile(
    r"(?i)\b(?:list|show|get|find|select|all|top)\b(?:\s+[a-z]+){0,3}?\s+(?P<things>(?!us\b)[a-z]+s)\b"
)
_RUN = re.compile(r"[^\s,.;:!?()\"]+(?:\s+[^\s,.;:!?()\"]+)*")
_LEADING = word_set("of for about in on with to from at by near into as named called like")


def free_text(parameter: Parameter, text: str) -> str | None:
    """What the text wants said, titled or searched, for a parameter that takes free text."""
    if parameter.role == "sql":
        found = _SQL.search(text) if has_statement(text) else None
        if found:
            return " ".join(found.group(1).split())
        return _as_sql(text) if parameter.required else None
    patterns = {"text": (_BODY,), "subject": (_SUBJECT,), "query": (_QUERY,), "expression": (_EXPRESSION,)}.get(
        parameter.role, ()
    )
    if parameter.required and parameter.role == "subject":
        patterns = (*patterns, _AFTER_COLON)
    if parameter.required and parameter.role == "text":
        patterns = (*patterns, _AFTER_COLON, _TRANSLATED, _LOOSE_BODY)
    for pattern in patterns:
        found = pattern.search(text)
        if found:
            return found["rest"].strip(" \"'“”")
    return None


def has_statement(text: str) -> bool:
    """Whether a text holds an SQL statement."""
    return _SQL.search(text) is not None and re.search(r"(?i)\b(from|into|set|table)\b", text) is not None


def is_loose(text: str) -> bool:
    """Whether a text does not say in so many words what shall be written, so that `free_text` had to guess."""
    return not _BODY.search(text) and not _AFTER_COLON.search(text)


def _as_sql(text: str) -> str | None:
    """A plain query for a question about things of one sort."""
    for pattern, query in ((_COUNTED, "SELECT COUNT(*) FROM {};"), (_THINGS, "SELECT * FROM {};")):
        if found := pattern.search(text):
            return query.format(found["things"].casefold())
    return None


def whole(text: str) -> str:
    """The text without the politeness before it and the mark after it."""
    text = " ".join(text.split())
    return _POLITE.sub("", text).rstrip(" ?!.,") or text


def labelled(parameter: Parameter, text: str) -> str | None:
    """What follows the parameter's own name when the text writes it as a label, `priority: high`."""
    found = _label(parameter.name).search(text)
    return found["rest"].strip(" \"'") if found else None


@lru_cache(maxsize=1024)
def _label(name: str) -> re.Pattern[str]:
    words = r"[\s_-]?".join(map(re.escape, identifier_words(name))) or "(?!)"
    return re.compile(
        rf"(?i)(?<!\w){words}\s*(?:=|:|\bis\b)\s*(?P<rest>[^,;.\n]+?)(?=\s*(?:$|[,;\n]|\.(?:\s|$)|\s(?:and|with)\s))"
    )


def noun_phrases(skill: Skill, parameter: Parameter, text: str, free: list[tuple[int, int]]) -> list[Run]:
    """Runs of words that nothing else explains, the likeliest value of the parameter first."""
    found: list[Run] = []
    for start, end in free:
        for stretch in _RUN.finditer(text, start, end):
            found += _runs(skill, parameter, text, stretch.start(), stretch.end())
    found.sort(key=lambda run: (-run[0], run[2]))
    least = 0.5 if parameter.role in ("place", "person", "organization", "name", "recipient", "id") else 0.0
    return found if found and found[0][0] > least else []


def _runs(skill: Skill, parameter: Parameter, text: str, start: int, end: int) -> Iterator[Run]:
    run: list[tuple[int, int]] = []
    lead = ""
    explained = 0.0
    for token in [*tokens(text[start:end]), None]:
        word = token.text.casefold() if token else ""
        root = stem(word)
        own = bool(word) and any(likeness(root, known) >= 1 for known in parameter.words)
        opens = not run and word in OPENERS
        plain = word.isalpha() and word not in STOP and word not in _LEADING
        if token and plain and not own and root not in skill.name_words and not opens:
            run.append((start + token.start, start + token.end))
            continue
        if word in ("the", "a", "an") and not run:
            continue
        if run:
            near = 0.5 if own else 0.0
            yield (
                0.3 + (0.3 if lead in _LEADING else 0.0) + explained + near - 0.05 * abs(len(run) - 2),
                text[run[0][0] : run[-1][1]], run[0][0], run[-1][1],
            )  # fmt: skip
        run, lead, explained = [], word, 0.5 if own else 0.0
