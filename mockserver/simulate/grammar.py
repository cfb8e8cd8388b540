"""Lark grammars: a sentence that a grammar accepts, short, and always the same for a seed.

Read is what grammars for tools are made of: rules and terminals, alternatives, groups, `?` `*` `+` and `~n..m`, texts,
patterns and ranges, `%import common.X` and `%ignore`. Templates are not.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from mockserver.simulate.bounds import CHARACTERS_A_VALUE, MOST_VALUES, TooMuch
from mockserver.simulate.pattern import text_matching

_START = "start"
_DEEP = 8
_GIVE_UP = 100
_LONGEST = 100_000
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
Tokens = deque[tuple[str, str]]


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
    """A sentence of a Lark grammar; "" for a grammar that cannot be read or has no end.

    Raises:
        TooMuch: the grammar, or its shortest sentence, is longer than `bounds` allow.
    """
    if len(grammar) > _LONGEST:
        raise TooMuch("definition", f"the grammar has {len(grammar)} characters, and at most {_LONGEST} are read")
    try:
        return _Sentence(_read(grammar), Random(seed.encode("utf-8", "surrogatepass"))).rule(_START)
    except TooMuch:
        raise
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
            found.rules[start[1]] = _alternatives(deque(_tokens(body)))
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


def _alternatives(tokens: Tokens) -> Branches:
    """The alternatives up to the bracket that closes them; what is read is taken off the tokens."""
    branches: list[list[_Part]] = [[]]
    while tokens:
        kind, written = tokens.popleft()
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


def _part(kind: str, written: str, tokens: Tokens) -> _Part:
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


class _Sentence:
    """One sentence in the making; deep down the shortest way out is taken."""

    def __init__(self, grammar: _Grammar, chance: Random) -> None:
        self._rules = grammar.rules
        self._heights = _heights(grammar.rules)
        self._between = " " if grammar.spaced else ""
        self._chance = chance
        self._depth = 0
        self._left = MOST_VALUES

    def rule(self, name: str) -> str:
        if name not in self._rules:
            raise ValueError(f"the grammar does not have a rule {name!r}")
        self._depth += 1
        if name not in self._heights or self._depth > _GIVE_UP:
            raise ValueError("the grammar has no end")
        between = "" if name.lstrip("_").isupper() else self._between
        said = self._one_of(self._rules[name], between)
        self._depth -= 1
        return said

    def _one_of(self, branches: Branches, between: str) -> str:
        ending = [branch for branch in branches if _height(branch, self._heights) is not None]
        if not ending:
            raise ValueError("the grammar has no end")
        choice = self._chance.choice(ending) if self._depth < _DEEP else min(ending, key=self._weight)
        parts = [self._say(part, between) for part in choice for _ in range(self._times(part))]
        return between.join(filter(None, parts))

    def _times(self, part: _Part) -> int:
        return part.least if self._depth >= _DEEP else self._chance.randint(part.least, part.most)

    def _say(self, part: _Part, between: str) -> str:
        self._spend(1)
        if part.kind == "name":
            return self.rule(part.value)
        if part.kind == "group":
            return self._one_of(part.branches, between)
        said = part.value if part.kind == "text" else text_matching(part.value, self._chance, longest=12) or ""
        self._spend(len(said) // CHARACTERS_A_VALUE)
        return said

    def _spend(self, parts: int) -> None:
        self._left -= parts
        if self._left < 0:
            many = f"{MOST_VALUES} parts, or {MOST_VALUES * CHARACTERS_A_VALUE} characters"
            raise TooMuch("definition", f"a sentence of the grammar has more than {many}")

    def _weight(self, branch: Sequence[_Part]) -> tuple[int, int]:
        """How far down a branch goes on, and to how many parts: the lowest and the fewest lead out soonest."""
        return _height(branch, self._heights) or 0, sum(part.least for part in branch)


def _heights(rules: Mapping[str, Branches]) -> dict[str, int]:
    """How deep the flattest sentence of each rule is; a rule that is missing here has none within `_GIVE_UP`."""
    found: dict[str, int] = {}
    waiting = dict(rules)
    for height in range(_GIVE_UP):
        ending = [
            name for name, branches in waiting.items() if any(_height(one, found) is not None for one in branches)
        ]
        if not ending:
            break
        for name in ending:
            del waiting[name]
        found |= dict.fromkeys(ending, height)
    return found


def _height(branch: Sequence[_Part], heights: Mapping[str, int]) -> int | None:
    """The height of a branch: that of the highest rule it cannot do without; None where one has no end."""
    highest = 0
    for part in branch:
        below: int | None = 0
        if part.kind == "name":
            below = heights[part.value] + 1 if part.value in heights else None
        elif part.kind == "group":
            inner = [height for one in part.branches if (height := _height(one, heights)) is not None]
            below = min(inner, default=None)
        if below is not None:
            highest = max(highest, below)
        elif part.least:
            return None
    return highest
