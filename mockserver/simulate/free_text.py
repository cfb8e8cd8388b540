"""Free text in a request: messages, titles, search queries, SQL statements, commands to run, file paths."""

import re
from collections.abc import Iterator
from functools import lru_cache

from mockserver.simulate.lexicon import OPENERS, STOP, word_set
from mockserver.simulate.stemming import likeness, stem, tokens
from mockserver.simulate.tool_model import OfferedTool, ToolParameter

_OPEN, _CLOSE = r"(?:`|\"|“|(?<!\w)['\u2018])", r"(?:`|\"|”|['\u2019](?!\w))"
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
_TASK = r"task|to-?do|reminder|ticket|issue|note|item|card|bug|story|entry"
_TO_DO = (
    re.compile(rf"(?i)\b(?:{_TASK})s?\b[^:.,;!?\n]{{0,40}}:\s+(?P<rest>\S[^\n]*?)(?=\s*(?:$|\n|[.!?](?:\s|$)))"),
    re.compile(
        r"(?i)\bremind\s+(?:me|us|[\w.@+-]+)(?:\s+[^,.;]{0,30}?)?\s+(?:to|that|about)\s+"
        r"(?P<rest>[^.!?\n]+?)(?=\s*(?:$|[.!?\n]))"
    ),
    re.compile(
        rf"(?i)\b(?:{_TASK})\b(?:\s+(?:for\s+(?:me|us|him|her|[A-Z]\w+)|in\s+\S+|on\s+\S+|with\s+\w+\s+priority))?"
        r"\s+(?:to|about|that(?:\s+says)?|saying|for|because)\s+(?P<rest>[^.!?\n]+?)(?=\s*(?:$|[.!?\n]))"
    ),
    re.compile(
        r"(?i)\b(?:add|put|append|write|note|jot)\s+(?:down\s+)?(?P<rest>[^.!?\n]+?)\s+"
        r"(?:to|on|onto|in|into)\s+(?:my|the|our|his|her|a)\b"
    ),
    re.compile(r"(?i)\b(?:note|jot|write)\s+(?:down\s+)?(?:that\s+)?(?P<rest>[^.!?\n]+?)(?=\s*(?:$|[.!?\n]))"),
)
_SUBJECT = re.compile(
    r"(?<!\w)(?:(?:subject|title)(?:\s+line)?(?:\s+(?:is|of|to)|:)?|titled|called|entitled|about|regarding)\s+"
    r"(?P<rest>\S.*?)(?=\s*$|[.!?,;](?:\s|$)|\s+(?:and|with|saying|that\s+says|for|on|at)\s)",
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
_PATH = re.compile(
    r"~?[\w.@+\-/\\ ]*[/\\][\w.@+\-/\\ ]*|[\w@+-]?[\w.@+-]*\.[A-Za-z]\w{0,9}|"
    r"(?i:makefile|readme|dockerfile|license|changelog)"
)
_ADDRESS = re.compile(r"@|^www\.|://")
_VERBS = r"run|execute|exec|invoke|launch|type|enter|perform|use|try|start|f(?:ü|ue)hre|ejecuta|ex[ée]cute|esegui"
_FILLING = (
    r"(?:please|the|this|that|following|shell|bash|terminal|python|command|commands|script|code|snippet|statement|line|"
    r"exactly|just|now|both|in|with|it|den|das|befehl|el|la|le|comando|commande)"
)
_TOLD = re.compile(
    rf"(?i)(?:\b(?:{_VERBS})\s+(?:{_FILLING}[\s,:]+)*|\bcommands?\s*:\s*){_OPEN}(?P<first>[^`\"“”\n]+?){_CLOSE}"
    rf"(?P<more>(?:\s*(?:,|;|and|then|,\s*and|,?\s*(?:and\s+)?then)\s*{_OPEN}[^`\"“”\n]+?{_CLOSE})*)"
)
_FENCED = re.compile(rf"(?i)\b(?:{_VERBS})\b[^\n.!?]*:[ \t]*\n+[ \t]*```[^\n]*\n(?P<body>.*?)\n?[ \t]*```", re.DOTALL)
_QUOTED = re.compile(rf"{_OPEN}([^`\"“”\n]+?){_CLOSE}")
_PROGRAMS = word_set(
    """ls cat git npm npx yarn pnpm pytest python python3 pip uv node deno bun make cargo go docker kubectl grep rg find
    pwd head tail tree wc du df ps echo curl ruff mypy tox tsc eslint prettier mvn gradle dotnet ruby bundle rake php
    composer terraform ansible helm jq sed awk sort uniq date whoami uname env which mkdir touch
    rm mv cp chmod chown sudo sh bash kill dd tar ssh scp"""
)
_PLAIN = re.compile(r"(?i)\b(?:run|execute|exec)\s+(?:the command\s+)?(?P<command>[^\s`\"'.!?;,][^\n`\";,!?]*)")
_ENGLISH = STOP - {"s", "t", "d", "re", "m"}


def free_text(parameter: ToolParameter, text: str) -> str | None:
    """What the text wants said, titled or searched, for a parameter that takes free text."""
    if parameter.role == "sql":
        found = _SQL.search(text) if has_statement(text) else None
        if found:
            return " ".join(found.group(1).split())
        return _as_sql(text) if parameter.required else None
    patterns = {"text": (_BODY,), "subject": (_SUBJECT,), "expression": (_EXPRESSION,)}.get(parameter.role, ())
    if parameter.required and parameter.role == "subject":
        patterns = (*patterns, _AFTER_COLON)
    if parameter.required and parameter.role == "text":
        patterns = (*patterns, _AFTER_COLON, _TRANSLATED, _LOOSE_BODY)
    for pattern in patterns:
        found = pattern.search(text)
        if found:
            return found["rest"].strip(" \"'“”")
    return None


def task_phrase(text: str) -> str | None:
    """What a text wants done later or noted down: `remind me to water the plants` says `water the plants`."""
    for pattern in _TO_DO:
        if found := pattern.search(text):
            return found["rest"].strip(" \"'“”:,")
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


def noun_phrases(skill: OfferedTool, parameter: ToolParameter, text: str, free: list[tuple[int, int]]) -> list[Run]:
    """Runs of words that nothing else explains, the likeliest value of the parameter first."""
    found: list[Run] = []
    for start, end in free:
        for stretch in _RUN.finditer(text, start, end):
            found += _runs(skill, parameter, text, stretch.start(), stretch.end())
    found.sort(key=lambda run: (-run[0], run[2]))
    least = 0.5 if parameter.role in ("place", "person", "organization", "name", "recipient", "id") else 0.0
    return found if found and found[0][0] > least else []


def _runs(skill: OfferedTool, parameter: ToolParameter, text: str, start: int, end: int) -> Iterator[Run]:
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


@lru_cache(maxsize=128)
def commands(text: str) -> tuple[str, ...]:
    """What a text tells to run: in quotes right behind the verb, in a fence after it, or plainly a known program.

    Plainly means without a word of English in it: `run pytest -q`, but not `run the tests`.
    """
    found: list[str] = []
    for told in _TOLD.finditer(text):
        found += [told["first"], *_QUOTED.findall(told["more"])]
    found += [fenced["body"] for fenced in _FENCED.finditer(text)]
    for match in _PLAIN.finditer(text):
        command = re.split(r"\.(?=\s|$)|\s(?:and|then|please|now)\b", match["command"], maxsplit=1)[0].strip()
        words = command.split()
        if words and words[0] in _PROGRAMS and not any(word.casefold() in _ENGLISH for word in words[1:]):
            found.append(command)
    return tuple(dict.fromkeys(found))


def is_path(text: str) -> bool:
    """Whether a text looks like the path of a file or a folder."""
    command = " " in text and (" -" in text or text.split(maxsplit=1)[0] in _PROGRAMS)
    return _PATH.fullmatch(text) is not None and not _ADDRESS.search(text) and not command


def is_command(text: str) -> bool:
    """Whether a text begins with a program, and so is not source code."""
    first = text.split(maxsplit=1)[:1]
    return bool(first) and first[0] in _PROGRAMS and "(" not in text and "=" not in text


def has_path(text: str) -> bool:
    """Whether a text names a file or a folder."""
    return any(len(word) > 3 and is_path(word.strip("`\"'“”,;:()?!.")) for word in text.split())
