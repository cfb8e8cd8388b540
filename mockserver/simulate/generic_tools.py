"""Generic tools: a search, a database or a calculator, which answer questions that no other tool fits."""

import re
from collections.abc import Sequence
from functools import lru_cache

from mockserver.simulate.arithmetic import calculation
from mockserver.simulate.extraction import Extraction, extract
from mockserver.simulate.lexicon import word_set
from mockserver.simulate.request_view import RequestView
from mockserver.simulate.stemming import stem, tokens
from mockserver.simulate.text_replies import asks_for_information
from mockserver.simulate.tool_model import OfferedTool
from mockserver.simulate.tool_selection import ENOUGH, Selection, fit

_THINGS_OF_A_TABLE = re.compile(r"(?i)\b(?:how many|which|what|list|show|all|count|number of|total|average|any)\b")
_TABLES = frozenset(map(stem, word_set("table tables schema schemas database")))
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


def generic_choice(skills: Sequence[OfferedTool], seen: RequestView) -> list[Selection]:
    """The generic tool that can answer what the user asks; empty where there is none, or nothing is asked."""
    looking = [skill for skill in skills if skill.effect.kind == "looks"]
    return _calculated(skills, seen) or (
        (_queried(looking, seen) or _searched(looking, seen)) if asks_for_information(seen.text) else []
    )


def _calculated(skills: Sequence[OfferedTool], seen: RequestView) -> list[Selection]:
    """A calculator for a calculation."""
    found = calculation(seen.text)
    if found is None:
        return []
    for skill in skills:
        needed = skill.required or skill.parameters[:1]
        if len(needed) != 1 or needed[0].kind not in ("string", ""):
            continue
        if needed[0].role == "expression" and needed[0].fits(found.expression):
            return [_selection(skill, seen.text, {needed[0].path: found.expression})]
    return []


def _queried(looking: Sequence[OfferedTool], seen: RequestView) -> list[Selection]:
    """A statement over tables that the conversation shows, or a look at which tables there are."""
    querying = next(
        ((skill, one) for skill in looking for one in skill.required if one.role == "sql" and len(skill.required) == 1),
        None,
    )
    if querying is None or not _THINGS_OF_A_TABLE.search(seen.text):
        return []
    skill, parameter = querying
    shown = "\n".join(one.text for one in (*seen.results, *seen.history))
    statement = query_for(seen.text, tables_in(f"{skill.description}\n{parameter.description}\n{seen.told}\n{shown}"))
    if statement is not None:
        return [_selection(skill, seen.text, {parameter.path: statement})]
    listing = [one for one in looking if one is not skill and not one.required and _TABLES & {*one.name_words}]
    if listing:
        return [_selection(listing[0], seen.text, {})]
    extraction = extract(skill, seen.text, seen.today)
    return [Selection(skill, seen.text, ENOUGH, extraction)] if parameter.path in extraction.calls[0] else []


def _searched(looking: Sequence[OfferedTool], seen: RequestView) -> list[Selection]:
    searches = [skill for skill in looking if skill.is_general_search and _only_queries(skill)]
    if not searches:
        return []
    skill = max(searches, key=lambda one: fit(one, looking, seen.text))
    return [Selection(skill, seen.text, ENOUGH, extract(skill, seen.text, seen.today))]


def _only_queries(skill: OfferedTool) -> bool:
    return all(one.role == "query" or "default" in one.schema for one in skill.required)


def _selection(skill: OfferedTool, text: str, values: dict[tuple[str, ...], str]) -> Selection:
    return Selection(skill, text, ENOUGH, Extraction([dict(values)], sure=1.0, spelled=True))


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
