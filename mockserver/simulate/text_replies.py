"""Text replies: summaries of tool results, questions for missing values, small talk."""

import json
import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from mockserver.simulate.request_view import ToolResult
from mockserver.simulate.stemming import identifier_words
from mockserver.simulate.tool_model import OfferedTool, ToolParameter

SPELL_IT_OUT = (
    "Before I change anything I need to know more. Could you tell me what exactly shall be done, and give me the file, "
    "the command or the values to use?"
)
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
_DEEPEST = 5
_MOST_ITEMS = 10
_LONGEST = 2000
_VALUE_NAMES = {
    "recipient": "the address to send it to", "email": "the e-mail address", "command": "the exact command",
    "source": "the exact code", "sql": "the exact statement", "money": "the amount",
}  # fmt: skip
_KINDS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), answers)
    for pattern, answers in (
        (r"\bjokes?\b|make me laugh|something funny", (
            "Why did the scarecrow get a promotion? He was outstanding in his field.",
            "I told my computer it needed a break, and it froze.",
            "Parallel lines have so much in common. It is a shame they will never meet.",
        )),
        (r"\bthank(s| you)\b|\bcheers\b", ("You are welcome!", "Glad I could help.", "Any time.")),
        (r"^\s*(hi|hello|hey|good (morning|afternoon|evening))\b", (
            "Hello! What can I do for you?", "Hi there. How can I help?", "Hello! How can I help you today?",
        )),
        (r"how are you|how's it going", ("I am doing well, thank you. How can I help?",)),
        (r"\b(good)?bye\b|see you", ("Goodbye, and take care!", "See you soon.")),
        (r"who are you|what are you\b", ("I am an assistant that can call the functions of this application.",)),
    )
)  # fmt: skip
_ANSWERS = (
    "I do not have a good answer to that from here.",
    "That is outside of what I can look up right now.",
    "I cannot answer that with what I have at hand.",
)
_PLAIN = (
    "Good question. In short, it depends on the details; tell me a little more and I can be more specific.",
    "Happy to help. Could you tell me a little more about what you need?",
    "I would start with the basics and go on from there. Which part matters most to you?",
)


def summarise(results: Sequence[ToolResult]) -> str:
    """One paragraph or, for several results, one line each."""
    lines = [_line(result, len(results) > 1) for result in results]
    return lines[0] if len(lines) == 1 else "Here is what I found:\n" + "\n".join(f"- {line}" for line in lines)


def _line(result: ToolResult, several: bool) -> str:
    label = _label(result)
    value = _value(result.text)
    if isinstance(value, str) and _DECLINED.match(value):
        what = _named(result.name) or "the call"
        return f"You did not agree to {what}{f' ({label})' if label else ''}, so nothing was done."
    if (error := _error(value)) is not None:
        about = f" for {label}" if label else (f" {_named(result.name)}" if result.name else "")
        return f"I could not get a result{about}: {_sentence(error)}"
    said = _prose(_without(value, label), 0)
    if not said:
        done = _named(result.name) or "the call"
        return _sentence(f"{label}: done, with nothing to report" if label else f"Done: {done} gave nothing to report")
    if label:
        return _sentence(f"{label}: {said}")
    if isinstance(value, Mapping | list):
        return _sentence(f"{_named(result.name).capitalize()}: {said}" if several and result.name else _capital(said))
    return _sentence(_capital(said))


def _label(result: ToolResult) -> str:
    """What a call asked for, in the words of its arguments."""
    try:
        arguments = json.loads(result.call.arguments) if result.call else {}
    except ValueError:
        return ""
    if not isinstance(arguments, dict):
        return ""
    short = [
        str(value) for value in arguments.values()
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


def _without(value: Any, label: str) -> Any:
    """A result without the part that only repeats what was asked."""
    if not isinstance(value, Mapping) or not label:
        return value
    kept = {
        key: item for key, item in value.items() if not (isinstance(item, str) and item.casefold() == label.casefold())
    }
    return kept or value


def _prose(value: Any, depth: int) -> str:  # noqa: PLR0911 - one type a line
    if value is None:
        return "nothing" if depth else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value.strip()[:_LONGEST]
    if isinstance(value, int | float):
        return str(value)
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return ", ".join(_pair(str(key), item, depth) for key, item in value.items() if key not in _NOISE)
    items = [_prose(item, depth + 1) for item in value[:_MOST_ITEMS]]
    if len(value) > _MOST_ITEMS:
        items.append(f"and {len(value) - _MOST_ITEMS} more")
    return "; ".join(items) if any(isinstance(item, Mapping) for item in value) else ", ".join(items)


def _pair(key: str, value: Any, depth: int) -> str:
    name = _named(key)
    said = _prose(value, depth + 1)
    if isinstance(value, Mapping):
        return f"{name}: {said}"
    if isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        return f"{name}: {said}"
    return f"{name} {said}" if not isinstance(value, bool) else f"{name}: {said}"


def _named(identifier: str) -> str:
    return " ".join(identifier_words(identifier)) if re.fullmatch(r"[\w.-]+", identifier) else identifier


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text[-1:] in (".", "!", "?", "…") or "\n" in text else text + "."


def ask_back(lacking: Mapping[OfferedTool, Sequence[ToolParameter]]) -> str:
    """A question for the values that the first of the calls lacks."""
    skill, missing = next(iter(lacking.items()))
    names = list(dict.fromkeys(_asked_value(parameter) for parameter in missing))
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"I can do that ({offer(skill)}), but I need to know {listed} first. Could you tell me?"


def _asked_value(parameter: ToolParameter) -> str:
    return _VALUE_NAMES.get(parameter.role) or f"the {' '.join(identifier_words(parameter.name)) or parameter.name}"


def reply_to(text: str, skills: Sequence[OfferedTool], chance: Random) -> str:
    """A believable short answer, which says what the offered tools can do when the request is not theirs."""
    for pattern, answers in _KINDS:
        if pattern.search(text):
            return chance.choice(answers)
    if not text.strip():
        return "How can I help?"
    offers = [offer(skill) for skill in skills[:2]]
    if not offers:
        return chance.choice(_PLAIN)
    return f"{chance.choice(_ANSWERS)} {'I can help with something else, though: ' + ' or '.join(offers)}."


def offer(skill: OfferedTool) -> str:
    """What a tool does, in a few plain words."""
    said = re.split(r"[.\n;:(]", skill.description.strip())[0].strip()
    if not 0 < len(said) <= 90:
        return " ".join(identifier_words(skill.name))
    return said if said[:2].isupper() else said[0].lower() + said[1:]
