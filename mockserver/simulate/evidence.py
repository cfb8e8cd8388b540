"""Evidence: why the simulated model called what it called: the score of each tool, and where each value stands."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Literal, TypedDict

from mockserver.chat import ChatRequest, Message, Reply, ToolCall
from mockserver.simulate.arithmetic import calculation
from mockserver.simulate.candidates import mentions, readings
from mockserver.simulate.entities import find_entities
from mockserver.simulate.gloss import gloss
from mockserver.simulate.request_view import RequestView, view
from mockserver.simulate.requested_acts import open_to
from mockserver.simulate.schema_repair import JsonSchema, resolve
from mockserver.simulate.stemming import is_generic, likeness, stem, tokens
from mockserver.simulate.tool_model import OfferedTool, ToolParameter
from mockserver.simulate.tool_selection import fit, topic_words

EvidenceKind = Literal["said", "result", "system", "default", "enum", "invented"]
"""Where a value comes from: the user's words, a tool's result, the system prompt, the schema, or nowhere."""

_KINDS: Mapping[str, EvidenceKind] = {
    "user": "said", "tool": "result", "function": "result", "system": "system", "developer": "system",
}  # fmt: skip
_ALIKE = 0.7


class ToolEvidence(TypedDict):
    """A tool with how well it fits the request, whether it was called, and why or why not."""

    name: str
    score: float
    called: bool
    why: str


class Evidence(TypedDict):
    """Where a value stands: the message by its place in the request, and the characters of its text."""

    kind: EvidenceKind
    message: int | None
    text: str | None
    start: int | None
    end: int | None


class ValueEvidence(TypedDict):
    """A value of a call: the call by its place in the reply, the path in its arguments, and the evidence."""

    call: int
    path: str
    value: Any
    evidence: Evidence


class Explanation(TypedDict):
    """The tools and the values of a reply of the simulated model."""

    tools: list[ToolEvidence]
    values: list[ValueEvidence]


def explain(request: ChatRequest, reply: Reply) -> Explanation:
    """Why a request got this reply."""
    seen = view(request)
    called = {call.name for call in reply.calls}
    open_ones = {skill.name for skill in open_to(seen.skills, seen.spoken)}
    tools: list[ToolEvidence] = [
        {
            "name": skill.name,
            "score": round(fit(skill, seen.skills, seen.text), 3),
            "called": skill.name in called,
            "why": _why(skill, seen, skill.name in called, skill.name in open_ones),
        }
        for skill in seen.skills
    ]
    values = [
        found
        for index, call in enumerate(reply.calls)
        for found in _values(index, call, next((one for one in seen.skills if one.name == call.name), None), request)
    ]
    return {"tools": sorted(tools, key=lambda tool: (not tool["called"], -tool["score"])), "values": values}


def _why(skill: OfferedTool, seen: RequestView, called: bool, is_open: bool) -> str:
    words = [
        word for word in topic_words(seen.text)
        if any(likeness(word, known) >= _ALIKE for known in (*skill.name_words, *skill.about))
    ]  # fmt: skip
    shared = f"shares with the request: {', '.join(words)}" if words else "shares no word with the request"
    if called:
        return shared
    if not is_open:
        return f"{shared}; it {skill.effect.kind}, and the user's own words do not ask for that"
    return shared


def _values(index: int, call: ToolCall, skill: OfferedTool | None, request: ChatRequest) -> Iterator[ValueEvidence]:
    try:
        arguments = json.loads(call.arguments)
    except (ValueError, RecursionError):
        arguments = call.arguments
    for path, value in _leaves(arguments, ""):
        yield {"call": index, "path": path, "value": value, "evidence": _evidence(path, value, skill, request)}


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The plain values in an object or array, each with its path, as `lines.0.sku`."""
    if isinstance(value, dict | list) and value:
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(item, f"{path}.{key}" if path else str(key))
    else:
        yield path, value


def _evidence(path: str, value: Any, skill: OfferedTool | None, request: ChatRequest) -> Evidence:
    today = view(request).today
    steps = tuple(step for step in path.split(".") if not step.isdigit())
    parameter = next((one for one in skill.parameters if one.path == steps), None) if skill else None
    order = [(index, message) for index, message in enumerate(request.messages) if message.role in _KINDS]
    for wanted in ("said", "result", "system"):
        for index, message in reversed(order):
            if _KINDS[message.role] == wanted and (place := _place(value, parameter, message, today)) is not None:
                start, end = place
                text = (message.content or "")[start:end]
                return {"kind": _KINDS[message.role], "message": index, "text": text, "start": start, "end": end}
    return {"kind": _kind_in_schema(steps, value, skill), "message": None, "text": None, "start": None, "end": None}


def _kind_in_schema(steps: tuple[str, ...], value: Any, skill: OfferedTool | None) -> EvidenceKind:
    schema = _schema_at(steps, skill) if skill else {}
    if "default" in schema and schema["default"] == value:
        return "default"
    allowed = [*(schema.get("enum") or ()), *([schema["const"]] if "const" in schema else ())]
    return "enum" if value in allowed else "invented"


def _schema_at(steps: tuple[str, ...], skill: OfferedTool) -> dict[str, Any]:
    schema: JsonSchema = skill.schema
    for step in steps:
        schema = resolve(schema, skill.schema)
        if isinstance(schema, dict) and schema.get("type") == "array":
            schema = resolve(schema.get("items", {}), skill.schema)
        below = schema.get("properties", {}) if isinstance(schema, dict) else {}
        schema = below.get(step, {}) if isinstance(below, dict) else {}
    schema = resolve(schema, skill.schema)
    if isinstance(schema, dict) and schema.get("type") == "array":
        schema = resolve(schema.get("items", {}), skill.schema)
    return schema if isinstance(schema, dict) else {}


def _place(  # noqa: PLR0911 - one way of saying a value a line
    value: Any, parameter: ToolParameter | None, message: Message, today: date
) -> tuple[int, int] | None:
    """Where a message says a value: word for word, as something that is read as it, or in another language."""
    text = message.content or ""
    if isinstance(value, bool) or value is None or value in ("", [], {}):
        return _flag_place(parameter, text) if isinstance(value, bool) else None
    said = str(value)
    start = _whole_word(said, text)
    if start >= 0:
        return start, start + len(said)
    if (asked := calculation(text)) is not None and said in (asked.expression, asked.code):
        return asked.start, asked.end
    if parameter is None:
        return None
    for start, end, named in mentions(parameter, text):
        if named == value:
            return start, end
    for span in find_entities(text, today):
        if any(reading == value for reading in readings(parameter, span, text)):
            return span.start, span.end
    glossed = gloss(text)
    own = glossed.own_words(said) if glossed.language else said
    start = text.find(own) if own != said else -1
    return (start, start + len(own)) if start >= 0 else None


def _whole_word(said: str, text: str) -> int:
    """Where a text says something that is not a part of a longer word or number; -1 where it does not."""
    found = re.search(rf"(?i)(?<![\w.]){re.escape(said)}(?!\w)(?!\.\d)", text)
    return found.start() if found else -1


def _flag_place(parameter: ToolParameter | None, text: str) -> tuple[int, int] | None:
    """The word that speaks of a switch."""
    own = {word for word in parameter.words if not is_generic(word)} if parameter else set()
    for token in tokens(text):
        if any(likeness(stem(token.text), word) >= _ALIKE for word in own):
            return token.start, token.end
    return None
