"""Every form that a request and its answer can have: recorded, and given again in the same form."""

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver import MockLLM, Reply, call
from mockserver.chat import ToolCall
from mockserver.recording.upstream_response import UpstreamResponse
from mockserver.wire.chat_completions.client import hear_stream
from tests.test_recording.asking import TOOLS, Got, ask, body
from tests.test_recording.conftest import Record
from tests.test_recording.leaky import answering_with

PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}}
FUNCTIONS = [{"name": "look_up", "parameters": PARAMETERS}]
CUSTOM = [{"type": "custom", "custom": {"name": "shell", "description": "Runs a command."}}]
IMAGE = [
    {"type": "text", "text": "What is it?"},
    {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}},
]
CASES: dict[str, tuple[Any, dict[str, Any]]] = {
    "legacy functions": (call("look_up", city="Oslo"), {"functions": FUNCTIONS, "function_call": "auto"}),
    "a custom tool": (ToolCall("shell", "ls -l {user}", kind="custom"), {"tools": CUSTOM, "model": "gpt-5"}),
    "several choices": ("Good morning.", {"n": 2}),
    "log probabilities": ("Good morning.", {"logprobs": True, "top_logprobs": 2}),
    "a refusal": (Reply(refusal="I will not."), {}),
    "text and calls": (Reply("Let me see.", [call("look_up", city="Oslo")]), {"tools": TOOLS}),
    "a named function": (
        call("look_up", city="Oslo"),
        {"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "look_up"}}},
    ),
    "an image": ("A cat.", {"messages": [{"role": "user", "content": IMAGE}]}),
    "a limit of tokens": ("One two three four five.", {"max_tokens": 2}),
    "the usage": ("Good morning.", {"stream_options": {"include_usage": True}}),
}


def said(got: Got) -> list[Any]:
    """All that was said, without what every answer has its own of."""
    values = got.chunks or [got.value]
    return [_without_ids(value) for value in values]


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        own = ("id", "created", "obfuscation")
        return {key: _without_ids(entry) for key, entry in value.items() if key not in own}
    return [_without_ids(entry) for entry in value] if isinstance(value, list) else value


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("name", CASES)
def test_a_form_is_recorded_and_given_again(name: str, stream: bool, record: Record, file: Path) -> None:
    turn, more = CASES[name]
    asked = body(**{"stream": stream, **more})
    if not stream:
        asked.pop("stream_options", None)
    with MockLLM() as api:
        api.when().reply(turn)
        record.upstream = api.base_url
        with record():
            first = ask(record.url, asked)

    with MockLLM(file) as replay:
        again = ask(replay.base_url, asked)

    assert first.status == again.status == 200, (first.body, again.body)
    assert said(again) == said(first)
    assert "raw" not in file.read_text()


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("provider", ["deepseek", "openrouter", "vllm", "ollama"])
def test_thinking_is_kept_and_given_again(provider: str, stream: bool, record: Record, file: Path) -> None:
    asked = body(stream=stream)
    with MockLLM(provider=provider) as api:
        api.when().reply(Reply("Good morning.", thinking="They greet me, and so do I. " * 20))
        record.upstream = api.base_url
        with record():
            first = ask(record.url, asked)

    with MockLLM(file) as replay:
        again = ask(replay.base_url, asked)
        reply = replay.journal[0].reply

    assert said(again) == said(first)
    assert isinstance(reply, Reply)
    assert reply.thinking == "They greet me, and so do I. " * 20
    assert "reasoning.text" not in file.read_text().partition("raw:")[2].partition("gaps")[0]


def choices_of(got: Got) -> list[Any]:
    """What each choice says: its text, its calls without their ids, and how it ended."""
    if not got.chunks:
        return [
            (
                choice["message"]["content"],
                [each["function"] for each in choice["message"].get("tool_calls") or ()],
                choice["finish_reason"],
            )
            for choice in got.value["choices"]
        ]
    return [
        (reply.text, [{"name": each.name, "arguments": each.arguments} for each in reply.calls], reply.finish_reason)
        for reply in hear_stream(got.body)
    ]


@pytest.mark.parametrize("stream", [False, True], ids=["recorded plain", "recorded streamed"])
def test_every_choice_is_given_in_the_other_way_too(stream: bool, record: Record, file: Path) -> None:
    asked = body("Oslo, Paris or Rome?", tools=TOOLS, n=3)
    with answering_with(lambda asked: three_choices(stream=asked["stream"])) as url:
        record.upstream = url
        with record():
            first = ask(record.url, {**asked, "stream": stream})

    with MockLLM(file) as replay:
        again = ask(replay.base_url, {**asked, "stream": not stream})

    assert [len(calls) for _, calls, _ in choices_of(again)] == [1, 2, 0]
    assert choices_of(again) == choices_of(first)


def three_choices(*, stream: bool) -> UpstreamResponse:
    """One call, two calls at once, and words."""
    calls = [[called("Oslo", 0)], [called("Paris", 0), called("Rome", 1)], []]
    texts = [None, None, "Which one?"]
    ends = ["tool_calls", "tool_calls", "stop"]
    shared = {"id": "chatcmpl-1", "created": 1, "model": "gpt-4o"}
    if not stream:
        choices = [
            {"index": index, "message": {"role": "assistant", "content": text, "tool_calls": made or None}}
            | {"finish_reason": end}
            for index, (text, made, end) in enumerate(zip(texts, calls, ends, strict=True))
        ]
        value = {**shared, "object": "chat.completion", "choices": choices}
        return UpstreamResponse(200, {"content-type": "application/json"}, [(0.0, json.dumps(value).encode())])
    deltas: list[tuple[int, dict[str, Any], str | None]] = []
    for index, (text, made, end) in enumerate(zip(texts, calls, ends, strict=True)):
        deltas.append((index, {"role": "assistant", "content": text and text[:4]}, None))
        deltas += [(index, {"tool_calls": [each | {"index": place}]}, None) for place, each in enumerate(made)]
        deltas += [(index, {"content": text[4:]}, None)] if text else []
        deltas.append((index, {}, end))
    events = [
        {**shared, "object": "chat.completion.chunk"}
        | {"choices": [{"index": index, "delta": delta, "finish_reason": end}]}
        for index, delta, end in deltas
    ]
    data = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
    return UpstreamResponse(200, {"content-type": "text/event-stream"}, [(0.0, data.encode())])


def called(city: str, number: int) -> dict[str, Any]:
    """A call as the wire has it."""
    function = {"name": "look_up", "arguments": json.dumps({"city": city})}
    return {"id": f"call_{city}{number}", "type": "function", "function": function}
