"""Clauses: what the user's own words ask for, forbid, ask about or only tell, each with its verb and place."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from mockserver.simulate.cues import (
    ASKS,
    BARE,
    CITED,
    CONDITIONAL,
    CONTENT,
    DO_NOT,
    FORBIDS,
    HOLDS,
    LEAD,
    POLITE,
    PROTECTS,
    PROTECTS_WITHIN,
    RETRACTS,
    REVERSES,
    SUPPOSES,
    WISH,
)
from mockserver.simulate.effects import acts_of, looks
from mockserver.simulate.lexicon import word_set
from mockserver.simulate.stemming import stem

Mood = Literal["asked", "wished", "forbidden", "question", "told"]
"""`asked`: an order or a polite request; `wished`: a thing is wanted (`I need a taxi`); `told`: anything else."""
_QUOTED = re.compile(
    r"```.*?```|`[^`\n]*`|\"[^\"\n]*\"|“[^”]*”|«[^»]*»|(?<!\w)['\u2018](?:[^'\u2019\n]|(?<=\w)['\u2019](?=\w))*['\u2019](?!\w)",
    re.DOTALL,
)
_SENTENCE = re.compile(r"[^.!?;\n]*(?:[.!?;](?!\s|$|[\"')\]])[^.!?;\n]*)*(?:[.!?;]+|\n|$)")
_SEAM = re.compile(
    r"\s*[,\u2013\u2014]\s+(?:(?:and|then|but|also|so|plus|or|und|y|et|e)\s+)*(?:then\s+|also\s+)?|"
    r"(?<!anything)(?<!nothing)(?<!everything)\s+(?:and|then|but|also|und|dann|y|luego|et|puis)\s+(?:then\s+|also\s+)?|\s+-\s+",
    re.IGNORECASE,
)
_HARD_SEAM = re.compile(r"[,\u2013\u2014]|\bbut\b", re.IGNORECASE)
_GRAVE = frozenset({"destroy", "pay", "run"})
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_HELPERS = word_set("to not the a an be up all my any")
_ONES_OWN = word_set("i we he she it they you there this that these those my our your his her their")


class Clause(NamedTuple):
    """A part of a sentence with one verb: its mood, the stem of the verb, and where it stands."""

    mood: Mood
    verb: str
    start: int
    end: int


@lru_cache(maxsize=128)
def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a text of the user's own words, in order."""
    shielded = _QUOTED.sub(lambda found: "\x00" * len(found.group()), text)
    shielded = CONTENT.sub(_shield_content, shielded.replace("\u2019", "'"))
    found: list[Clause] = []
    for sentence in _SENTENCE.finditer(shielded):
        if sentence.group().strip():
            found += _of_sentence(shielded, sentence.start(), sentence.end())
    taken_back = max((back.start() for back in RETRACTS.finditer(shielded)), default=0)
    held = HOLDS.search(shielded) is not None
    return tuple(
        clause._replace(mood="told") if _is_withheld(clause, shielded, taken_back, held) else clause for clause in found
    )


def _is_withheld(clause: Clause, text: str, taken_back: int, held: bool) -> bool:
    """Whether what a clause asks for is taken back, waits for a word of the user or for a condition, or is cited."""
    if clause.mood not in ("asked", "wished"):
        return False
    part = text[clause.start : clause.end]
    grave = not acts_of(clause.verb).isdisjoint(_GRAVE)
    return (
        clause.start < taken_back
        or (held and bool(acts_of(clause.verb)))
        or CITED.search(part) is not None
        or (grave and "send" not in acts_of(clause.verb) and SUPPOSES.search(part) is not None)
    )


def _shield_content(found: re.Match[str]) -> str:
    """What somebody shall be told is not said to the model."""
    start = found.start("content") - found.start()
    return found.group()[:start] + "\x00" * (len(found.group()) - start)


def _of_sentence(text: str, start: int, end: int) -> Iterator[Clause]:
    sentence = text[start:end]
    asks = sentence.rstrip().endswith("?")
    head: Mood | None = None
    held = unsaid = False  # a prohibition goes on until a comma or a `but`
    for since, until in _parts(text, start, end):
        seam = text[max(start, since - 6) : since]
        part = text[since:until]
        if held and head is not None and (unsaid or not _HARD_SEAM.search(seam)):
            unsaid = unsaid and not _says_a_verb(part)
            yield Clause(head, _forbidden_verb(part), since, until)
            continue
        mood = _mood(part, head, asks)
        if head == "told" and CONDITIONAL.match(text[start:end]) and mood == "asked":
            mood = "told"  # `If it rains, close the window` asks for nothing now
        held = mood == "forbidden"
        unsaid = held and not _says_a_verb(part)  # `You must not, whatever happens, delete it`
        head = mood if head is None or mood in ("asked", "forbidden", "wished") else head
        yield from _with_scope(mood, part, since, until)


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentence, cut where a seam is followed by a verb, a prohibition or one who acts."""
    since = start
    for seam in _SEAM.finditer(text, start, end):
        if seam.start() > since and begins_a_clause(text[seam.end() : end]):
            yield since, seam.start()
            since = seam.end()
    yield since, end


def begins_a_clause(rest: str) -> bool:
    """Whether words begin with a verb, a prohibition, a question or one who acts."""
    rest = rest[:120]
    if FORBIDS.match(rest) or PROTECTS.match(rest):
        return True
    word = _WORD.match(rest, lead.end()) if (lead := LEAD.match(rest)) else None
    if word is None:
        return False
    said = word.group().casefold()
    return said in _ONES_OWN or bool(ASKS.match(rest)) or _is_verb(said)


def _is_verb(word: str) -> bool:
    root = stem(word)
    inflected = word.endswith(("ing", "ed")) and not root.endswith(("ing", "ed"))
    return (bool(acts_of(root)) or looks(root)) and not inflected


def _mood(part: str, head: Mood | None, asks: bool) -> Mood:
    lead = LEAD.match(part)
    place = lead.end() if lead else 0
    if _is_forbidden(part, place):
        return "forbidden"
    if CONDITIONAL.match(part):
        return "told"
    if _is_question(part, place, head, asks):
        return "question"
    if WISH.match(part):
        return "wished"
    word = _WORD.match(part, place)
    said = word.group().casefold() if word else ""
    orders = said and said not in _ONES_OWN and (_is_verb(said) or POLITE.search(part))
    return "asked" if orders else "told"


def _is_forbidden(part: str, place: int) -> bool:
    """Whether a clause forbids from its beginning on; its verb or subject would stand at `place`."""
    if PROTECTS.match(part, place) or (REVERSES.search(part) and not ASKS.match(part, place)):
        return True
    first = FORBIDS.search(part)
    if first and not part[place : first.start()].strip() and first.group().casefold() not in BARE:
        return True
    return DO_NOT.match(part, place) is not None or (first is not None and first.start() <= place)


def _is_question(part: str, place: int, head: Mood | None, asks: bool) -> bool:
    """Whether a clause asks; `asks` says that its sentence ends with a question mark, `head` how it began."""
    if ASKS.match(part, place) and not POLITE.search(part[:place]):
        return True
    return asks and (head == "question" or (head != "asked" and not POLITE.search(part)))


def _verb(part: str) -> str:
    lead = LEAD.match(part)
    word = _WORD.match(part, lead.end() if lead else 0)
    return stem(word.group()) if word else ""


def _with_scope(mood: Mood, part: str, since: int, until: int) -> Iterator[Clause]:
    """The clause, and what it forbids within it, as `without sending it` does."""
    inner = (FORBIDS.search(part) or PROTECTS_WITHIN.search(part)) if mood != "forbidden" else None
    if inner is None or (mood == "asked" and inner.start() == 0):
        yield Clause(mood, _forbidden_verb(part) if mood == "forbidden" else _verb(part), since, until)
        return
    if part[: inner.start()].strip():
        yield Clause(mood, _verb(part), since, since + inner.start())
    yield Clause("forbidden", _forbidden_verb(part[inner.start() :]), since + inner.start(), until)


def _says_a_verb(part: str) -> bool:
    """Whether a prohibition says what is forbidden, or will do so behind a comma."""
    found = FORBIDS.search(part)
    words = [word.group().casefold() for word in _WORD.finditer(part, found.end() if found else 0)]
    return PROTECTS.match(part) is not None or any(map(_is_verb, words))


def _forbidden_verb(part: str) -> str:
    found = FORBIDS.search(part)
    words = [word.group() for word in _WORD.finditer(part, found.end() if found else 0)]
    return stem(next((word for word in words if word.casefold() not in _HELPERS), ""))


def wish(text: str) -> str:
    """The text with what is forbidden blanked, so that no value is read from there; places stay."""
    parts: list[str] = []
    place = 0
    for clause in clauses(text):
        if clause.mood == "forbidden":
            parts += [text[place : clause.start], re.sub(r"[^\n]", " ", text[clause.start : clause.end])]
            place = clause.end
    return "".join(parts) + text[place:] if parts else text
