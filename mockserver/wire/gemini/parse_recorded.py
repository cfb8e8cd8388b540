"""An upstream's response → what it says, and its events as they came."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockserver.chat import Reply
from mockserver.chat.recorded_wire import Sent
from mockserver.wire.chat_completions.parse_recorded import Event
from mockserver.wire.codec import NotJson, decode
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.gemini.chunks import assembled
from mockserver.wire.recorded_events import recorded_call, with_events
from mockserver.wire.streaming import data_of

API = "gemini"
_BROKEN = (KeyError, TypeError, AttributeError, IndexError, ValueError)
_FINISH_REASONS = {"STOP": "stop", "MAX_TOKENS": "length", "SAFETY": "content_filter"}


def take_apart_stream(events: Sequence[Event], _: ParsedRequest, *, cut: bool) -> Reply:
    """What the chunks of a stream say, and the events themselves."""
    try:
        chunks = [decode(data) for event in events if (data := data_of(event.text)) is not None]
        reply = _reply(assembled(chunks))
    except (*_BROKEN, NotJson):
        reply = Reply()
    return with_events(reply, events, cut=cut, api=API)


def take_apart_body(value: Mapping[str, Any], _: ParsedRequest, gap: int) -> Reply | None:
    """What a plain response says; None when it has not one candidate of texts and calls, which is kept as it came."""
    try:
        reply = _reply(value)
    except _BROKEN:
        return None
    return replace(reply, sent=Sent(gaps=(gap,), api=API))


def error_in(_: Any) -> Mapping[str, Any] | None:
    """An error has a code and a status here, and is kept as it came."""
    return None


def _reply(response: Mapping[str, Any]) -> Reply:
    (candidate,) = response["candidates"]
    parts = (candidate.get("content") or {}).get("parts") or []
    if any("text" not in part and "functionCall" not in part for part in parts):
        raise ValueError("a part is neither a text nor a call")
    texts = [part["text"] for part in parts if "text" in part and part.get("thought") is not True]
    thoughts = [part["text"] for part in parts if "text" in part and part.get("thought") is True]
    called = [part["functionCall"] for part in parts if "functionCall" in part]
    calls = [recorded_call(call.get("name"), call.get("args"), call.get("id")) for call in called]
    reason = candidate["finishReason"]
    finish = _FINISH_REASONS.get(reason, reason)
    return Reply(
        "".join(texts) or (None if calls else ""),
        calls,
        thinking="".join(thoughts) or None,
        finish_reason="tool_calls" if calls and finish == "stop" else finish,
        usage=_usage(response.get("usageMetadata") or {}),
    )


def _usage(counted: Mapping[str, Any]) -> Mapping[str, Any]:
    asked, said, thought = (
        counted.get(key) or 0 for key in ("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount")
    )
    details = {"completion_tokens_details": {"reasoning_tokens": thought}} if thought else {}
    spent = said + thought
    return {"prompt_tokens": asked, "completion_tokens": spent, "total_tokens": asked + spent, **details}
