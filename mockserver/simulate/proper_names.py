"""Proper names in a text: runs of capitalised words, with what belongs to a place kept together."""

import re
from collections.abc import Iterator

from mockserver.simulate.effects import acts_of
from mockserver.simulate.lexicon import MONTHS, OPENERS, REGION_CODES, REGIONS, WEEKDAYS, word_set
from mockserver.simulate.stemming import stem

_WORD = re.compile(r"[^\W\d_](?:[\w&]|['\u2019.-](?=\w))*")
_INNER = word_set("of de del la le da di van von der den the and y e bin al")
_LINKS = _INNER - {"and", "the"}
_NEVER = frozenset({"i", "i'm", "i'd", "i've", "i'll", "pm", "am", "ok", "please"}) | OPENERS
_LABELS = word_set("please pm am tel fax mob ref no nr re fwd cc bcc attn id")
_WHEN = frozenset(WEEKDAYS) | (frozenset(MONTHS) - {"may", "march", "mar", "jan"})

Found = tuple[int, int, str]


def find_names(text: str, taken: bytearray) -> Iterator[Found]:
    """Proper names with their places, outside what is taken already."""
    words = [word for word in _WORD.finditer(text) if not taken[word.start()]]
    runs = list(_runs(text, words))
    index = 0
    while index < len(runs):
        start, end = runs[index]
        if index + 1 < len(runs) and _is_region_of(text, runs[index], runs[index + 1]):
            end = runs[index + 1][1]
            index += 1
        index += 1
        name = text[start:end]
        if name.endswith(("'s", "\u2019s")):
            name, end = name[:-2], end - 2
        yield start, end, name


def _runs(text: str, words: list[re.Match[str]]) -> Iterator[tuple[int, int]]:
    index = 0
    while index < len(words):
        if not _is_capital(text, words[index]):
            index += 1
            continue
        last = _run_end(text, words, index)
        yield words[index].start(), words[last].end()
        index = last + 1


def _run_end(text: str, words: list[re.Match[str]], index: int) -> int:
    """Index of the last word of the name that begins at `index`."""
    last = index
    while last + 1 < len(words):
        following = words[last + 1]
        if not _adjacent(text, words[last], following):
            break
        if _is_capital(text, following):
            last += 1
        elif (
            following.group() in _LINKS
            and not (last == index and _opens_sentence(text, words[index].start()))
            and last + 2 < len(words)
            and _adjacent(text, following, words[last + 2])
            and _is_capital(text, words[last + 2])
        ):
            last += 2
        else:
            break
    return last


def _adjacent(text: str, one: re.Match[str], other: re.Match[str]) -> bool:
    gap = text[one.end() : other.start()]
    return gap in (" ", "-") or (gap == ". " and len(one.group()) <= 2)


def _is_capital(text: str, word: re.Match[str]) -> bool:
    written = word.group()
    if not written[0].isupper():
        return False
    lowered = written.casefold().replace("\u2019", "'")
    if lowered in _WHEN or lowered in ("i", "i'm", "i'd", "i've", "i'll"):
        return False
    if lowered in _LABELS:
        return False
    if text[word.end() : word.end() + 1] == ":" and _opens_sentence(text, word.start()):
        return False
    return not (_opens_with(lowered) and _opens_sentence(text, word.start()))


def _opens_with(word: str) -> bool:
    """Whether sentences open with this word, or with its form in -ing: `Use`, `Using`."""
    root = word.removesuffix("ing") if word.endswith("ing") else word
    if acts_of(stem(word)):
        return True
    return word in _NEVER or root in _NEVER or f"{root}e" in _NEVER


def _opens_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \t\"'“\u2018(*-")
    return not before or before[-1] in ".!?:;\n," or text[:start].endswith("\n")


def _is_region_of(text: str, place: tuple[int, int], region: tuple[int, int]) -> bool:
    """Whether the second name says where the first lies, as in `Paris, France` or `Austin, TX`."""
    if text[place[1] : region[0]] not in (", ", ","):
        return False
    first, second = text[slice(*place)], text[slice(*region)]
    if second in REGION_CODES:
        return first not in REGION_CODES
    return second.casefold() in REGIONS and first.casefold() not in REGIONS
