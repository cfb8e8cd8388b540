"""Every form that a request and its answer can have: recorded, and given again in the same form."""

from pathlib import Path
from typing import Any

import pytest

from mockserver import MockLLM, Reply, call
from mockserver.chat import ToolCall
from tests.test_recording.asking import TOOLS, Got, ask, body
from tests.test_recording.conftest import Record

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
