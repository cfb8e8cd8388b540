"""Where a script says what the request rules out: the choice among the tools holds for scripted replies, too."""

from dataclasses import replace
from typing import Any

import pytest

from mockserver.chat import ChatRequest, Reply, Tool, ToolChoice, call
from mockserver.scenario import conflict
from tests.replies import WEATHER, question

NOW = Tool("now", "What time it is")
BOTH = replace(question(), tools=(WEATHER, NOW))
OSLO, PARIS = (call(WEATHER.name, location=city) for city in ("Oslo", "Paris"))
NAMED = ToolChoice("required", (WEATHER.name,), named=True)
ALLOWED = ToolChoice("auto", (WEATHER.name,))


def asked(**changes: Any) -> ChatRequest:
    return replace(BOTH, **changes)


@pytest.mark.parametrize(
    ("reply", "request_", "told"),
    [
        (Reply(calls=[OSLO]), asked(tool_choice=ToolChoice("none")), "the request says `tool_choice: none`"),
        (Reply("Hi."), asked(tool_choice=ToolChoice("required")), "demands a call (`tool_choice: required`)"),
        (Reply("Hi."), asked(tool_choice=NAMED), f"demands `{WEATHER.name}`"),
        (Reply(calls=[call("now")]), asked(tool_choice=NAMED), f"`tool_choice` allows only `{WEATHER.name}`"),
        (Reply(calls=[call("now")]), asked(tool_choice=ALLOWED), f"`tool_choice` allows only `{WEATHER.name}`"),
        (Reply(calls=[OSLO, PARIS]), asked(parallel_tool_calls=False), "2 calls at once"),
        (Reply(calls=[OSLO, PARIS]), asked(parallel_tool_calls=False, legacy=True), "which take one"),
        (Reply(calls=[call("nown")]), BOTH, "`nown`, which is not offered"),
        (Reply(calls=[OSLO]), asked(tools=(), tool_choice=ToolChoice("none")), "the request offers no tools"),
        (Reply(calls=[call(WEATHER.name, location=7)]), BOTH, "arguments.location"),
    ],
)
def test_what_no_model_would_have_said_is_told(reply: Reply, request_: ChatRequest, told: str) -> None:
    assert told in (conflict(reply, request_) or "")


@pytest.mark.parametrize(
    ("reply", "request_"),
    [
        (Reply("Hi."), asked(tool_choice=ToolChoice("none"))),
        (Reply("Hi."), BOTH),
        (Reply("Let me look.", [OSLO, PARIS]), BOTH),
        (Reply(calls=[OSLO, PARIS]), asked(tool_choice=ToolChoice("required"))),
        (Reply(calls=[OSLO]), asked(tool_choice=NAMED)),
        (Reply(calls=[OSLO]), asked(tool_choice=ALLOWED)),
        (Reply("Hi."), asked(tool_choice=ALLOWED)),
        (Reply(calls=[OSLO]), asked(parallel_tool_calls=False)),
        (Reply(refusal="No."), asked(tool_choice=ToolChoice("required"))),
    ],
)
def test_what_a_model_may_say_contradicts_nothing(reply: Reply, request_: ChatRequest) -> None:
    assert conflict(reply, request_) is None
