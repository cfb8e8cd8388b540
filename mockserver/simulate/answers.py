"""Answers: tool results in plain sentences: one is told as it is, several are told apart by what was asked."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mockserver.simulate.effects import acts_of, effect_of
from mockserver.simulate.request_view import ToolResult
from mockserver.simulate.stemming import identifier_words, likeness, stem
from mockserver.simulate.tool_selection import topic_words

_FAILED = re.compile(
    r"^\s*(?:\W*(?:error|exception|traceback|failed|failure)\b|\w*(?:Error|Exception)\b\s*[:(])", re.IGNORECASE
)
_DECLINED = re.compile(
    r"\W*(?:the\s+)?(?:user|human)\s+(?:has\s+)?(?:(?:did|does) not (?:agree|approve|allow|confirm|consent)|"
    r"declined|denied|rejected|refused|cancell?ed)\b[^.]*\b(?:call|tool|function|action|permission|approval)\b",
    re.IGNORECASE,
)
_ERROR_KEYS = ("error", "errors", "exception", "error_message")
_NOISE = frozenset({"tool_call_id", "call_id"})
_TITLES = ("name", "title", "subject", "label", "headline", "summary", "product", "item", "city", "id")
_DEEPEST = 5
_MOST_ITEMS = 10
_LONGEST = 2000
_SHORT = 3
_IRREGULAR = {
    "send": "sent", "make": "made", "set": "set", "put": "put", "buy": "bought", "pay": "paid", "write": "written",
    "cancel": "cancelled", "reset": "reset", "get": "fetched", "run": "run", "begin": "started", "submit": "submitted",
    "book": "booked", "rent": "rented", "sell": "sold", "tell": "told", "shut": "shut", "plan": "planned",
    "transfer": "transferred", "stop": "stopped", "drop": "dropped", "email": "sent", "play": "started", "do": "done",
}  # fmt: skip
_GREATEST = re.compile(
    r"(?i)\b(?:more|most|larger|largest|bigger|biggest|higher|highest|warmer|warmest|hotter|hottest|taller|tallest|older|"
    r"oldest|longer|longest|farther|heavier|richer|greater|better|best|faster|fastest|expensive)\b"
)
_LEAST = re.compile(
    r"(?i)\b(?:less|least|fewer|fewest|smaller|smallest|lower|lowest|colder|coldest|cooler|coolest|shorter|shortest|"
    r"cheaper|cheapest|younger|youngest|lighter|nearer|nearest|closer|closest)\b"
)


class _Telling(NamedTuple):
    """A result with its value, what the call asked for, and the words of the question."""

    result: ToolResult
    value: Any
    label: str
    topic: tuple[str, ...]

    @property
    def noun(self) -> str:
        """What the tool is about, in the words of its name."""
        words = identifier_words(self.result.name)
        return " ".join(word for word in words if not acts_of(stem(word)) or word == words[-1])


def summarise(results: Sequence[ToolResult], question: str = "") -> str:
    """What the results say: a sentence or two; for several results one line each."""
    topic = topic_words(question)
    tellings = [_Telling(result, _value(result.text), _label(result), topic) for result in results]
    if len(tellings) == 1:
        return _sentences(tellings[0], several=False)
    lines = [f"- {_sentences(telling, several=True)}" for telling in tellings]
    compared = _compared(tellings, question)
    return "\n".join(["Here is what I found:", *lines, *([compared] if compared else [])])


def named(identifier: str) -> str:
    """An identifier in plain words."""
    return " ".join(identifier_words(identifier)) if re.fullmatch(r"[\w.-]+", identifier) else identifier


def sentence(text: str) -> str:
    """A text with a mark at its end."""
    text = text.strip()
    return text if text[-1:] in (".", "!", "?", "…") or "\n" in text else text + "."


def _sentences(telling: _Telling, several: bool) -> str:
    value, label = telling.value, telling.label
    if isinstance(value, str) and _DECLINED.match(value):
        what = named(telling.result.name) or "the call"
        return f"You did not agree to {what}{f' ({label})' if label else ''}, so nothing was done."
    if (error := _error(value)) is not None:
        about = f" for {label}" if label else (f" {named(telling.result.name)}" if telling.result.name else "")
        return f"I could not get a result{about}: {sentence(error)}"
    if done := _done(telling):
        return done
    said = _told(telling, several)
    return sentence(said[:1].upper() + said[1:])


def _told(telling: _Telling, several: bool) -> str:  # noqa: PLR0911 - one shape a line
    value, label = telling.value, telling.label
    if value in (None, "", {}):
        return f"there is nothing to report{f' for {label}' if label else ''}"
    if isinstance(value, Mapping):
        wrapped = [item for item in value.values() if isinstance(item, list)]
        if len(wrapped) == 1 and len(value) <= _SHORT and not any(isinstance(one, str) for one in value.values()):
            return _listed(telling._replace(value=wrapped[0]))
        return _object(telling)
    if isinstance(value, list):
        return _listed(telling)
    if isinstance(value, bool):
        return f"{'yes' if value else 'no'}{f', for {label}' if label and several else ''}"
    said = str(value).strip()[:_LONGEST]
    if isinstance(value, int | float):
        return f"for {label} it is {said}" if label and several else f"the result is {said}"
    if not several or not label or label.casefold() in said.casefold():
        return said
    return f"for {label} it is {said}" if len(said.split()) <= _SHORT else f"for {label}: {said}"


def _object(telling: _Telling) -> str:
    """An object's values as clauses, those first that the question speaks of."""
    value = _without(telling.value, telling.label)
    entries = [(key, item) for key, item in value.items() if key not in _NOISE and not _is_empty(item)]
    entries.sort(key=lambda entry: not _is_asked(str(entry[0]), telling.topic))
    clauses = [_clause(str(key), item) for key, item in entries[: 2 * _MOST_ITEMS]]
    if not clauses:
        return "it is done, with nothing to report"
    said = _joined(clauses)
    return f"for {_subject(telling)} {said}" if telling.label else said


def _subject(telling: _Telling) -> str:
    """What a call was about: a bare number is told with what it numbers."""
    if telling.label.replace(".", "").isdigit():
        words = identifier_words(telling.result.name)
        return f"{words[-1]} {telling.label}" if words else telling.label
    return telling.label


def _clause(key: str, value: Any) -> str:
    name = named(key)
    if isinstance(value, bool):
        return f"{name} is {'true' if value else 'false'}" if len(name.split()) > 1 else (
            f"it is {'' if value else 'not '}{name}"
        )  # fmt: skip
    said = _prose(value, 1)
    if isinstance(value, list) and len(value) != 1:
        return f"the {name} are {said}"
    return f"the {name} is {said}"


def _listed(telling: _Telling) -> str:
    """A list in words: how many there are and which."""
    items = telling.value
    words = identifier_words(telling.result.name)
    noun = words[-1] if words and words[-1].endswith("s") and not words[-1].endswith("ss") else ""
    if not items:
        return f"I found no {noun or 'results'}{f' for {telling.label}' if telling.label else ''}"
    said = _joined([_entry(item) for item in items[:_MOST_ITEMS]])
    if len(items) > _MOST_ITEMS:
        said += f", and {len(items) - _MOST_ITEMS} more"
    if len(items) == 1:
        return f"I found {said}"
    return f"I found {len(items)}{f' {noun}' if noun else ''}: {said}"


def _entry(item: Any) -> str:
    """An entry of a list: what it is called, and the rest of it in parentheses."""
    if not isinstance(item, Mapping):
        return _prose(item, 1)
    title = next((key for key in item for end in _TITLES if identifier_words(str(key))[-1:] == (end,)), None)
    title = next((key for end in _TITLES for key in item if identifier_words(str(key))[-1:] == (end,)), title)
    if title is None:
        return ", ".join(f"{named(str(key))} {_prose(one, 1)}" for key, one in item.items() if not _is_empty(one))
    rest = [_short(str(key), one) for key, one in item.items() if key != title and not _is_empty(one)]
    return f"{_prose(item[title], 1)} ({', '.join(rest)})" if rest else _prose(item[title], 1)


def _short(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return named(key) if value else f"not {named(key)}"
    return f"{named(key)} {_prose(value, 1)}"


def _done(telling: _Telling) -> str:
    """That an act was done, for a result that only confirms it; "" for any other result."""
    words = identifier_words(telling.result.name)
    effect = effect_of(telling.result.name, "", ())
    verb = next((word for word in words if acts_of(stem(word))), "")
    if effect.kind != "acts" or not verb or isinstance(telling.value, list):
        return ""
    if isinstance(telling.value, str) and len(telling.value.split()) > _SHORT:
        return ""
    thing = " ".join(word for word in words[words.index(verb) + 1 :] if word != "to") or "request"
    about = _about(telling, verb)
    said = f"The {thing}{about} was {_participle(verb)}."
    facts = telling.value if isinstance(telling.value, Mapping) else {}
    told = [
        _clause(str(key), item) for key, item in facts.items()
        if key not in _NOISE and not isinstance(item, bool) and not _is_empty(item) and str(item) not in said
    ]  # fmt: skip
    more = _joined(told)
    return f"{said} {sentence(more[:1].upper() + more[1:])}" if told else said


def _about(telling: _Telling, verb: str) -> str:
    if not telling.label:
        return ""
    recipient = "@" in telling.label or verb in ("send", "email", "message", "transfer", "pay")
    return f" {'to' if recipient else 'for'} {telling.label}"


def _participle(verb: str) -> str:
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith("e"):
        return verb + "d"
    return verb[:-1] + "ied" if verb.endswith("y") and verb[-2:-1] not in "aeiou" else verb + "ed"


def _compared(tellings: Sequence[_Telling], question: str) -> str:
    """Which of several results comes first, where the question compares them by one number."""
    greatest = _GREATEST.search(question) is not None
    if not greatest and not _LEAST.search(question):
        return ""
    shared = [
        key for key in (tellings[0].value if isinstance(tellings[0].value, Mapping) else {})
        if all(isinstance(one.value, Mapping) and _is_number(one.value.get(key)) for one in tellings)
    ]  # fmt: skip
    if not shared or not all(one.label for one in tellings):
        return ""
    pick = (max if greatest else min)(tellings, key=lambda one: one.value[shared[0]])
    return f"{pick.label} has the {'highest' if greatest else 'lowest'} {named(str(shared[0]))}."


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_asked(key: str, topic: Sequence[str]) -> bool:
    return any(likeness(stem(word), asked) >= 0.7 for word in identifier_words(key) for asked in topic)


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _label(result: ToolResult) -> str:
    """What a call asked for, in the words of its arguments."""
    try:
        arguments = json.loads(result.call.arguments) if result.call else {}
    except ValueError:
        return ""
    if not isinstance(arguments, dict):
        return ""
    flat = [one for value in arguments.values() for one in (value[:1] if isinstance(value, list) else [value])]
    short = [
        str(value) for value in flat
        if isinstance(value, str | int | float) and not isinstance(value, bool) and 0 < len(str(value)) <= 40
    ]  # fmt: skip
    names = [text for text in short if not text.replace(".", "").isdigit()]
    return ", ".join((names or short)[:1] if names else short[:3])


def _value(text: str) -> Any:
    stripped = text.strip()
    if stripped[:1] not in ("{", "[", '"') and not re.fullmatch(r"-?\d+(\.\d+)?|true|false|null", stripped):
        return stripped
    try:
        value = json.loads(stripped)
    except (ValueError, RecursionError):
        return stripped
    return _value(value) if isinstance(value, str) and value[:1] in ("{", "[") else value


def _error(value: Any) -> str | None:
    """What went wrong, when a result reports an error."""
    if isinstance(value, Mapping):
        found = next((value[key] for key in _ERROR_KEYS if value.get(key)), None)
        if found is None and (
            value.get("is_error") is True or value.get("success") is False or value.get("status") == "error"
        ):
            found = value.get("message") or value.get("detail") or value.get("reason") or "it failed"
        if isinstance(found, Mapping):
            found = found.get("message") or _prose(found, 0)
        return None if found is None else (found if isinstance(found, str) else _prose(found, 0))
    if isinstance(value, str) and _FAILED.match(value):
        return value.strip()
    return None


def _without(value: Mapping[str, Any], label: str) -> Mapping[str, Any]:
    """A result without the part that only repeats what was asked."""
    kept = {key: item for key, item in value.items() if not label or str(item).casefold() != label.casefold()}
    return kept or value


def _prose(value: Any, depth: int) -> str:  # noqa: PLR0911 - one type a line
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value.strip()[:_LONGEST]
    if isinstance(value, int | float):
        return str(value)
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return _joined([_short(str(key), item) if not isinstance(item, Mapping | list)
                        else f"{named(str(key))} {_prose(item, depth + 1)}"
                        for key, item in value.items() if key not in _NOISE])  # fmt: skip
    items = [_entry(item) if isinstance(item, Mapping) else _prose(item, depth + 1) for item in value[:_MOST_ITEMS]]
    if len(value) > _MOST_ITEMS:
        items.append(f"{len(value) - _MOST_ITEMS} more")
    return _joined(items)


def _joined(items: Sequence[str]) -> str:
    """The items as they are enumerated in a sentence."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""
