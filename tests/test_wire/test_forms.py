"""The other forms of the wire: legacy functions, custom tools, log probabilities, obfuscation, several choices."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.chat import ChatRequest, Reply, Tool, ToolCall, ToolChoice, call
from mockserver.steps import Send
from mockserver.wire.chat_completions.client import hear, hear_stream
from mockserver.wire.chat_completions.completion import body, complete
from mockserver.wire.chat_completions.render import render
from mockserver.wire.codec import encode
from mockserver.wire.identity import Identity
from mockserver.wire.truncation import apply_limits
from tests.replies import calls, cuts, heard, question, replies, texts

IDENTITY = Identity("0", b"request", "session", 1)
OSLO = call("get_current_weather", location="Oslo")
SEARCH = call("grep", arguments="x+ y")
LEGACY = replace(question(), legacy=True)
CUSTOM = replace(question(), tools=(Tool("grep", kind="custom"),))


def sent(reply: Reply, request: ChatRequest, **options: Any) -> bytes:
    asked = replace(request, options={**request.options, **options})
    steps = render([apply_limits(reply, asked)], heard(asked), IDENTITY, {})
    return b"".join(step.data for step in steps if isinstance(step, Send))


def message(reply: Reply, request: ChatRequest, **options: Any) -> dict[str, Any]:
    choice: dict[str, Any] = json.loads(sent(reply, request, **options))["choices"][0]
    return choice


def chunks(reply: Reply, request: ChatRequest, **options: Any) -> list[dict[str, Any]]:
    frames = sent(reply, replace(request, stream=True), **options).split(b"\n\n")
    return [json.loads(frame.removeprefix(b"data: ")) for frame in frames[:-2]]


def deltas(reply: Reply, request: ChatRequest) -> list[dict[str, Any]]:
    return [chunk["choices"][0]["delta"] for chunk in chunks(reply, request)]


def test_a_legacy_answer_holds_one_function_call_and_no_tool_calls() -> None:
    choice = message(Reply(calls=[OSLO]), LEGACY)

    assert choice["message"] == {
        "role": "assistant",
        "content": None,
        "function_call": {"name": "get_current_weather", "arguments": '{"location": "Oslo"}'},
        "refusal": None,
        "annotations": [],
    }
    assert choice["finish_reason"] == "function_call"


def test_a_legacy_stream_names_the_function_first_and_then_sends_its_arguments() -> None:
    first, *rest, end = deltas(Reply(calls=[OSLO], stream="whole"), LEGACY)

    head = {"name": "get_current_weather", "arguments": ""}
    assert first == {"role": "assistant", "content": None, "function_call": head, "refusal": None}
    assert rest == [{"function_call": {"arguments": '{"location": "Oslo"}'}}]
    assert end == {}
    assert chunks(Reply(calls=[OSLO]), LEGACY)[-1]["choices"][0]["finish_reason"] == "function_call"


@given(st.none() | texts, calls, cuts)
def test_what_is_said_in_the_legacy_form_is_heard(text: str | None, made: ToolCall, cut: str | int | None) -> None:
    reply = Reply(text, [made], stream=cut)

    for stream in (False, True):
        asked = replace(LEGACY, stream=stream)
        said = (hear_stream if stream else hear)(sent(reply, asked))[0]
        assert (said.text, said.calls, said.finish_reason) == (text, (replace(made, id=None),), "function_call")


def test_a_custom_call_carries_its_input_as_plain_text() -> None:
    [made] = message(Reply(calls=[SEARCH]), CUSTOM)["message"]["tool_calls"]

    assert made == {"id": made["id"], "type": "custom", "custom": {"name": "grep", "input": "x+ y"}}


def test_a_custom_call_is_streamed_as_input() -> None:
    first, *rest, _ = deltas(Reply(calls=[SEARCH]), CUSTOM)

    [opened] = first["tool_calls"]
    assert opened == {"index": 0, "id": opened["id"], "type": "custom", "custom": {"name": "grep", "input": ""}}
    assert rest == [{"tool_calls": [{"index": 0, "custom": {"input": piece}}]} for piece in ("x+ ", "y")]


@given(texts, cuts)
def test_a_custom_call_is_heard_as_it_was_written(text: str, cut: str | int | None) -> None:
    reply = Reply(calls=[call("grep", arguments=text)], stream=cut)

    for stream in (False, True):
        asked = replace(CUSTOM, stream=stream)
        said = (hear_stream if stream else hear)(sent(reply, asked))[0]
        assert said.calls == complete(apply_limits(reply, asked), heard(asked), IDENTITY).calls


@pytest.mark.parametrize(
    ("model", "choice", "finish"),
    [
        ("gpt-4o", ToolChoice(), "tool_calls"),
        ("gpt-4o", ToolChoice("required"), "tool_calls"),
        ("gpt-4o", ToolChoice("required", ("get_current_weather",), named=True), "stop"),
        ("openai/gpt-4o", ToolChoice("required", ("get_current_weather",), named=True), "stop"),
        ("gpt-4.1", ToolChoice("required", ("get_current_weather",), named=True), "tool_calls"),
        ("gpt-5-mini", ToolChoice("required", ("get_current_weather",), named=True), "tool_calls"),
        ("mistral-large", ToolChoice("required", ("get_current_weather",), named=True), "tool_calls"),
        ("gpt-4o", ToolChoice("auto", ("get_current_weather",)), "tool_calls"),
    ],
)
def test_the_finish_reason_of_a_named_call_depends_on_the_model(model: str, choice: ToolChoice, finish: str) -> None:
    asked = replace(question(), model=model, tool_choice=choice)

    assert message(Reply(calls=[OSLO]), asked)["finish_reason"] == finish
    assert chunks(Reply(calls=[OSLO]), asked)[-1]["choices"][0]["finish_reason"] == finish


def test_a_function_that_the_older_form_names_finishes_with_stop() -> None:
    asked = replace(LEGACY, model="gpt-5-mini", tool_choice=ToolChoice("required", (OSLO.name,), named=True))

    assert message(Reply(calls=[OSLO]), asked)["finish_reason"] == "stop"


def test_a_named_custom_tool_finishes_as_a_named_function_does() -> None:
    named = ToolChoice("required", ("grep",), named=True)

    for model, finish in (("gpt-4o", "stop"), ("gpt-5-mini", "tool_calls")):
        assert (
            message(Reply(calls=[SEARCH]), replace(CUSTOM, model=model, tool_choice=named))["finish_reason"] == finish
        )


def test_the_tokens_of_log_probabilities_are_the_text() -> None:
    reply = Reply("Cold in Oslo, naïve.")

    plain = message(reply, question(), logprobs=True, top_logprobs=3)["logprobs"]
    streamed = [chunk["choices"][0] for chunk in chunks(reply, question(), logprobs=True, top_logprobs=3)]

    assert "".join(token["token"] for token in plain["content"]) == reply.text
    assert b"".join(bytes(token["bytes"]) for token in plain["content"]).decode() == reply.text
    assert [len(token["top_logprobs"]) for token in plain["content"]] == [3] * 4
    pieces = [choice for choice in streamed if choice["delta"].get("content")]
    assert [token for choice in pieces for token in choice["logprobs"]["content"]] == plain["content"]
    assert all(token["logprob"] <= 0 for token in plain["content"])
    assert plain["refusal"] is None


def test_a_refusal_has_log_probabilities_of_its_own() -> None:
    found = message(Reply(refusal="No, sorry."), question(), logprobs=True)["logprobs"]

    assert [token["token"] for token in found["refusal"]] == ["No, ", "sorry."]
    assert found["content"] is None
    assert found["refusal"][0]["top_logprobs"] == []


def test_calls_have_no_log_probabilities() -> None:
    assert message(Reply(calls=[OSLO]), question(), logprobs=True)["logprobs"] is None


def test_obfuscation_is_there_only_when_it_is_asked_for() -> None:
    padded = chunks(Reply("One two."), question(), stream_options={"include_obfuscation": True})

    assert all(len(chunk["obfuscation"]) <= 16 for chunk in padded)
    assert len({chunk["obfuscation"] for chunk in padded}) > 1
    assert padded == chunks(Reply("One two."), question(), stream_options={"include_obfuscation": True})
    for options in ({}, {"stream_options": {"include_obfuscation": False}}):
        assert not any("obfuscation" in chunk for chunk in chunks(Reply("One two."), question(), **options))


@given(st.lists(replies, min_size=1, max_size=3), st.booleans())
def test_the_answer_as_a_value_is_the_answer_as_it_is_sent(choices: list[Reply], legacy: bool) -> None:
    asked = heard(replace(question(), legacy=legacy))

    steps = render(choices, asked, IDENTITY, {})

    assert encode(body(choices, asked, IDENTITY)) == b"".join(step.data for step in steps if isinstance(step, Send))


def test_each_choice_of_a_stream_opens_and_ends_by_itself() -> None:
    asked = heard(replace(question(stream=True), options={"n": 2}))
    steps = render([Reply("One."), Reply("Two.")], asked, IDENTITY, {})
    frames = [json.loads(step.data[6:]) for step in steps if isinstance(step, Send) and b"[DONE]" not in step.data]

    for index in (0, 1):
        own = [frame["choices"][0] for frame in frames if frame["choices"][0]["index"] == index]
        assert own[0]["delta"]["role"] == "assistant"
        assert own[-1]["finish_reason"] == "stop"
