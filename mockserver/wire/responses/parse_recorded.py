"""An upstream's response → what it says, and the text in which it came.

The text is kept as it is; replay puts ids of its own in place of the response's, and in its items the same digits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockserver.chat import Reply, ToolCall
from mockserver.chat.recorded_wire import Sent
from mockserver.wire.chat_completions.parse_recorded import Event, as_text
from mockserver.wire.codec import NotJson, decode, encode
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.responses.assemble import assembled
from mockserver.wire.responses.events import ARGUMENTS
from mockserver.wire.responses.items import messages_of
from mockserver.wire.responses.response_object import OBJECT
from mockserver.wire.streaming import data_of

__all__ = ["API", "Event", "as_text", "error_in", "take_apart_body", "take_apart_stream"]

API = "responses"
JsonObject = dict[str, Any]

_REASONS = {"max_output_tokens": "length"}
_BROKEN = (KeyError, TypeError, AttributeError, IndexError, ValueError)


def take_apart_stream(events: Sequence[Event], _: ParsedRequest, *, cut: bool) -> Reply:
    """What a stream says, its events kept as text."""
    values = [value for event in events if (value := _value(event)) is not None]
    try:
        response = assembled(values)
        said = reply_of(response)
    except _BROKEN:
        response, said = {}, Reply()
    kept = as_text(said, events, cut)
    assert kept.sent is not None, "what is kept as text says how it was sent"
    return replace(kept, sent=replace(kept.sent, api=API, envelope=_ids_in(response)))


def take_apart_body(value: Mapping[str, Any], _: ParsedRequest, gap: int) -> Reply | None:
    """What a plain answer says; None when it is not a response."""
    if value.get("object") != OBJECT or not isinstance(value.get("output"), list):
        return None
    try:
        said = reply_of(dict(value))
    except _BROKEN:
        return None
    text = encode(dict(value)).decode()
    sent = Sent(body=text, content_type="application/json", gaps=(gap,), api=API, envelope=_ids_in(value))
    return replace(said, sent=sent)


def error_in(value: Any) -> Mapping[str, Any] | None:
    """The error that a body holds; None where it has another form than the API's."""
    given = value.get("error") if isinstance(value, dict) and value.keys() == {"error"} else None
    if not isinstance(given, dict):
        return None
    return given if all(isinstance(given.get(key), str) for key in ("message", "type")) else None


def reply_of(response: JsonObject) -> Reply:
    """What a response object says, its usage in chat completions' words."""
    messages = messages_of(None, response["output"])
    said = messages[0] if messages else None
    calls = [ToolCall(call.name, call.arguments, call.id, kind=call.kind) for call in said.tool_calls] if said else []
    usage = response.get("usage")
    return Reply(
        said.content if said is not None else None,
        calls,
        finish_reason=_finish(response, bool(calls)),
        usage=_counted(usage) if isinstance(usage, dict) else None,
        refusal=said.refusal if said is not None else None,
        thinking=str(said.thinking) if said is not None and said.thinking is not None else None,
    )


def _finish(response: JsonObject, calls: bool) -> str:
    reason = (response.get("incomplete_details") or {}).get("reason")
    return _REASONS.get(reason, reason) if reason is not None else "tool_calls" if calls else "stop"


def _counted(usage: JsonObject) -> JsonObject:
    words = {"prompt_tokens": "input_tokens", "completion_tokens": "output_tokens", "total_tokens": "total_tokens"}
    return {word: usage[key] for word, key in words.items() if isinstance(usage.get(key), int)}


def _ids_in(response: Mapping[str, Any]) -> JsonObject:
    """The id of the response and those of its calls, as they stand in the text."""
    if not isinstance(response.get("id"), str):
        return {}
    calls = [item.get("call_id") for item in response.get("output") or () if item.get("type") in ARGUMENTS]
    return {"id": response["id"], **({"calls": calls} if calls else {})}


def _value(event: Event) -> JsonObject | None:
    data = None if event.torn else data_of(event.text)
    try:
        value = decode(data) if data is not None else None
    except NotJson:
        return None
    return value if isinstance(value, dict) else None
