"""Generic tools: a search, a database or a calculator, which answer questions that no other tool fits."""

import re
from collections.abc import Sequence

from mockserver.simulate.arithmetic import calculation
from mockserver.simulate.clauses import clauses
from mockserver.simulate.extraction import Extraction, extract
from mockserver.simulate.lexicon import word_set
from mockserver.simulate.request_view import RequestView
from mockserver.simulate.sql_queries import query_for, tables_in
from mockserver.simulate.stemming import stem
from mockserver.simulate.tool_model import OfferedTool
from mockserver.simulate.tool_selection import ENOUGH, Selection, fit, topic_words

_SEARCHING = frozenset(
    map(
        stem,
        word_set("find search look tell explain show give check google research query retrieve list fetch get see"),
    )
)
_SMALL_TALK = re.compile(
    r"(?i)^\W*(?:(?:hi|hello|hey|good (?:morning|afternoon|evening|night)|thanks?|thank you|great|ok(?:ay)?|bye|"
    r"goodbye|cheers|nice to meet you|how are you|how's it going|what's up|who are you|what are you|what can you do|"
    r"sure|yes|no|perfect|cool|awesome|sorry|welcome)\b[^?]{0,40}[?!.,\s]*)+$|"
    r"\b(?:joke|poem|haiku|story|limerick|song lyrics|riddle)s?\b|\bare you\b|\bdo you (?:think|like|feel|have)\b|"
    r"\b(?:how are|who are|what are|what can|can you do|how do) you\b|\byour (?:name|favou?rite|opinion)\b"
)
_THINGS_OF_A_TABLE = re.compile(r"(?i)\b(?:how many|which|what|list|show|all|count|number of|total|average|any)\b")
_TABLES = frozenset(map(stem, word_set("table tables schema schemas database")))


def is_small_talk(text: str) -> bool:
    """Whether a text only greets, thanks, or asks for a joke or about the model itself."""
    return not text.strip() or _SMALL_TALK.search(text) is not None


def asks_for_information(text: str) -> bool:
    """Whether a text asks something that could be looked up."""
    if is_small_talk(text):
        return False
    return any(
        clause.mood == "question" or (clause.mood == "asked" and clause.verb in _SEARCHING) for clause in clauses(text)
    ) and bool(topic_words(text) or any(letter.isupper() or letter.isdigit() for letter in text[1:]))


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
