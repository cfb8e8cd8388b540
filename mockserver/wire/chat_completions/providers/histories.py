"""Requests as the clients of other providers send them: their histories hold what those providers answered."""

from collections.abc import Iterator
from typing import Any

from mockserver.wire.chat_completions.messages import ID_LENGTH
from mockserver.wire.codec import encode

JsonObject = dict[str, Any]


def sound_history(data: JsonObject) -> JsonObject:
    """The request with a history that OpenAI would take.

    Calls get the type, the id and the arguments that they lack, and ids of a length that is taken; results that name
    no id answer the calls in their order. What is no history at all stays as it is, for the checks to find.
    """
    messages = data.get("messages")
    if not isinstance(messages, list):
        return data
    return {**data, "messages": list(_sound(messages))}


def _sound(messages: list[Any]) -> Iterator[Any]:
    waiting: list[Any] = []
    known: dict[str, Any] = {}
    for place, message in enumerate(messages):
        calls = message.get("tool_calls") if isinstance(message, dict) else None
        if isinstance(calls, list) and calls and all(isinstance(call, dict) for call in calls):
            sound = [_call(call, f"call_{place}_{number}") for number, call in enumerate(calls)]
            waiting = [call["id"] for call in sound]
            sent = [call.get("id") for call in calls]
            known = {one: new for one, new in zip(sent, waiting, strict=True) if one and isinstance(one, str)}
            yield {**message, "tool_calls": sound, "content": message.get("content")}
        elif isinstance(message, dict) and message.get("role") == "tool":
            answered = _answered(message.get("tool_call_id"), known, waiting)
            waiting = [one for one in waiting if one != answered]
            yield {**message, "tool_call_id": answered}
        else:
            yield message


def _answered(named: Any, known: dict[str, Any], waiting: list[Any]) -> Any:
    """The call that a result is for: the one that it names, or the next that waits."""
    if not named and waiting:
        return waiting[0]
    return known.get(named, named) if isinstance(named, str) else named


def _call(call: JsonObject, made_up: str) -> JsonObject:
    call_id = call.get("id") or made_up
    kind = "custom" if "custom" in call else "function"
    called = call.get(kind)
    if isinstance(called, dict) and kind == "function":
        called = {**called, "arguments": _text(called.get("arguments"))}
    sound = {**call, "id": call_id[-ID_LENGTH:] if isinstance(call_id, str) else call_id, "type": kind}
    return {**sound, kind: called} if called is not None else sound


def _text(arguments: Any) -> Any:
    """Arguments as text; none at all are none."""
    if arguments is None:
        return "{}"
    return encode(arguments).decode() if isinstance(arguments, dict) else arguments


def without(data: JsonObject, *parameters: str) -> JsonObject:
    """The request without parameters that only this provider knows."""
    return {key: value for key, value in data.items() if key not in parameters}
