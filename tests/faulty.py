"""Answers with a fault and without, side by side."""

import json
from dataclasses import replace
from typing import Any

from mockserver.chat import ApiError, ChatRequest, Message, Reply, ToolCall, call
from mockserver.faults import CATALOGUE, DueFault, Injection, NotApplicable, fault_spec
from mockserver.faults.catalogue import apis_of
from mockserver.steps import Send, Step
from mockserver.wire.chat_completions.dialect import CHAT_COMPLETIONS
from mockserver.wire.chat_completions.render import render
from mockserver.wire.identity import Identity
from mockserver.wire.provider import Alteration
from mockserver.wire.response import render_altered
from mockserver.wire.streaming import events
from tests.replies import heard, question

PARALLEL = Reply(
    calls=[
        call("get_current_weather", location="New York, NY"),
        call("get_current_weather", location="San Francisco, CA", unit="celsius"),
        call("get_current_weather", location="Ürümqi"),
    ]
)
SINGLE = Reply(calls=[call("get_current_weather", location="Chicago, IL", unit="celsius")])
TEXT = Reply("Mild in Zürich.")

EARLIER = (
    Message("user", "What is the temperature of Paris?"),
    Message("assistant", None, (ToolCall("get_current_weather", '{"location": "Paris"}', "call_earlier"),)),
    Message("tool", "18", tool_call_id="call_earlier"),
    Message("assistant", "18 degrees."),
)
IDENTITY = Identity("0", b"request", "session", 1)


def asked(*, stream: bool = False, earlier: bool = True) -> ChatRequest:
    request = question(stream=stream)
    return replace(request, messages=(*EARLIER, *request.messages)) if earlier else request


def sound(reply: Reply, *, stream: bool = False) -> list[Step]:
    return render([reply], heard(asked(stream=stream)), IDENTITY, {})


def said_with(name: str, reply: Reply, *, stream: bool = False, **given: Any) -> list[Step] | ApiError:
    """What is said instead of a reply when a fault strikes it."""
    request = asked(stream=stream)
    injection = Injection(
        due=[DueFault(fault_spec(name, **given))], request=request, seed="seed", invent=lambda *_: None
    )
    said, injection = injection.apply(reply, "dialogue", "reply")
    if isinstance(said, ApiError):
        return said
    return render_altered(CHAT_COMPLETIONS, [said], heard(request), IDENTITY, {}, Alteration(injection=injection)).steps


def broken(name: str, reply: Reply, *, stream: bool = False, **given: Any) -> list[Step]:
    """The steps of an answer with a fault."""
    said = said_with(name, reply, stream=stream, **given)
    assert not isinstance(said, ApiError)
    return said


def applies(name: str, reply: Reply, *, stream: bool = False) -> bool:
    try:
        said_with(name, reply, stream=stream)
    except NotApplicable:
        return False
    return True


def sent(steps: list[Step]) -> bytes:
    return b"".join(step.data for step in steps if isinstance(step, Send))


def body(steps: list[Step]) -> Any:
    return json.loads(sent(steps))


def chunks(steps: list[Step]) -> list[Any]:
    return [json.loads(event) for event in events(sent(steps)) if event != "[DONE]"]


def deltas(steps: list[Step]) -> list[Any]:
    return [chunk["choices"][0]["delta"] for chunk in chunks(steps) if chunk["choices"]]


def pieces(steps: list[Step]) -> list[Any]:
    """The pieces of calls in a stream, in order."""
    return [piece for delta in deltas(steps) for piece in delta.get("tool_calls") or ()]


IN_CHAT = {name: fault for name, fault in CATALOGUE.items() if "chat_completions" in apis_of(fault)}
"""The faults that exist in chat completions."""
