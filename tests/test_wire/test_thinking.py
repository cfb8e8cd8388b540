"""Thinking: what the model thought first is shown where each provider shows it, counted, and read back."""

import json
from dataclasses import replace
from typing import Any

import pytest

from mockserver import Reply, call, dump, parse
from mockserver.chat import ChatRequest, Message, Thinking
from mockserver.scenario import as_say
from mockserver.wire.chat_completions.parse import parse as parse_request
from mockserver.wire.truncation import apply_limits
from tests.replies import question
from tests.test_wire.test_providers import NAMES, asking, heard_by, said

THOUGHT = "I need the weather of Oslo."
REPLY = Reply("Let me look.", [call("get_current_weather", location="Oslo")], thinking=THOUGHT)
FIELDS = {
    "deepseek": "reasoning_content",
    "moonshot": "reasoning_content",
    "qwen": "reasoning_content",
    "vllm": "reasoning_content",
    "vllm_0_27": "reasoning",
    "fireworks_glm": "reasoning_content",
    "litellm_ollama_chat": "reasoning_content",
    "groq": "reasoning",
    "cerebras": "reasoning",
    "ollama": "reasoning",
    "ollama_0_4_6": "reasoning",
    "openrouter": "reasoning",
    "aimlapi": "reasoning",
}


def body(name: str) -> Any:
    return said(name, REPLY, asking())


def deltas(name: str) -> list[Any]:
    chunks = said(name, REPLY, asking(stream=True))
    return [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"]]


@pytest.mark.parametrize(("name", "field"), FIELDS.items())
def test_a_provider_shows_it_in_its_own_field(name: str, field: str) -> None:
    message = body(name)["choices"][0]["message"]

    assert (message[field], message["content"]) == (THOUGHT, "Let me look.")


@pytest.mark.parametrize(("name", "field"), FIELDS.items())
def test_a_stream_shows_it_in_pieces_before_the_text(name: str, field: str) -> None:
    found = deltas(name)
    thought = [place for place, delta in enumerate(found) if delta.get(field)]
    spoken = [place for place, delta in enumerate(found) if delta.get("content")]

    assert "".join([found[place][field] for place in thought]) == THOUGHT
    assert thought[-1] <= spoken[0]


@pytest.mark.parametrize("name", ["openai", "azure", "anthropic"])
def test_it_is_only_counted_where_the_provider_shows_nothing(name: str) -> None:
    assert THOUGHT not in json.dumps(body(name))
    assert THOUGHT.rsplit(maxsplit=1)[-1] not in json.dumps(deltas(name))


def test_openrouter_gives_details_of_it_in_every_piece() -> None:
    assert body("openrouter")["choices"][0]["message"]["reasoning_details"][0]["text"] == THOUGHT
    pieces = [detail["text"] for delta in deltas("openrouter") for detail in delta.get("reasoning_details", ())]
    assert "".join(pieces) == THOUGHT


def test_mistral_has_a_list_of_parts_for_content() -> None:
    thinking, text = body("mistral")["choices"][0]["message"]["content"]

    assert thinking == {"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]}
    assert text == {"type": "text", "text": "Let me look."}


def test_hugging_face_puts_it_in_tags() -> None:
    content = f"<think>\n{THOUGHT}\n</think>\n\nLet me look."

    assert body("huggingface")["choices"][0]["message"]["content"] == content
    assert "".join([delta.get("content") or "" for delta in deltas("huggingface")]) == content


def test_its_tokens_are_in_the_completion_and_told_apart() -> None:
    usage, without = body("openai")["usage"], said("openai", replace(REPLY, thinking=None), asking())["usage"]
    thought = usage["completion_tokens_details"]["reasoning_tokens"]

    assert thought > 0
    assert usage["completion_tokens"] == without["completion_tokens"] + thought
    assert usage["total_tokens"] == without["total_tokens"] + thought


def test_a_limit_of_tokens_is_spent_on_it_first() -> None:
    limited = replace(question(), options={"max_tokens": 3})

    reply = apply_limits(REPLY, limited)

    assert (reply.thinking, reply.text, reply.calls) == (THOUGHT[:12], "", ())
    assert reply.finish_reason == "length"


@pytest.mark.parametrize(
    "kept",
    [
        {"reasoning_content": THOUGHT},
        {"reasoning": THOUGHT},
        {"reasoning_details": [{"type": "reasoning.text", "text": THOUGHT, "index": 0}]},
    ],
)
def test_an_application_may_send_it_back(kept: dict[str, Any]) -> None:
    assert asked_with({"role": "assistant", "content": "Hi", **kept}).messages[1].thinking == THOUGHT


def test_parts_of_it_come_back_to_mistral() -> None:
    text = {"type": "text", "text": "Hi"}
    content = [{"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]}, text]

    data = heard_by("mistral", {"messages": [{"role": "assistant", "content": content}]})

    assert data["messages"] == [{"role": "assistant", "content": [text], "reasoning_content": THOUGHT}]


def asked_with(message: dict[str, Any]) -> ChatRequest:
    messages = [{"role": "user", "content": "Hello"}, message, {"role": "user", "content": "And?"}]
    return parse_request(json.dumps({"model": "gpt-4o", "messages": messages}).encode()).request


def test_every_provider_takes_it() -> None:
    for name in NAMES:
        assert said(name, REPLY, asking())["choices"]
        assert said(name, REPLY, asking(stream=True))


def test_a_scenario_file_says_it() -> None:
    text = "scenario: s\nturns:\n  - thinking: About {user}?\n    text: Yes.\n"

    turn = parse(text).turns[0]

    assert turn.say == Reply("Yes.", thinking="About {user}?")
    assert parse(dump(parse(text))).turns[0] == turn


@pytest.mark.parametrize(
    ("turn", "message"),
    [
        ("{thinking: Hm.}", "cannot stand alone"),
        ("{thinking: Hm., error: {status: 500}}", "`thinking` cannot go with `error`"),
        ("{thinking: '{nobody}', text: Yes.}", "unknown placeholder {nobody}"),
    ],
)
def test_a_scenario_file_with_a_wrong_one_is_reported(turn: str, message: str) -> None:
    with pytest.raises(Exception, match="thinking") as caught:
        parse(f"scenario: s\nturns:\n  - {turn}\n")
    assert message in str(caught.value)


def test_a_turn_cannot_be_thinking_alone() -> None:
    with pytest.raises(ValueError, match="cannot stand alone"):
        as_say(Reply(thinking="Hm."))


def test_a_copy_keeps_the_signature() -> None:
    message = Message("assistant", "Yes.", thinking=Thinking("Hm.", "c2ln"))

    assert message.thinking == "Hm."
    assert replace(message, content="No.").thinking.signature == "c2ln"  # type: ignore[union-attr]
