"""Calls written as text: every dialect, word for word."""

import json

import pytest

from mockserver.chat import Reply, call
from mockserver.wire.chat_completions.client import hear, hear_stream
from tests.faulty import PARALLEL, SINGLE, applies, body, broken, sent, sound

T = "get_current_weather"
ARGUMENTS = '{"location": "Chicago, IL", "unit": "celsius"}'
BARE = f'{{"name": "{T}", "arguments": {ARGUMENTS}}}'

TEXTS = {
    "text_hermes_tag": f"<tool_call>\n{BARE}\n</tool_call>",
    "text_hermes_orphan_tag": f"<tool_call>\n{BARE}",
    "text_hermes_orphan_tag:missing=opening": f"{BARE}\n</tool_call>",
    "text_fenced_json": f"```json\n{BARE}\n```",
    "text_bare_json": BARE,
    "text_pythonic": f'[{T}(location="Chicago, IL", unit="celsius")]',
    "text_function_tag": f"<function={T}>{ARGUMENTS}</function>",
    "text_function_tag:arguments=tags": f"<function={T}>\n<parameter=location>\nChicago, IL\n</parameter>\n"
    "<parameter=unit>\ncelsius\n</parameter>\n</function>",
    "text_python_tag": f'<|python_tag|>{T}.call(location="Chicago, IL", unit="celsius")',
    "text_mistral_token": f"[TOOL_CALLS][{BARE}]",
    "text_dsml": f'<｜DSML｜tool_calls>\n<｜DSML｜invoke name="{T}">\n'
    '<｜DSML｜parameter name="location" string="true">Chicago, IL</｜DSML｜parameter>\n'
    '<｜DSML｜parameter name="unit" string="true">celsius</｜DSML｜parameter>\n'
    "</｜DSML｜invoke>\n</｜DSML｜tool_calls>",
    "text_anthropic_xml": f'<invoke name="{T}">\n<parameter name="location">Chicago, IL</parameter>\n'
    '<parameter name="unit">celsius</parameter>\n</invoke>',
    "text_kimi_tokens": f"<|tool_call_begin|>functions.{T}:0<|tool_call_argument_begin|>{ARGUMENTS}<|tool_call_end|>",
    "text_harmony": f"<|channel|>commentary to=functions.{T} <|constrain|>json<|message|>{ARGUMENTS}<|call|>",
    "text_react": f"Action: {T}\nAction Input: {ARGUMENTS}",
    "text_bracket_tag": f'[TOOL_CALL]{{tool => "{T}", args => {ARGUMENTS}}}[/TOOL_CALL]',
    "text_narrated_call": f"[Calling tool: {T} with arguments {ARGUMENTS}]",
}


def faulty(written: str, reply: Reply, *, stream: bool = False) -> Reply:
    name, _, given = written.partition(":")
    steps = broken(name, reply, stream=stream, **dict([given.split("=")] if given else []))
    (said,) = (hear_stream if stream else hear)(sent(steps))
    return said


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("written", TEXTS)
def test_a_call_becomes_this_text_and_nothing_is_called(written: str, stream: bool) -> None:
    said = faulty(written, SINGLE, stream=stream)

    assert (said.text, said.calls, said.finish_reason) == (TEXTS[written], (), "stop")


@pytest.mark.parametrize("written", TEXTS)
def test_every_one_of_several_calls_is_in_the_text(written: str) -> None:
    text = faulty(written, PARALLEL).text

    assert text is not None
    assert all(city in text for city in ("New York, NY", "San Francisco, CA", "Ürümqi"))


@pytest.mark.parametrize("form", ["ascii", "doubled", "unwrapped", "unterminated"])
def test_dsml_comes_in_unsound_forms_too(form: str) -> None:
    whole, text = TEXTS["text_dsml"], faulty(f"text_dsml:form={form}", SINGLE).text

    assert text is not None
    assert text != whole
    assert "Chicago, IL" in text


def test_what_was_said_beside_the_call_stays_before_it() -> None:
    said = faulty("text_bare_json", Reply("One moment.", SINGLE.calls))

    assert said.text == f"One moment.\n{BARE}"


def test_input_of_a_custom_tool_is_written_as_an_argument() -> None:
    said = faulty("text_bare_json", Reply(calls=[call("run", arguments="print(1)")]))

    assert said.text == '{"name": "run", "arguments": {"input": "print(1)"}}'


def test_a_call_in_text_and_structured_is_the_same_one_twice() -> None:
    said = faulty("text_and_structured", SINGLE)

    assert said.text == TEXTS["text_hermes_tag"]
    assert said.calls == hear(sent(sound(SINGLE)))[0].calls


def test_arguments_leak_and_an_empty_call_is_left() -> None:
    answer = body(broken("structured_with_text_leak", SINGLE))["choices"][0]

    assert json.loads(answer["message"]["content"]) == json.loads(ARGUMENTS)
    assert answer["message"]["tool_calls"][0]["function"] == {"name": T, "arguments": "{}"}
    assert answer["finish_reason"] == "tool_calls"


def test_a_call_without_arguments_has_none_to_leak() -> None:
    assert not applies("structured_with_text_leak", Reply(calls=[call(T)]))
