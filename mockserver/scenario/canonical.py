"""The canonical form of a request, equal for equal questions: ids, order and spelling do not change it.

Calls are numbered by their place, whatever their ids; the results of parallel calls come in the order of the calls; a
default that is spelled out is as good as absent; arguments and results that are JSON count by value; in what systems
and tools say, dates do not count, with or without a time, and UUIDs are told apart but not by value.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from hashlib import sha256
from typing import Any

from mockserver.chat import ChatRequest, Message, Tool, ToolCall, ToolChoice
from mockserver.redaction import replace_personal_data
from mockserver.scenario.volatile_text import Ordinals, mask_volatile

Canonical = dict[str, Any]

_NOT_COMPARED = frozenset(
    "stream stream_options user metadata seed store prompt_cache_key prompt_cache_retention safety_identifier".split()
)
_DEFAULTS: Mapping[str, Any] = {
    "n": 1,
    "temperature": 1,
    "top_p": 1,
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "logprobs": False,
    "response_format": {"type": "text"},
    "modalities": ["text"],
    "service_tier": "auto",
    "logit_bias": {},
}
_MASKED_ROLES = frozenset({"system", "developer", "tool", "function"})
_RESULT_ROLES = frozenset({"tool", "function"})


def canonical(request: ChatRequest, *, mask_personal: bool = False) -> Canonical:
    """The canonical form as plain data; `mask_personal` also tells addresses, phones and accounts only apart."""
    found: Canonical = {"model": request.model, "messages": canonical_messages(request, mask_personal=mask_personal)}
    if request.tools:
        found["tools"] = {tool.name: _tool(tool) for tool in request.tools}
    if (choice := _choice(request)) is not None:
        found["tool_choice"] = choice
    if not request.parallel_tool_calls:
        found["parallel_tool_calls"] = False
    found["options"] = {
        key: plain
        for key, value in request.options.items()
        if key not in _NOT_COMPARED and value is not None and (plain := by_value(value)) != _DEFAULTS.get(key)
    }
    return found


def key_of(form: Any) -> str:
    """Equal canonical forms, and no others, have equal keys."""
    return sha256(json.dumps(form, sort_keys=True, separators=(",", ":")).encode("ascii")).hexdigest()


def canonical_messages(request: ChatRequest, *, mask_personal: bool = False) -> list[Canonical]:
    """The messages of a request; what they look like up to a message does not depend on what follows it."""
    volatile, private = Ordinals(), Ordinals()
    mask = partial(replace_personal_data, replace=private) if mask_personal else _as_it_is
    found: list[Canonical] = []
    for message, answers in _numbered(request.messages):
        form = _message(message, volatile, mask)
        found.append(form if answers is None else {**form, "answers": answers})
    return found


def in_order(messages: Iterable[Message]) -> Iterator[Message]:
    """The messages, results in the order of the calls that they answer."""
    return (message for message, _ in _numbered(messages))


def _numbered(messages: Iterable[Message]) -> Iterator[tuple[Message, int | str | None]]:
    """The messages, results in the order of the calls that they answer; with each result the number of its call."""
    numbers = _Numbers()
    run: list[tuple[Message, int | str]] = []
    for message in messages:
        if message.role in _RESULT_ROLES:
            run.append((message, numbers.of(message)))
            continue
        yield from sorted(run, key=_place)
        run = []
        numbers.called(message)
        yield message, None
    yield from sorted(run, key=_place)


def _place(result: tuple[Message, int | str]) -> tuple[bool, int]:
    _, number = result
    return (True, 0) if isinstance(number, str) else (False, number)


class _Numbers:
    """Calls by their place in the conversation; a result belongs to the latest call with its id."""

    def __init__(self) -> None:
        self._count = 0
        self._open: dict[str, list[int]] = {}

    def called(self, message: Message) -> None:
        """Number the calls of a message; ids that come again mean the new calls."""
        fresh: dict[str, list[int]] = {}
        for call in message.tool_calls:
            self._count += 1
            fresh.setdefault(call.id or "", []).append(self._count)
        self._open |= fresh

    def of(self, result: Message) -> int | str:
        """The number of the call that a result answers; "?" when there is none."""
        numbers = self._open.get(result.tool_call_id or "")
        if not numbers:
            return "?"
        return numbers.pop(0) if len(numbers) > 1 else numbers[0]


def _message(message: Message, volatile: Ordinals, mask: Callable[[str], str]) -> Canonical:
    def text(value: str) -> str:
        return mask(mask_volatile(value, volatile) if message.role in _MASKED_ROLES else value)

    form: Canonical = {"role": message.role}
    if message.parts:
        form["content"] = _texts(by_value(list(message.parts)), text)
    elif message.content is not None and (message.content or not message.tool_calls):
        said = parsed(message.content) if message.role in _RESULT_ROLES else message.content
        form["content"] = _texts(said, text)
    if message.tool_calls:
        form["tool_calls"] = [_call(call, mask) for call in message.tool_calls]
    if message.refusal is not None:
        form["refusal"] = message.refusal
    # A result's name is that of its call, which says it already.
    if message.name is not None and message.role != "tool":
        form["name"] = message.name
    return form


def _call(call: ToolCall, mask: Callable[[str], str]) -> Canonical:
    return {"name": call.name, "arguments": _texts(parsed(call.arguments), mask)}


def _tool(tool: Tool) -> Canonical:
    form: Canonical = {"description": tool.description, "parameters": by_value(tool.parameters)}
    return {key: value for key, value in form.items() if value} | ({"strict": True} if tool.strict else {})


def _choice(request: ChatRequest) -> Any:
    choice = request.tool_choice
    if choice == (ToolChoice() if request.tools else ToolChoice("none")):
        return None
    if choice.only is None:
        return choice.mode
    return choice.only[0] if choice.named else {"mode": choice.mode, "only": sorted(choice.only)}


def parsed(text: str) -> Any:
    """The value of a text that is a JSON object or list; any other text as it is."""
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        return by_value(json.loads(text, parse_constant=_refuse, object_pairs_hook=_without_doubles))
    except (ValueError, RecursionError):
        return text


def by_value(value: Any) -> Any:
    """Plain data in which numbers that are equal are written alike."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, Mapping):
        return {str(key): by_value(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [by_value(entry) for entry in value]
    return value


def _texts(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _texts(entry, change) for key, entry in value.items()}
    if isinstance(value, list):
        return [_texts(entry, change) for entry in value]
    return value


def _as_it_is(text: str) -> str:
    return text


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found
