"""A request to the Messages API is read into the neutral request, or refused in the API's words."""

import json
from typing import Any

import pytest

from mockserver.chat import Message, Tool, ToolCall, ToolChoice
from mockserver.wire.messages.thinking import signature_of
from mockserver.wire.messages.versions import NEWER, OLDER
from mockserver.wire.refusal import Refused
from tests.test_wire.messages.message_requests import HELLO, MODEL, SCHEMA, WEATHER, called, parsed, request, results

OPUS_4 = "claude-opus-4-20250514"
TOOLS = [WEATHER]
THINKING = {"type": "enabled", "budget_tokens": 1024}
UNANSWERED = "Each `tool_use` block must have a corresponding `tool_result` block in the next message."
ORPHANED = "Each `tool_result` block must have a corresponding `tool_use` block in the previous message."


def thought(text: str, signature: str | None = None) -> dict[str, Any]:
    return {"type": "thinking", "thinking": text, "signature": signature or signature_of(text)}


def refusal(**changes: Any) -> str:
    with pytest.raises(Refused) as refused:
        parsed(**changes)
    assert (refused.value.error.status, refused.value.error.type) == (400, "invalid_request_error")
    return refused.value.error.message


def test_the_system_prompt_is_the_first_message() -> None:
    blocks = [{"type": "text", "text": "Be brief."}, {"type": "text", "text": "Be kind."}]

    assert request(system="Be brief.").messages == (Message("system", "Be brief."), Message("user", "Hello"))
    assert request(system=blocks).messages[0] == Message("system", "Be brief.\nBe kind.")


def test_calls_and_results_are_read_as_in_every_api() -> None:
    messages = [
        HELLO,
        called("toolu_1", "toolu_2", given={"location": "Zürich"}, text="Let me see."),
        results("toolu_1", "toolu_2"),
    ]

    _, model, first, second = request(messages=messages, tools=TOOLS).messages
    call = ToolCall("get_current_weather", '{"location": "Zürich"}', "toolu_1")
    assert (model.content, model.tool_calls[0]) == ("Let me see.", call)
    assert (first.role, first.content, first.tool_call_id) == ("tool", "21", "toolu_1")
    assert second.tool_call_id == "toolu_2"


def test_results_and_text_of_one_message_are_results_and_then_a_user_message() -> None:
    messages = [HELLO, called("toolu_1"), results("toolu_1", text="And Oslo?")]

    *_, result, user = request(messages=messages, tools=TOOLS).messages
    assert (result.role, user) == ("tool", Message("user", "And Oslo?"))


def test_assistant_messages_in_a_row_are_one() -> None:
    messages = [HELLO, {"role": "assistant", "content": "One."}, called("toolu_1"), results("toolu_1")]

    found = request(messages=messages, tools=TOOLS).messages
    assert [message.role for message in found] == ["user", "assistant", "tool"]
    assert (found[1].content, found[1].tool_calls[0].id) == ("One.", "toolu_1")


def test_a_failed_result_is_an_error() -> None:
    answer = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "No such city", "is_error": True}

    found = request(messages=[HELLO, called("toolu_1"), {"role": "user", "content": [answer]}], tools=TOOLS).messages
    assert found[-1].is_error


def test_broken_input_that_comes_back_wrapped_is_the_text_that_it_was() -> None:
    messages = [HELLO, called("toolu_1", given={"INVALID_JSON": '{"location": "Os'}), results("toolu_1")]

    assert request(messages=messages, tools=TOOLS).messages[1].tool_calls[0].arguments == '{"location": "Os'


def test_thinking_is_kept_with_its_signature() -> None:
    messages = [HELLO, {"role": "assistant", "content": [thought("Hm."), {"type": "text", "text": "Yes."}]}, HELLO]

    found = request(messages=messages).messages[1].thinking
    assert found == "Hm."
    assert found is not None
    assert found.signature == signature_of("Hm.")


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, ToolChoice()),
        ({"type": "auto"}, ToolChoice()),
        ({"type": "none"}, ToolChoice("none")),
        ({"type": "any"}, ToolChoice("required")),
        ({"type": "tool", "name": "get_current_weather"}, ToolChoice("required", ("get_current_weather",), named=True)),
    ],
)
def test_a_tool_choice_is_read(choice: Any, expected: ToolChoice) -> None:
    assert request(tools=TOOLS, tool_choice=choice).tool_choice == expected


def test_parallel_calls_can_be_switched_off() -> None:
    choice = {"type": "auto", "disable_parallel_tool_use": True}

    assert not request(tools=TOOLS, tool_choice=choice).parallel_tool_calls
    assert request(tools=TOOLS).parallel_tool_calls


def test_tools_of_the_api_itself_are_accepted_and_left_alone() -> None:
    hosted = {"type": "web_search_20250305", "name": "web_search"}

    assert request(tools=[hosted, WEATHER]).tools == (Tool("get_current_weather", "", SCHEMA),)


def test_options_have_the_words_of_chat_completions() -> None:
    form = {"type": "json_schema", "schema": {"type": "object"}}
    found = request(stop_sequences=["END"], output_config={"effort": "low", "format": form}, metadata={"user_id": "u"})

    assert found.options["stop"] == ["END"]
    assert found.options["reasoning_effort"] == "low"
    assert found.options["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert (found.options["max_tokens"], found.options["metadata"]) == (1024, {"user_id": "u"})


def test_the_headers_must_name_a_version() -> None:
    assert refusal(version=None) == "anthropic-version: header is required"
    assert "is not a valid version" in refusal(version="2024-01-01")
    assert refusal(betas="nonsense-2026-01-01").startswith("Unexpected value(s) `nonsense-2026-01-01` for the `anth")


def test_lenient_checks_take_any_version() -> None:
    assert parsed(version=None, betas="nonsense", temperature=0.5, strict=False).request.options["temperature"] == 0.5


@pytest.mark.parametrize("key", ["temperature", "top_p", "top_k"])
def test_the_newer_version_has_no_sampling(key: str) -> None:
    assert refusal(version=NEWER, **{key: 1}) == f"{key}: Extra inputs are not permitted"
    assert request(version=OLDER, **{key: 1}).options[key] == 1


def test_the_newer_version_has_no_documents_of_the_assistant() -> None:
    source = {"type": "text", "media_type": "text/plain", "data": "x"}
    messages = [HELLO, {"role": "assistant", "content": [{"type": "document", "source": source}]}, HELLO]

    assert refusal(messages=messages).endswith("`document` blocks are not permitted in an `assistant` message")
    assert request(messages=messages, version=OLDER).messages


def test_a_beta_must_be_asked_for() -> None:
    edits: dict[str, Any] = {"context_management": {"edits": []}}

    assert refusal(**edits) == "context_management: Extra inputs are not permitted"
    assert request(betas="context-management-2025-06-27", **edits).options["context_management"] == {"edits": []}


@pytest.mark.parametrize("strict", [True, False])
def test_a_thread_is_not_supported(strict: bool) -> None:
    with pytest.raises(Refused) as refused:
        parsed(thread={"type": "create"}, betas="message-threads-2026-08-12", strict=strict)

    assert refused.value.error.status == 400
    assert refused.value.error.extra["details"]["error_code"] == "thread_unsupported_request"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_tokens": ...}, "max_tokens: Field required"),
        ({"messages": ...}, "messages: Field required"),
        ({"model": ...}, "model: Field required"),
        ({"messages": []}, "messages: at least one message is required"),
        ({"foo": 1}, "foo: Extra inputs are not permitted"),
        ({"max_tokens": "5"}, "max_tokens: Input should be a valid integer"),
        ({"max_tokens": -1}, "max_tokens: Input should be greater than or equal to 0"),
        (
            {"max_tokens": 200_000, "model": OPUS_4},
            f"max_tokens: 200000 > 32000, which is the maximum allowed number of output tokens for {OPUS_4}",
        ),
        ({"tools": [{"name": "f"}]}, "tools.0.custom.input_schema: Field required"),
        ({"tools": [{"input_schema": SCHEMA}]}, "tools.0.custom.name: Field required"),
        (
            {"tools": [{"name": "a b", "input_schema": SCHEMA}]},
            "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
        ),
        ({"tools": [WEATHER, WEATHER]}, "tools: Tool names must be unique."),
        ({"tools": [{**WEATHER, "more": 1}]}, "tools.0.custom.more: Extra inputs are not permitted"),
        ({"tools": [{"name": "f", "input_schema": {}}]}, "tools.0.custom.input_schema.type: Field required"),
        (
            {"tools": [{"name": "f", "input_schema": {"type": "array"}}]},
            "tools.0.custom.input_schema.type: Input should be 'object'",
        ),
        ({"tool_choice": {"type": "any"}}, "tool_choice.any may only be specified while providing tools"),
        ({"tools": TOOLS, "tool_choice": {"type": "tool", "name": "x"}}, "Tool 'x' not found in provided tools"),
        (
            {"tools": TOOLS, "tool_choice": {"type": "required"}},
            "tool_choice: Input tag 'required' found using 'type' does not match any of the expected tags: 'auto', "
            "'any', 'tool', 'none'",
        ),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": ""}]}]},
         "messages: text content blocks must be non-empty"),
        ({"messages": [{"role": "bot", "content": "x"}]},
         "messages.0.role: Input should be 'user', 'assistant' or 'system'"),
        (
            {"messages": [{"role": "system", "content": "x"}, HELLO], "model": OPUS_4},
            'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" '
            "as an input message role.",
        ),
        (
            {"messages": [HELLO, {"role": "assistant", "content": "It is"}]},
            "This model does not support assistant message prefill. The conversation must end with a user message.",
        ),
        (
            {"messages": [HELLO, {"role": "assistant", "content": "It is "}], "model": OPUS_4},
            "messages: final assistant content cannot end with trailing whitespace",
        ),
        (
            {"thinking": THINKING, "max_tokens": 1024, "model": OPUS_4},
            "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at "
            "https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size",
        ),
        (
            {"thinking": THINKING, "max_tokens": 4096, "model": OPUS_4, "tools": TOOLS, "tool_choice": {"type": "any"}},
            "Thinking may not be enabled when tool_choice forces tool use.",
        ),
    ],
)  # fmt: skip
def test_a_request_is_refused_in_the_words_of_the_api(changes: dict[str, Any], message: str) -> None:
    assert refusal(**changes) == message


@pytest.mark.parametrize(
    ("messages", "message"),
    [
        (
            [HELLO, called("toolu_a", "toolu_b"), HELLO],
            "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_a, toolu_b. "
            + UNANSWERED,
        ),
        (
            [HELLO, called("toolu_a"), results("toolu_a", "toolu_b")],
            "messages.2.content.1: unexpected `tool_use_id` found in `tool_result` blocks: toolu_b. " + ORPHANED,
        ),
        (
            [HELLO, called("toolu_a"), results("toolu_a", "toolu_a")],
            "messages.2.content.0: each tool_use must have a single result. Found multiple `tool_result` blocks with "
            "id: toolu_a",
        ),
        ([HELLO, called("toolu_a", "toolu_a"), results("toolu_a")],
         "messages.1.content.1: `tool_use` ids must be unique"),
        ([HELLO, called("a b"), results("a b")],
         "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"),
        ([HELLO, called("toolu_a", given="x"), results("toolu_a")],
         "messages.1.content.0.tool_use.input: Input should be a valid dictionary"),
        ([HELLO, called("toolu_a", name=""), results("toolu_a")],
         "messages.1.content.0.tool_use.name: String should have at least 1 character"),
        ([HELLO, called("toolu_a", text="x", index=0), results("toolu_a")],
         "messages.1.content.1.tool_use.index: Extra inputs are not permitted"),
    ],
)  # fmt: skip
def test_calls_and_results_must_belong_together(messages: list[Any], message: str) -> None:
    assert refusal(messages=messages, tools=TOOLS) == message


def test_tool_blocks_need_tools() -> None:
    messages = [HELLO, called("toolu_a"), results("toolu_a")]

    assert refusal(messages=messages) == "Requests which include `tool_use` or `tool_result` blocks must define tools."


def test_thinking_must_come_back_as_it_was() -> None:
    def history(*blocks: Any) -> dict[str, Any]:
        content = [*blocks, *called("toolu_a")["content"]]
        messages = [HELLO, {"role": "assistant", "content": content}, results("toolu_a")]
        return {"messages": messages, "tools": TOOLS, "thinking": THINKING, "max_tokens": 2000, "model": OPUS_4}

    assert request(**history(thought("Hm."))).messages
    assert "Expected `thinking` or `redacted_thinking`, but found `tool_use`." in refusal(**history())
    assert "cannot be modified" in refusal(**history(thought("Other.", signature_of("Hm."))))
    invalid = "messages.1.content.0: Invalid `signature` in `thinking` block"
    assert refusal(**history(thought("Hm.", "bm9uc2Vuc2U="))) == invalid
    assert request(**history(thought("", signature_of("Hm.")))).messages


def test_a_budget_is_for_older_models_and_adaptive_thinking_for_newer_ones() -> None:
    assert "is not supported for this model" in refusal(thinking=THINKING, max_tokens=4096, model=MODEL)
    assert "not supported" in refusal(thinking={"type": "adaptive"}, model=OPUS_4)


def test_lenient_checks_answer_what_can_be_understood() -> None:
    found = parsed(max_tokens=..., tools=[{"name": "f", "input_schema": {"foo": "bar"}}], foo=1, strict=False).request

    assert [tool.name for tool in found.tools] == ["f"]


def test_the_same_bytes_are_parsed_once_for_each_version() -> None:
    assert parsed() is parsed()
    assert parsed(version=OLDER) is not parsed()


def test_a_body_that_is_not_json_is_refused() -> None:
    from mockserver.wire.messages.parse import parse  # the rest of this module needs headers

    with pytest.raises(Refused, match="The request body is not valid JSON"):
        parse(b"{", strict=False)
    with pytest.raises(Refused, match="nested too deeply"):
        parse(json.dumps({"model": "m"}).encode()[:-1] + b',"messages":' + b"[" * 300 + b"]" * 300 + b"}", strict=False)
