"""Journals written by hand: what was asked, what was said, in the fewest words."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mockserver.chat import ApiError, ChatRequest, Message, Reply, Tool, ToolCall, ToolChoice
from mockserver.journal import Exchange, Journal

WEATHER = Tool("get_current_weather")
QUESTION = Message("user", "How warm is it in Oslo and Paris?")


def weather(city: str, call_id: str) -> ToolCall:
    return ToolCall("get_current_weather", f'{{"location": "{city}"}}', call_id)


OSLO, PARIS = weather("Oslo", "call_aaa"), weather("Paris", "call_bbb")
CALLS = Reply(calls=(OSLO, PARIS))
MILD = Reply("Mild in both.")


def asked(*calls: ToolCall) -> Message:
    return Message("assistant", None, calls)


def result(call_id: str, content: str = "21") -> Message:
    return Message("tool", content, tool_call_id=call_id)


def exchange(messages: Sequence[Message], reply: Reply | ApiError | None = MILD, **more: Any) -> Exchange:
    """An exchange; its number and time are given by the journal that it is written into."""
    asked_with = {"tools": more.pop("tools", (WEATHER,)), "tool_choice": more.pop("tool_choice", ToolChoice())}
    request = ChatRequest(more.pop("model", "gpt-4o"), tuple(messages), **asked_with)
    values = {"session": "s", "match": "script#turn1", "faults": (), "events_sent": 1, "ended": "complete", **more}
    timed = {"started": 0.0, "duration": 0.1, **values}
    return Exchange(id=0, request=request, read_reply=None if reply is None else lambda: reply, **timed)


def journal(*exchanges: Exchange) -> Journal:
    """The exchanges in order, one a second."""
    written = Journal()
    for number, made in enumerate(exchanges, 1):
        written.add(made._replace(id=number, started=made.started or float(number)))
    return written


def unlike(call: ToolCall, call_id: str) -> ToolCall:
    return replace(call, id=call_id)
