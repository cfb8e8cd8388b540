"""An upstream's answer → what it says, and its lines as they came."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockserver.chat import Reply
from mockserver.chat.recorded_wire import Sent
from mockserver.wire.chat_completions.parse_recorded import Event
from mockserver.wire.codec import NotJson, decode
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.ollama.lines import assembled, said_in, text_key
from mockserver.wire.recorded_events import recorded_call, with_events

API = "ollama"
_BROKEN = (KeyError, TypeError, AttributeError, IndexError, ValueError)


def take_apart_stream(events: Sequence[Event], _: ParsedRequest, *, cut: bool) -> Reply:
    """What the lines of a stream say, and the lines themselves."""
    try:
        reply = _reply(assembled([decode(event.text) for event in events if event.text.strip()]))
    except (*_BROKEN, NotJson):
        reply = Reply()
    return with_events(reply, events, cut=cut, api=API)


def take_apart_body(value: Mapping[str, Any], _: ParsedRequest, gap: int) -> Reply | None:
    """What a plain answer says; None when it is not one of this API, or says more than is kept."""
    try:
        reply = _reply(value)
    except _BROKEN:
        return None
    return replace(reply, sent=Sent(gaps=(gap,), api=API))


def error_in(_: Any) -> Mapping[str, Any] | None:
    """An error is a text here, and kept as it came."""
    return None


def _reply(answer: Mapping[str, Any]) -> Reply:
    said = said_in(dict(answer))
    if said is None:
        raise ValueError("it says nothing")
    calls = [
        recorded_call(call["function"].get("name"), call["function"].get("arguments"), call.get("id"))
        for call in said.get("tool_calls") or ()
    ]
    asked, spent = (answer.get(key) or 0 for key in ("prompt_eval_count", "eval_count"))
    reason = answer.get("done_reason") or "stop"
    return Reply(
        said.get(text_key(said)) or (None if calls else ""),
        calls,
        thinking=said.get("thinking") or None,
        finish_reason="tool_calls" if calls and reason == "stop" else reason,
        usage={"prompt_tokens": asked, "completion_tokens": spent, "total_tokens": asked + spent},
    )
