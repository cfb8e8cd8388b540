"""Lark grammars: a sentence that a grammar accepts, short, and always the same for a seed.

Read is what grammars for tools are made of: rules and terminals, alternatives, groups, `?` `*` `+` and `~n..m`, texts,
patterns and ranges, `%import common.X` and `%ignore`. Templates are not.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from mockserver.simulate.pattern import text_matching

_START = "start"
_DEEP = 8
_GIVE_UP = 60
_MORE = 2
_STATEMENT = re.compile(r"^[ \t]*(?:[?!]*(_?[a-zA-Z]\w*)(?:\.-?\d+)?[ \t]*:(?!:)|%(\w+))", re.MULTILINE)
_COMMENT = re.compile(r"""("(?:\\.|[^"\\])*"|/(?![/*])(?:\\.|[^/\\\n])+/[imslux]*)|//[^\n]*""")
_TOKEN = re.compile(
    r"""(?P<range>"(?:\\.|[^"\\])*"\s*\.\.\s*"(?:\\.|[^"\\])*")|(?P<text>"(?:\\.|[^"\\])*"i?)"""
    r"""|(?P<pattern>/(?:\\.|[^/\\\n])+/[imslux]*)|(?P<count>~\s*\d+(?:\s*\.\.\s*\d+)?)|(?P<alias>->\s*\w+)"""
    r"""|(?P<name>\w+)|(?P<sign>[()\[\]|?*+])|\s+|(?P<other>.)""",
    re.DOTALL,
)
_COMMON = {
    "DIGIT": "[0-9]", "HEXDIGIT": "[0-9a-f]", "INT": "[1-9][0-9]?", "SIGNED_INT": "-?[1-9][0-9]?",
    "DECIMAL": "[0-9]\\.[0-9]", "FLOAT": "[0-9]\\.[0-9]", "SIGNED_FLOAT": "-?[0-9]\\.[0-9]", "NUMBER": "[1-9][0-9]?",
    "SIGNED_NUMBER": "-?[1-9][0-9]?", "LETTER": "[a-z]", "LCASE_LETTER": "[a-z]", "UCASE_LETTER": "[A-Z]",
    "WORD": "[a-z]{3,6}", "CNAME": "[a-z]{3,6}", "ESCAPED_STRING": '"[a-z]{3,6}"', "WS": " ", "WS_INLINE": " ",
    "NEWLINE": "\n", "CR": "\r", "LF": "\n", "SH_COMMENT": "#[a-z]+", "CPP_COMMENT": "//[a-z]+",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Part:
    """Something of a sentence, so many times: a text, a pattern, a rule by name, or alternatives in brackets."""

    kind: str
    value: str = ""
    branches: tuple[tuple["_Part", ...], ...] = ()
    least: int = 1
    most: int = 1


Branches = tuple[tuple[_Part, ...], ...]


@dataclass(slots=True)
class _Grammar:
    rules: dict[str, Branches] = field(default_factory=dict)
    spaced: bool = False


def sentence(grammar: str, seed: str) -> str:
    """A sentence of a Lark grammar; "" for a grammar that cannot be read or has no end."""
    try:
        return _Growth(_read(grammar), Random(seed.encode("utf-8", "surrogatepass"))).rule(_START)
    except (ValueError, RecursionError):
        return ""


def _read(text: str) -> _Grammar:
    text = _COMMENT.sub(lambda found: found[1] or "", text)
    starts = list(_STATEMENT.finditer(text))
    found = _Grammar()
    for index, start in enumerate(starts):
        end = starts[index + 1].start() if index + 1 < len(starts) else len(text)
        body = text[start.end() : end]
        if start[1]:
            found.rules[start[1]] = _alternatives(list(_tokens(body)))
        elif start[2] == "import":
            _import(body.strip(), found)
        elif start[2] == "ignore":
            found.spaced |= bool(re.search(r"WS|\\s|\" ", body))
    return found


def _import(body: str, grammar: _Grammar) -> None:
    path, _, alias = body.partition("->")
    module, _, listed = path.strip().partition("(")
    for name in listed.rstrip(") ").split(",") if listed else [module.rpartition(".")[2]]:
        known = _COMMON.get(name.strip(), "[a-z]+")
        grammar.rules[alias.strip() or name.strip()] = ((_Part("pattern", known),),)


def _tokens(body: str) -> Iterator[tuple[str, str]]:
    for found in _TOKEN.finditer(body):
        if found.lastgroup == "other":
            raise ValueError(f"{found.group()!r} is not read")
        if found.lastgroup and found.lastgroup != "alias":
            yield found.lastgroup, found.group()


def _alternatives(tokens: list[tuple[str, str]]) -> Branches:
    """The alternatives up to the bracket that closes them; what is read is taken off the tokens."""
    branches: list[list[_Part]] = [[]]
    while tokens:
        kind, written = tokens.pop(0)
        if written in (")", "]") and kind == "sign":
            break
        if written == "|" and kind == "sign":
            branches.append([])
        elif kind == "count" or (kind == "sign" and written in "?*+"):
            if not branches[-1]:
                raise ValueError(f"{written!r} counts nothing")
            branches[-1].append(_counted(branches[-1].pop(), written))
        else:
            branches[-1].append(_part(kind, written, tokens))
    return tuple(tuple(branch) for branch in branches)


def _part(kind: str, written: str, tokens: list[tuple[str, str]]) -> _Part:
    if kind == "sign":
        inner = _alternatives(tokens)
        return _Part("group", branches=inner, least=0 if written == "[" else 1)
    if kind == "text":
        return _Part("text", re.sub(r"\\(.)", _escape, written.rstrip("i")[1:-1]))
    if kind == "range":
        low, high = re.findall(r'"((?:\\.|[^"\\])*)"', written)
        return _Part("pattern", f"[{low}-{high}]")
    if kind == "pattern":
        return _Part("pattern", written[1 : written.rindex("/")].replace("\\/", "/"))
    return _Part("name", written)


def _escape(found: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t", "r": "\r"}.get(found[1], found[1])


def _counted(part: _Part, written: str) -> _Part:
    if written.startswith("~"):
        numbers = [int(number) for number in re.findall(r"\d+", written)]
        least, most = numbers[0], numbers[-1]
    else:
        least, most = {"?": (0, 1), "*": (0, _MORE), "+": (1, _MORE)}[written]
    return _Part(part.kind, part.value, part.branches, least, most)


class _Growth:
    """One sentence in the making; deep down the shortest way out is taken."""

    def __init__(self, grammar: _Grammar, chance: Random) -> None:
        self._rules = grammar.rules
        self._between = " " if grammar.spaced else ""
        self._chance = chance
        self._depth = 0

    def rule(self, name: str) -> str:
        if name not in self._rules:
            raise ValueError(f"there is no rule {name!r}")
        self._depth += 1
        if self._depth > _GIVE_UP:
            raise ValueError("the grammar has no end")
        between = "" if name.lstrip("_").isupper() else self._between
        said = self._one_of(self._rules[name], between)
        self._depth -= 1
        return said

    def _one_of(self, branches: Branches, between: str) -> str:
        choice = self._chance.choice(branches) if self._depth < _DEEP else min(branches, key=self._weight)
        parts = [self._say(part, between) for part in choice for _ in range(self._times(part))]
        return between.join(filter(None, parts))

    def _times(self, part: _Part) -> int:
        return part.least if self._depth >= _DEEP else self._chance.randint(part.least, part.most)

    def _say(self, part: _Part, between: str) -> str:
        if part.kind == "text":
            return part.value
        if part.kind == "pattern":
            return text_matching(part.value, self._chance, longest=12) or ""
        return self.rule(part.value) if part.kind == "name" else self._one_of(part.branches, between)

    def _weight(self, branch: Sequence[_Part]) -> int:
        """How many rules a branch goes on to: fewest lead out soonest."""
        needed = [part for part in branch if part.least]
        own = sum(part.kind == "name" and not part.value.lstrip("_").isupper() for part in needed)
        return own + sum(min(map(self._weight, part.branches)) for part in needed if part.kind == "group")
