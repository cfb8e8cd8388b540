"""Commands and paths: what a text tells to be run, word for word, and what looks like a file."""

import re
from functools import lru_cache

from mockserver.simulate.lexicon import STOP, word_set

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
_OPEN, _CLOSE = r"(?:`|\"|“|(?<!\w)['\u2018])", r"(?:`|\"|”|['\u2019](?!\w))"
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
    """Whether a text begins with a program, and so is no code of a language."""
    first = text.split(maxsplit=1)[:1]
    return bool(first) and first[0] in _PROGRAMS and "(" not in text and "=" not in text


def has_path(text: str) -> bool:
    """Whether a text names a file or a folder."""
    return any(len(word) > 3 and is_path(word.strip("`\"'“”,;:()?!.")) for word in text.split())
