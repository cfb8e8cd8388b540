"""Answers of the Responses API in the form in which the predicates of faults read answers: that of chat completions.

What is projected is what a client reads of the pieces: items and deltas; the terminal event ends the answer.
"""

from functools import cached_property
from typing import Any

from mockserver.steps import Step
from tests.fault_answers import Answer, events, gathered, strictly

Json = dict[str, Any]

KINDS = {"function_call": "arguments", "custom_tool_call": "input"}
TERMINAL = ("response.completed", "response.incomplete", "response.failed")
REASONS = {"max_output_tokens": "length"}
OF_A_CALL = ("call_id", "name", "namespace")


class ResponsesAnswer(Answer):
    """An answer as steps."""

    def __init__(self, steps: list[Step]) -> None:
        super().__init__(steps)

    @cached_property
    def raw_events(self) -> list[Json]:
        """The events as they came."""
        return [event for event in events(self.steps) if isinstance(event, dict)]

    @cached_property
    def events(self) -> list[Any]:
        """The events as they came, and the end that chat completions would have."""
        found = events(self.steps)
        ended = any(isinstance(event, dict) and event.get("type") in TERMINAL for event in found)
        return [*found, "[DONE]"] if ended and found[-1:] != ["[DONE]"] else found

    @cached_property
    def chunks(self) -> list[Any] | None:
        """The events as chunks; None for a plain answer."""
        if not self.steps or not self.headers.get("content-type", "").startswith("text/event-stream"):
            return None
        return [chunk for event in self.raw_events if (chunk := chunk_of(event)) is not None]

    @cached_property
    def body(self) -> Any:
        """The object as a completion, with what is not projected beside it."""
        if self.chunks is not None:
            return {"choices": gathered(self.chunks)}
        value = strictly(self.bytes.decode("utf-8", "replace"))
        return completion_of(value) if isinstance(value, dict) and "output" in value else value


def completion_of(response: Json) -> Json:
    """A response object as a completion."""
    message: Json = {}
    others: list[Any] = []
    for item in response["output"]:
        if item.get("type") in KINDS or "call_id" in item or "arguments" in item:
            message.setdefault("tool_calls", []).append(call_of(item))
        elif item.get("type") == "message":
            _say(message, item)
        else:
            others.append(item)
    kept = {key: value for key, value in response.items() if key not in ("output", "status", "incomplete_details")}
    kept = {key: value for key, value in kept.items() if key not in ("usage", "completed_at")}
    choice = {"index": 0, "message": message, "finish_reason": finish_of(response)}
    return {**kept, "others": others, "choices": [choice]}


def _say(message: Json, item: Json) -> None:
    content = item.get("content")
    if not isinstance(content, list):
        return
    if not content:
        message["content"] = []
    for part in content:
        message["refusal" if part["type"] == "refusal" else "content"] = part.get("text", part.get("refusal"))


def call_of(item: Json) -> Json:
    """An item that calls a tool as an entry of `tool_calls`; what is missing there is missing here."""
    key = KINDS.get(item.get("type", ""), "arguments")
    function = {new: item[old] for old, new in (("name", "name"), (key, "arguments")) if old in item}
    found = {new: item[old] for old, new in (("call_id", "id"), ("type", "type")) if old in item}
    return {**found, "function": function}


def finish_of(response: Json) -> Any:
    """How it ended, in the words of chat completions."""
    if response.get("status") == "incomplete":
        reason = (response.get("incomplete_details") or {}).get("reason")
        return REASONS.get(str(reason), reason)
    if response.get("status") != "completed":
        return response.get("status")
    return "tool_calls" if any(item.get("type") in KINDS for item in response.get("output") or ()) else "stop"


def chunk_of(event: Json) -> Json | None:
    """An event as a chunk; None for one that repeats what others say."""
    kind, place = event.get("type"), {"index": event["output_index"]} if "output_index" in event else {}
    if kind == "response.output_item.added" and event["item"].get("type") in KINDS:
        return _delta({"tool_calls": [{**place, **call_of(event["item"])}]})
    if kind in ("response.function_call_arguments.delta", "response.custom_tool_call_input.delta"):
        named = {new: event[old] for old, new in (("call_id", "id"), ("namespace", "type")) if old in event}
        function = {"name": event["name"]} if "name" in event else {}
        return _delta({"tool_calls": [{**place, **named, "function": {**function, "arguments": event["delta"]}}]})
    if kind == "response.output_text.delta":
        return _delta({"content": event["delta"]})
    if kind == "response.refusal.delta":
        return _delta({"refusal": event["delta"]})
    if kind in TERMINAL:
        return _delta({}, finish_of(event["response"]) if isinstance(event.get("response"), dict) else None)
    return None


def _delta(delta: Json, finish: Any = None) -> Json:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
