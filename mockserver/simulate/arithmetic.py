"""Arithmetic: the calculation that a text asks for in words or signs, as an expression and as operations."""

import re
from functools import lru_cache
from typing import NamedTuple

from mockserver.simulate.lexicon import NUMBER_WORDS, SCALES

_SIGNS = {
    "+": "plus|added to|add(?:ing)?|\\+|and add",
    "-": "minus|less|subtract(?:ing)?|[-\u2212\u2013](?=\\s)|(?<=\\d)[-\u2212](?=\\d)",
    "*": "times|multiplied (?:by|with)|multiply by|\\*|×|·|x(?=\\s?\\d)",
    "/": "divided by|divide by|over(?=\\s+\\d)|/|÷",
    "**": "to the power(?: of)?|raised to(?: the power(?: of)?)?|\\*\\*|\\^",
    "%": "mod(?:ulo)?|modulus",
}
_NAMES = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power", "%": "modulo"}
_WORDS = "|".join(sorted((word for word in NUMBER_WORDS if word != "zero"), key=len, reverse=True))
_NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|\b(?:{_WORDS})\b)"
_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<root>(?:the\s+)?(?P<degree>square|cube)\s+root\s+of|sqrt(?:\s+of)?|√)|"
    rf"(?P<number>{_NUMBER})(?:\s?(?P<scale>thousand|million|billion)\b)?(?P<percent>\s?%|\s+per\s?cent\b)?|"
    r"(?P<power>(?:squared|cubed)\b|²|³)|"
    r"(?P<of>of\b)|"
    r"(?P<comma>,(?:\s*(?:and\s+)?then\b|\s*and\b)?|\band\s+then\b|\bthen\b)|"
    r"(?P<open>\()|(?P<close>\))|"
    + "|".join(f"(?P<op{index}>{pattern})" for index, pattern in enumerate(_SIGNS.values()))
    + r")",
    re.IGNORECASE,
)
_LIST = rf"(?P<list>{_NUMBER}(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*){_NUMBER})+)"
_OF_MANY = re.compile(
    rf"(?i)\b(?P<name>sum|total|product|average|mean|difference|quotient)\s+(?:of|between|from)\s+"
    rf"(?:(?:the\s+)?(?:numbers?|values?)\s+)?{_LIST}"
)
_PAIRED = re.compile(
    rf"(?i)\b(?P<verb>add|sum|subtract|take|multiply|divide)\s+(?:up\s+)?(?P<first>{_NUMBER})\s+"
    rf"(?P<link>and|to|from|by|with|into)\s+(?P<second>{_NUMBER})\b"
)
_HALF = re.compile(rf"(?i)\b(?P<part>half|a third|a quarter|twice|double|triple)\s+(?:of\s+)?(?P<number>{_NUMBER})\b")
_PARTS = {"half": "/ 2", "a third": "/ 3", "a quarter": "/ 4", "twice": "* 2", "double": "* 2", "triple": "* 3"}
_MANY = {"sum": " + ", "total": " + ", "product": " * ", "difference": " - ", "quotient": " / "}
_PAIRS = {"add": "+", "sum": "+", "subtract": "-", "take": "-", "multiply": "*", "divide": "/"}
_SQUARE, _CUBE = ("squared", "²"), ("cubed", "³")
_NO_SUM = re.compile(r"\d{4}-\d\d?(?:-\d\d?)?|\d{3}-\d{4}|\d\d?/\d\d?(?:/\d{2,4})?|\d{1,3}(?:-\d{2,}){2,}")
"""A date or a telephone number."""

_SIGNAL = re.compile(
    r"[+*/×·÷^√%²³\u2212]|\d\s*[-\u2013x]\s*\d|(?i:\b(?:plus|minus|times|multipl\w+|divide\w*|over|less|subtract\w*|add\w*|"
    r"sum|total|product|average|mean|difference|quotient|power|squared|cubed|root|sqrt|mod\w*|percent|per\s?cent|half|"
    r"third|quarter|twice|double|triple|raised|take)\b)"
)
"""What a calculation has in any case."""

_LONGEST = 2_000


class Calculation(NamedTuple):
    """An expression in the usual signs, the names of its operations, and where it stands in the text."""

    expression: str
    operations: tuple[str, ...]
    start: int
    end: int

    @property
    def code(self) -> str:
        """The expression as a statement of Python that prints its value."""
        return f"print({self.expression})"


@lru_cache(maxsize=256)
def calculation(text: str) -> Calculation | None:
    """The first calculation that a text asks for; None where it asks for none."""
    found = calculations(text)
    return found[0] if found else None


@lru_cache(maxsize=256)
def calculations(text: str) -> tuple[Calculation, ...]:
    """The calculations of a text, in order."""
    text = text[:_LONGEST]
    if not _SIGNAL.search(text):
        return ()
    found = [_of_many(one) for one in _OF_MANY.finditer(text)]
    found += [_paired(one) for one in _PAIRED.finditer(text)]
    found += [_halved(one) for one in _HALF.finditer(text)]
    for start in re.finditer(rf"(?i)(?<![\w.@#/-])(?:{_NUMBER}|\(|(?:the\s+)?(?:square|cube)\s+root\b|sqrt|√)", text):
        if not any(one.start <= start.start() < one.end for one in found) and (one := _run(text, start.start())):
            found.append(one)
    return tuple(sorted(found, key=lambda one: one.start))


def _value(written: str) -> str:
    word = written.casefold().replace(",", "")
    return str(NUMBER_WORDS.get(word, word))


def _of_many(found: re.Match[str]) -> Calculation:
    numbers = [_value(one) for one in re.findall(rf"(?i){_NUMBER}", found["list"])]
    name = found["name"].casefold()
    if name in _MANY:
        said = _MANY[name].join(numbers)
        return Calculation(said, (_NAMES[_MANY[name].strip()],), found.start(), found.end())
    return Calculation(f"({' + '.join(numbers)}) / {len(numbers)}", ("average",), found.start(), found.end())


def _paired(found: re.Match[str]) -> Calculation:
    first, second = _value(found["first"]), _value(found["second"])
    sign = _PAIRS[found["verb"].casefold()]
    if found["link"].casefold() == "from" or (sign == "/" and found["link"].casefold() == "into"):
        first, second = second, first
    return Calculation(f"{first} {sign} {second}", (_NAMES[sign],), found.start(), found.end())


def _halved(found: re.Match[str]) -> Calculation:
    how = _PARTS[" ".join(found["part"].casefold().split())]
    return Calculation(f"{_value(found['number'])} {how}", (_NAMES[how[0]],), found.start(), found.end())


class _Run:
    """An expression in the making, read from left to right."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.operations: list[str] = []
        self.whole = 0
        """So many parts are a whole expression."""
        self.done = 0
        """So many operations are in it."""
        self.end = 0
        self._depth = 0
        self._rooted: str | None = None

    def number(self, found: re.Match[str]) -> bool:
        if self.parts and (self.parts[-1][-1].isdigit() or self.parts[-1] in (")", "/ 100")):
            return False
        value = _value(found["number"])
        if found["scale"]:
            value = str(int(float(value) * SCALES[found["scale"].casefold()]))
        if self._rooted:
            value, self._rooted = f"{value} ** {self._rooted}", None
        self.parts.append(value)
        if found["percent"]:
            self.parts.append("/ 100")
        return True

    def sign(self, sign: str) -> bool:
        if not self._ends_with_value():
            return False
        self.parts.append(sign)
        self.operations.append(_NAMES.get(sign, ""))
        return True

    def root(self, found: re.Match[str]) -> bool:
        if self._ends_with_value():
            return False
        self._rooted = "(1/3)" if (found["degree"] or "").casefold() == "cube" else "0.5"
        self.operations.append("sqrt")
        return True

    def power(self, written: str) -> bool:
        if not self._ends_with_value():
            return False
        self.parts.append("** 3" if written.casefold() in _CUBE else "** 2")
        self.operations.append("power")
        return True

    def bracket(self, sign: str) -> bool:
        if sign == "(" and not self._ends_with_value():
            self._depth += 1
        elif sign == ")" and self._depth and self._ends_with_value():
            self._depth -= 1
        else:
            return False
        self.parts.append(sign)
        return True

    def pause(self) -> bool:
        """A comma before an operation: what stands before it is worked out first."""
        if not self._ends_with_value() or self._depth:
            return False
        if any(sign in self.parts for sign in ("+", "-")):
            self.parts = ["(", *self.parts, ")"]
        return True

    def _ends_with_value(self) -> bool:
        return bool(self.parts) and (self.parts[-1][-1].isdigit() or self.parts[-1][-1] == ")")

    def note(self, end: int) -> None:
        """Note that the expression may end here."""
        if self._ends_with_value() and not self._depth:
            self.whole, self.done, self.end = len(self.parts), len(self.operations), end


def _run(text: str, start: int) -> Calculation | None:
    run, place, paused = _Run(), start, False
    while token := _TOKEN.match(text, place):
        kind = token.lastgroup or ""
        if not (paused and not kind.startswith("op")) and _take(run, token):
            paused = token["comma"] is not None
        else:
            break
        place = token.end()
        if not paused:
            run.note(place)
    operations = tuple(dict.fromkeys(name for name in run.operations[: run.done] if name))
    if not operations or not run.whole or _NO_SUM.fullmatch(text, start, run.end):
        return None
    said = " ".join(run.parts[: run.whole]).replace("( ", "(").replace(" )", ")")
    return Calculation(said, operations, start, run.end)


def _take(run: _Run, token: re.Match[str]) -> bool:  # noqa: PLR0911 - one kind of token a line
    if token["number"]:
        return run.number(token)
    if token["root"]:
        return run.root(token)
    if token["power"]:
        return run.power(token["power"])
    if token["of"]:
        return bool(run.parts) and run.parts[-1] == "/ 100" and run.sign("*")
    if token["open"] or token["close"]:
        return run.bracket("(" if token["open"] else ")")
    if token["comma"]:
        return run.pause()
    sign = next(sign for index, sign in enumerate(_SIGNS) if token[f"op{index}"])
    return run.sign(sign)
