"""SQL queries: a plain SELECT for a question, over the tables that the conversation shows."""

import re
from collections.abc import Sequence
from functools import lru_cache

from mockserver.simulate.stemming import stem, tokens

_CREATED = re.compile(r"(?i)\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?[`\"\[]?([\w.]+)")
_HEADED = re.compile(r"(?im)^\W*tables?\b[^:\n(]{0,30}[:=]\s*([^\n]+)")
_WITH_COLUMNS = re.compile(
    r"(?<![\w.])([a-z][a-z0-9_]*)\s*\(\s*([a-z][a-z0-9_]*(?:\s+[A-Za-z()0-9]+)?(?:\s*,\s*[^()]*)?)\)"
)
_SPOKEN = re.compile(r"(?i)\b(?:tables?)\s+[`\"']?([a-z]\w+)[`\"']?(?:(?:\s*,\s*|\s+and\s+)[`\"']?([a-z]\w+)[`\"']?)*")
_LISTED = re.compile(
    r"\[\s*\"[A-Za-z_]\w*\"(?:\s*,\s*\"[A-Za-z_]\w*\")*\s*\]|\"(?:table|table_name|name)\"\s*:\s*\"([A-Za-z_]\w*)\""
)
_NAME = re.compile(r"[A-Za-z_][\w.]*")
_COUNT = re.compile(r"(?i)\b(?:how many|number of|count)\b")
_TOTAL = re.compile(
    r"(?i)\b(?P<how>total|sum|average|mean|highest|maximum|lowest|minimum)\b(?:\s+(?:of|the))*\s+(?P<what>\w+)"
)
_FUNCTIONS = {"total": "SUM", "sum": "SUM", "average": "AVG", "mean": "AVG", "highest": "MAX", "maximum": "MAX",
              "lowest": "MIN", "minimum": "MIN"}  # fmt: skip
_SPOKEN_WORDS = ("table", "tables", "and")
_MOST = 100


@lru_cache(maxsize=128)
def tables_in(text: str) -> dict[str, str]:
    """The tables that a text shows, each with the text of its columns, "" where it shows none."""
    found: dict[str, str] = dict.fromkeys(_CREATED.findall(text), "") | dict(_WITH_COLUMNS.findall(text))
    for headed in _HEADED.findall(text):
        found |= {
            name: found.get(name, "") for name in _NAME.findall(re.sub(r"\([^)]*\)", "", headed)) if name != "and"
        }
    for match in _LISTED.finditer(text):
        names = [match[1]] if match[1] else _NAME.findall(match.group())
        found |= {name: found.get(name, "") for name in names}
    if not found:
        for match in _SPOKEN.finditer(text):
            found |= {
                name: "" for name in _NAME.findall(match.group()) if name.casefold() not in ("table", "tables", "and")
            }
    return dict(list(found.items())[:_MOST])


def query_for(text: str, tables: dict[str, str]) -> str | None:
    """A statement that reads the table which a question speaks of; None where it speaks of none of them."""
    said = [stem(token.text) for token in tokens(text)]
    table = _table(said, list(tables))
    if table is None:
        return None
    columns = _NAME.findall(tables[table])
    where = _condition(text, tables[table], columns)
    if _COUNT.search(text):
        return f"SELECT COUNT(*) FROM {table}{where};"  # noqa: S608 - a text that is said, never run here
    total = _TOTAL.search(text)
    column = next((one for one in columns if total and stem(one) == stem(total["what"])), None)
    if total and column:
        return f"SELECT {_FUNCTIONS[total['how'].casefold()]}({column}) FROM {table}{where};"  # noqa: S608
    return f"SELECT * FROM {table}{where};"  # noqa: S608


def _table(said: Sequence[str], names: Sequence[str]) -> str | None:
    for name in names:
        parts = [stem(part) for part in re.split(r"[._]", name) if part]
        if parts and parts[-1] in said:
            return name
    return None


def _condition(text: str, told: str, columns: Sequence[str]) -> str:
    """A WHERE for a quoted value or a name right behind the words of a column, `in the city Oslo`."""
    for column in columns:
        words = r"\s+".join(map(re.escape, column.split("_")))
        found = re.search(rf"(?i)\b{words}\s+(?:is\s+|=\s*|of\s+)?['\"]?((?-i:[A-Z0-9])[\w-]*)['\"]?", text)
        if found and told:
            value = found[1] if found[1].isdigit() else f"'{found[1]}'"
            return f" WHERE {column} = {value}"
    return ""
