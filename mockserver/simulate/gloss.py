"""Gloss: a request in German, Spanish, French, Portuguese or Italian, word for word in English.

A gloss is not a translation: it is what the other modules can read. Names, quotations, codes and words that are not
known stay as they are, and so do negations, which the clauses know in each language. Values that are words of the
user are given back in the user's own language.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from mockserver.simulate.gloss_words import CONTENT_WORDS, FUNCTION_WORDS, LANGUAGE_ORDER, PHRASES
from mockserver.simulate.lexicon import STOP, word_set

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SHIELD = re.compile(
    r"```.*?```|`[^`\n]*`|\"[^\"\n]*\"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|https?://\S+|[\w.+-]+@[\w.-]+|[\w~./-]*/[\w./-]+|"
    r"(?<!\w)'[^'\n]*'(?!\w)|\b[^\W\d]\w*\.\w{1,5}\b|\b[A-Z]{2}\d{2}[A-Z0-9]{6,}\b",
    re.DOTALL,
)
_ELIDED = re.compile(r"(?i)\b(?P<word>qu|jusqu|dell|nell|all|sull|dall|[dljmnstc])['’](?=\w)")
_ELISIONS = {"d": "of ", "l": "the ", "j": "I ", "m": "me ", "qu": "that ", "dell": "of the ", "nell": "in the ",
             "all": "to the ", "sull": "on the ", "dall": "from the ", "jusqu": "until "}  # fmt: skip
_KEPT = {
    "de": word_set("nicht kein keine keinen keinem keiner nie niemals keinesfalls ohne nichts"),
    "es": word_set("no nunca jamás sin nada"),
    "fr": word_set("ne pas jamais sans rien"),
    "pt": word_set("não nem nunca jamais sem nada"),
    "it": word_set("non mai senza niente nulla"),
}
"""Negations stay: the clauses know them in each language."""

_GERMAN_ARTICLES = word_set(
    """der die das den dem des ein eine einen einem einer eines mein meine meinen meinem meiner dein deine deinen unser
    unsere unseren dieser diese dieses diesen diesem jede jeder jedes jeden alle viele einige zum zur im am beim vom
    keine kein keinen welche welcher welches welchen ihre ihren seine seinen zwei drei vier fünf"""
)
_HOUR = re.compile(r"(?i)\b(?P<hour>\d{1,2})(?:[.:](?P<minute>\d{2}))?\s*(?:uhr|hrs)\b(?:\s+(?P<past>\d{2})\b)?")
_HOUR_FR = re.compile(r"\b(?P<hour>\d{1,2})\s?[hH](?:\s?(?P<minute>\d{2}))?(?!\w)")
_DAY_FIRST = re.compile(r"(?<![\d.])(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./](?P<year>\d{4})(?!\d)")
_DAY_DOT = re.compile(r"\b(\d{1,2})\.(?=\s)")
_DECIMAL = re.compile(r"(?<![\d.,])(?P<whole>\d{1,3}(?:[. ]\d{3})+|\d+)(?:,(?P<part>\d{1,2}))?(?![\d,]|\.\d)")
_AFTERNOON = re.compile(r"(?i)\bat (\d{1,2})(?::(\d{2}))? (?:pm)\b")
_NEXT_BEHIND = re.compile(
    r"\b((?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|week|month|year)\s+(next|last)\b", re.IGNORECASE
)
_FROM_TO = re.compile(r"\bof ((?:[A-ZÀ-Þ][\w'’-]*\s?){1,4}) (to|until) (?=[A-ZÀ-Þ])")
_HOW_FAR = re.compile(r"(?i)\b(how far is\s+[^?.!]*?|distance between\s+[^?.!]*?)\s+of\s+")
_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE_OF = re.compile(rf"\b(\d{{1,2}}) of ({_MONTH})(?: of (\d{{4}}))?")
_PARTED = re.compile(
    r"(?i)\b(?P<verb>schalte?|mache?|drehe?|füge?|trage?|sage?|lege?)\b(?P<rest>(?:[^.!?;\n]|(?<=\d)\.){1,100}?)\s"
    r"(?P<particle>aus|ab|an|ein|hinzu)(?=\s*(?:[.!?,;]|$|und\b|bitte\b))"
)
_AFTER_A_NAME = ("", "is", "are", "was", "has", "and", "or")
_LETTERS = {"de": "äöüß", "es": "¿¡ñáéíóú", "fr": "çàâéèêôû", "pt": "ãõçáéê", "it": "àèìòù"}
_LETTERS["all"] = "".join(_LETTERS.values())
_LEAST_WORDS = 2
_TOO_LONG = 2_000


class Gloss(NamedTuple):
    """A text with its English gloss, and which stretches of the one stand for which of the other."""

    original: str
    text: str
    language: str
    links: tuple[tuple[int, int, int, int], ...] = ()

    def own_words(self, value: str) -> str:
        """The user's own words for a value that was read from the gloss; any other value as it is."""
        start = self.text.find(value)
        if not self.language or start < 0 or value in self.original:
            return value
        end = start + len(value)
        touched = [link for link in self.links if link[0] < end and start < link[1]]
        return self.original[touched[0][2] : touched[-1][3]].strip(" ,.;") if touched else value


@lru_cache(maxsize=256)
def gloss(text: str) -> Gloss:
    """The gloss of a text; the text itself where it is English or no language that is known."""
    language = language_of(text)
    if not language or len(text) > _TOO_LONG:
        return Gloss(text, text, "")
    prepared = _numbers_and_times(text, language)
    parts: list[tuple[str, int, int]] = []
    for start, end, is_shielded in _stretches(prepared):
        if is_shielded:
            parts.append((prepared[start:end], start, end))
        else:
            parts += _glossed(prepared, start, end, language)
    joined, links = "", []
    for said, start, end in parts:
        links.append((len(joined), len(joined) + len(said), start, end))
        joined += said
    tidy = _tidied(joined)
    return Gloss(prepared, tidy, language, tuple(links) if tidy == joined else _relinked(tidy, parts))


def language_of(text: str) -> str:
    """The language of a text by its function words: "de", "es", "fr", "pt" or "it"; "" for English and others."""
    words = [found.group().casefold() for found in _WORD.finditer(_ELIDED.sub(" ", _SHIELD.sub(" ", text[:_TOO_LONG])))]
    foreign = {word for word in words if word not in STOP}
    if foreign.isdisjoint(_every_word()) and not _signed(text, "all"):
        return ""
    english = sum(word in STOP for word in words)
    counts = {
        language: len(foreign & known) + 2 * sum(1 for pattern, _ in _phrases()[language] if pattern.search(text))
        for language, known in _vocabulary().items()
    }
    marked = {language: len(foreign & known) for language, known in _function_words().items()}
    best = max(LANGUAGE_ORDER, key=lambda one: (counts[one] + marked[one], -LANGUAGE_ORDER.index(one)))
    enough = counts[best] >= _LEAST_WORDS or (counts[best] == len(words) > 1) or _signed(text, best)
    return best if enough and counts[best] > english else ""


def _signed(text: str, language: str) -> bool:
    """Whether letters that only some languages have support one known word."""
    return any(letter in _LETTERS[language] for letter in text.casefold()) if not text.isascii() else False


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, str]]:
    """For each language the English word of each word; of two the first counts."""
    tables: dict[str, dict[str, str]] = {language: {} for language in LANGUAGE_ORDER}
    for line in f"{FUNCTION_WORDS}{CONTENT_WORDS}".strip().splitlines():
        english, *columns = (column.strip() for column in line.split("|"))
        for language, column in zip(LANGUAGE_ORDER, columns, strict=False):
            for word in column.split():
                tables[language].setdefault(word, english)
    return tables


@lru_cache(maxsize=1)
def _phrases() -> dict[str, list[tuple[re.Pattern[str], str]]]:
    found: dict[str, list[tuple[re.Pattern[str], str]]] = {}
    for line in PHRASES.strip().splitlines():
        language, _, pairs = line.partition(":")
        split = [pair.partition("=") for pair in pairs.split(";")]
        ordered = sorted(((own.strip(), english.strip()) for own, _, english in split), key=lambda pair: -len(pair[0]))
        found[language] = [
            (re.compile(r"(?i)(?<!\w)" + re.escape(own) + (r"(?!\w)" if own[-1].isalpha() else "")), english)
            for own, english in ordered
        ]
    return found


@lru_cache(maxsize=1)
def _vocabulary() -> dict[str, frozenset[str]]:
    """The words of each language that English does not spell alike."""
    return {
        language: frozenset(word for word, english in words.items() if word != english.casefold())
        for language, words in _table().items()
    }


@lru_cache(maxsize=1)
def _every_word() -> frozenset[str]:
    return frozenset().union(*_vocabulary().values())


@lru_cache(maxsize=1)
def _function_words() -> dict[str, frozenset[str]]:
    tables: dict[str, set[str]] = {language: set() for language in LANGUAGE_ORDER}
    for line in FUNCTION_WORDS.strip().splitlines():
        for language, column in zip(LANGUAGE_ORDER, line.split("|")[1:], strict=False):
            tables[language].update(column.split())
    return {language: frozenset(words) for language, words in tables.items()}


def _stretches(text: str) -> list[tuple[int, int, bool]]:
    """The text cut where quotations, addresses and codes begin and end."""
    found: list[tuple[int, int, bool]] = []
    place = 0
    for shield in _SHIELD.finditer(text):
        if place < shield.start():
            found.append((place, shield.start(), False))
        found.append((shield.start(), shield.end(), True))
        place = shield.end()
    if place < len(text):
        found.append((place, len(text), False))
    return found


def _numbers_and_times(text: str, language: str) -> str:
    """The text with numbers, hours and days as English writes them."""
    parts = []
    if language == "de":
        closed = [(start, end) for start, end, is_shielded in _stretches(text) if is_shielded]
        text = _PARTED.sub(
            lambda verb: verb.group() if any(one <= verb.start() < end for one, end in closed) else _parted_verb(verb),
            text,
        )
    for start, end, is_shielded in _stretches(text):
        part = text[start:end]
        if not is_shielded:
            part = _DAY_FIRST.sub(lambda day: f"{day['year']}-{int(day['month']):02d}-{int(day['day']):02d}", part)
            part = _HOUR.sub(_clock, part)
            part = _HOUR_FR.sub(_clock, part) if language in ("fr", "pt", "es") else part
            part = _DAY_DOT.sub(r"\1", part) if language == "de" else part
            part = _DECIMAL.sub(_decimal, part)
        parts.append(part)
    return "".join(parts)


def _parted_verb(found: re.Match[str]) -> str:
    """A German verb whose particle stands at the end, `schalte … aus`, as one English verb."""
    verb, particle = found["verb"].casefold(), found["particle"].casefold()
    if verb.startswith(("schalt", "mach", "dreh")):
        english = "turn off" if particle in ("aus", "ab") else "turn on"
    elif particle == "ab":
        english = "cancel"
    else:
        english = "create" if verb.startswith("leg") else "add"
    return f"{english}{found['rest']}"


def _clock(found: re.Match[str]) -> str:
    minute = found["minute"] or (found.groupdict().get("past")) or "00"
    return f"{int(found['hour']):02d}:{minute}"


def _decimal(found: re.Match[str]) -> str:
    if found["part"] is None and "." not in found["whole"]:
        return found.group()
    whole = re.sub(r"[. ]", "", found["whole"])
    return f"{whole}.{found['part']}" if found["part"] else whole


def _glossed(text: str, start: int, end: int, language: str) -> list[tuple[str, int, int]]:
    """A stretch as pieces, each with the place of the words that it stands for."""
    parts: list[tuple[str, int, int]] = []
    place = start
    while place < end:
        english, until = _phrase_at(text, place, end, language) or _word_at(text, place, end, language)
        parts.append((english, place, until))
        place = until
    return parts


def _phrase_at(text: str, place: int, end: int, language: str) -> tuple[str, int] | None:
    if not text[place].isalpha() or (place and text[place - 1].isalnum()):
        return None
    for pattern, english in _phrases()[language]:
        if (found := pattern.match(text, place, end)) is not None:
            return english + (" " if found.group()[-1] in "'’" else ""), found.end()
    elided = _ELIDED.match(text, place, end)
    if elided and elided["word"].casefold() in _ELISIONS:
        return _ELISIONS[elided["word"].casefold()], elided.end()
    return None


def _word_at(text: str, place: int, end: int, language: str) -> tuple[str, int]:
    """One word in English, or one other character."""
    found = _WORD.match(text, place, end)
    if found is None:
        return text[place], place + 1
    word = found.group().casefold()
    known = _table()[language].get(word)
    whole = known is not None or "-" not in word
    until = found.end() if whole else place + word.index("-")
    written = text[place:until]
    word = written.casefold()
    known = _table()[language].get(word)
    inner = written[0].isupper() and place > 0 and language != "de" and not _opens(text, place)
    if word in _KEPT[language] or (inner and known is not None and not known[0].isupper()):
        return written, until
    if known is not None:
        return (known if not written[0].isupper() or not _opens(text, place) else known[0].upper() + known[1:]), until
    if language == "de" and written[0].isupper() and _is_common_noun(text, place):
        return written[0].lower() + written[1:], until
    if written[0].isupper() and _opens(text, place) and _leads_a_sentence(text, until, language):
        return written[0].lower() + written[1:], until
    return written, until


def _opens(text: str, place: int) -> bool:
    before = text[:place].rstrip(" \t¿¡\"'(*-")
    return not before or before[-1] in ".!?:\n"


def _is_common_noun(text: str, place: int) -> bool:
    """Whether a German word in capitals stands behind an article, or behind an adjective behind one."""
    before = [found.group().casefold() for found in _WORD.finditer(text[max(0, place - 60) : place])][-2:]
    adjective = len(before) == 2 and before[1].endswith(("en", "e", "er", "es")) and before[0] in _GERMAN_ARTICLES
    return bool(before) and text[place - 1 : place] == " " and (before[-1] in _GERMAN_ARTICLES or adjective)


def _leads_a_sentence(text: str, end: int, language: str) -> bool:
    """Whether a small word follows: then the word that opens a sentence is a verb, not a name."""
    following = _WORD.match(text, end + 1) if text[end : end + 1] == " " else None
    known = _table()[language].get(following.group().casefold(), "") if following else ""
    return (
        following is not None
        and following.group()[0].islower()
        and known not in ("", "is", "are", "was", "has", "and", "or")
    )


def _tidied(text: str) -> str:
    """The gloss with the order of words that English has where it matters."""
    text = _DATE_OF.sub(lambda day: f"{day[1]} {day[2]}{f' {day[3]}' if day[3] else ''}", text)
    text = _NEXT_BEHIND.sub(r"\2 \1", text)
    text = _HOW_FAR.sub(r"\1 from ", text)
    text = _AFTERNOON.sub(lambda at: f"at {int(at[1]) % 12 + 12:02d}:{at[2] or '00'}", text)
    return _FROM_TO.sub(r"from \1 \2 ", text)


def _relinked(tidy: str, parts: list[tuple[str, int, int]]) -> tuple[tuple[int, int, int, int], ...]:
    """The links anew after words were moved: each piece where it is found next."""
    links: list[tuple[int, int, int, int]] = []
    place = 0
    for said, start, end in parts:
        found = tidy.find(said, place, place + 40 + len(said)) if said.strip() else -1
        if found >= 0:
            links.append((found, found + len(said), start, end))
            place = found + len(said)
    return tuple(links)
