"""What a file says and what comes of it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.chat import ApiError, Reply, Timing
from mockserver.chat.recorded_wire import Sent
from mockserver.scenario import Place, Play, Scenario, Turn, When, dump, load, parse
from tests.test_scenario.conversations import answer, user, values

texts = st.text(st.characters(exclude_characters="{", codec="utf-8"))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)


def first_say(text: str) -> Any:
    return parse(f"turns:\n  - {text}").turns[0].say


def arguments(values: str) -> Any:
    return json.loads(first_say(f"calls: [{{call: f, with: {values}}}]").calls[0].arguments)


def test_a_file_becomes_a_scenario(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        "scenario: weather\nabout: a story\nmodel: gpt-*\nseed: 7\n"
        "turns:\n  - when: {user_says: temperature}\n    text: cold\n"
        "rules:\n  - when: {turn: 2}\n    text: bye\n    times: 2\n    name: end\n",
        encoding="utf-8",
    )

    scenario = load(file)

    assert (scenario.name, scenario.about, scenario.model, scenario.seed) == ("weather", "a story", "gpt-*", 7)
    assert (scenario.turns[0].say, scenario.turns[0].when) == (Reply("cold"), When.of(user_says="temperature"))
    assert (scenario.rules[0].times, scenario.rules[0].name) == (2, "end")
    assert scenario.rules[0].place == Place(str(file), 9, 5)


def test_a_scenario_without_a_name_is_called_like_its_file() -> None:
    assert parse("turns: [{text: a}]", "some/where/weather.yaml").name == "weather"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("{a: NO}", "NO"),
        ("{a: 2026-11-22}", "2026-11-22"),
        ("{a: 12:30}", "12:30"),
        ("{a: 01234}", "01234"),
        ("{a: 1.10}", 1.1),
        ("{a: -3}", -3),
        ("{a: 1e3}", 1000.0),
        ("{a: +5}", "+5"),
        ("{a: 0x1F}", "0x1F"),
        ("{a: .5}", ".5"),
        ("{a: 1_000}", "1_000"),
        ("{a: True}", "True"),
        ("{a: true}", True),
        ("{a: null}", None),
        ("{a: ~}", None),
        ("{a: }", None),
        ('{a: "5"}', "5"),
        ("{a: [San Francisco, CA]}", ["San Francisco", "CA"]),
        ("{a: {b: c}}", {"b": "c"}),
    ],
)
def test_scalars_follow_the_rules_of_json(written: str, value: object) -> None:
    assert arguments(written) == {"a": value}


def test_keys_are_text_whatever_they_look_like() -> None:
    assert arguments("{1: a, NO: b, null: c}") == {"1": "a", "NO": "b", "null": "c"}


@given(json_values)
def test_any_json_value_comes_through_as_it_is(value: object) -> None:
    text = json.dumps({"turns": [{"calls": [{"call": "f", "with": {"a": value}}]}]})

    for say in (parse(text).turns[0].say, parse(text, "a.json").turns[0].say):
        assert isinstance(say, Reply)
        assert json.loads(say.calls[0].arguments) == {"a": value}


def test_raw_arguments_are_kept_as_written() -> None:
    call = first_say("""calls: [{call: f, arguments: '{"a": {user', id: call_7, fault: as_written}]""").calls[0]

    assert (call.arguments, call.verbatim, call.id, call.fault) == ('{"a": {user', True, "call_7", "as_written")


def test_a_reply_has_everything_that_a_turn_gives() -> None:
    say = first_say(
        "{text: hi, finish_reason: length, usage: {total_tokens: 3}, stream: {cut: 4}, timing: {gap: 20ms}}"
    )

    assert say == Reply("hi", finish_reason="length", usage={"total_tokens": 3})
    assert (say.stream, say.timing) == (4, Timing(gap=0.02))


@pytest.mark.parametrize(
    ("timing", "means"),
    [
        ("{first_token: 200ms, gap: 0.5, jitter: 10%}", Timing(0.2, 0.5, 0.1)),
        ("{first_token: 1.5s, jitter: 0.25}", Timing(1.5, 0, 0.25)),
        ("{tokens_per_second: 50}", Timing(0, 0.02, 0)),
    ],
)
def test_times_are_seconds_or_text(timing: str, means: Timing) -> None:
    assert first_say(f"{{text: a, timing: {timing}}}").timing == means


def test_a_turn_has_the_timing_of_its_file_where_it_gives_none_itself() -> None:
    text = "timing: {first_token: 1s, gap: 2s}\nturns: [{text: a}, {text: b, timing: {tokens_per_second: 4}}]"

    timings = [turn.say.timing for turn in parse(text).turns if isinstance(turn.say, Reply)]

    assert timings == [Timing(1, 2), Timing(1, 0.25)]


def test_an_error_is_worded_as_the_api_does_unless_the_file_says_otherwise() -> None:
    error = first_say("error: {status: 429, retry_after: 1, retry_after_ms: 1500, headers: {X-A: b}}")
    own = first_say("error: {status: 418, message: no, body: {error: {code: tea, hint: cup}}}")

    assert (error.type, error.code) == ("requests", "rate_limit_exceeded")
    assert error.headers == {"x-a": "b", "retry-after": "1", "retry-after-ms": "1500"}
    assert own == ApiError(418, "no", code="tea", extra={"hint": "cup"})


def test_tools_are_in_the_shape_of_the_api() -> None:
    text = "tools: [{type: function, function: {name: f, parameters: {type: object}}}]\nturns: [{text: a}]"

    assert parse(text).tools[0].parameters == {"type": "object"}


def test_json_may_be_given_where_yaml_is_expected() -> None:
    assert parse('{\n\t"turns": [{"text": "\\ud83d\\ude00"}]}').turns[0].say == Reply("😀")


def test_scenarios_in_python_import_nothing_heavy() -> None:
    code = (
        "import sys; from mockserver.scenario import *; from mockserver.chat import Reply\n"
        "Play(Scenario('s', turns=(Turn(Reply('{user}'), When.of(user_says='a')),)))\n"
        "assert not {'yaml', 'pydantic', 're2', 'jsonschema_rs', 'asyncio'} & set(sys.modules)"
    )

    ran = subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2])

    assert ran.returncode == 0


WRITTEN = """\
scenario: letters
turns:
  - when: {user_says: {contains: letter, not: mail}, tools: [send, "read, write"]}
    calls:
      - call: send
        with: {to: "Anna, Bob", urgent: true, amount: 1.5, note: "true"}
        compact: true
      - call: send
        arguments: '{"to": '
        fault: as_written
  - text: |-
      Dear {user},

        thank you.
    usage: {total_tokens: 3}
    timing: {first_token: 200ms, gap: 0.0005, jitter: 10%}
  - error: {status: 429, code: null, retry_after: 1}
rules:
  - refusal: I can't help with that.
    fault: unknown_param:rate=0.5
"""


def test_a_scenario_is_written_down_as_people_write_it() -> None:
    assert dump(parse(WRITTEN)) == WRITTEN


def test_compact_arguments_are_written_without_blanks_and_filled_in_so() -> None:
    say = first_say('calls: [{call: f, with: {a: 1, b: "{user}"}, compact: true}]')

    match = answer(Play(Scenario("s", turns=(Turn(say),))), user("hi"))

    assert values(match) == ['{"a":1,"b":"hi"}']


def test_an_error_can_say_that_it_has_no_code() -> None:
    assert first_say("error: {status: 429, code: null}").code is None
    assert first_say("error: {status: 429}").code == "rate_limit_exceeded"


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("{detail: [no]}", Sent(body='{"detail": ["no"]}', content_type="application/json")),
        ("<h1>Bad gateway</h1>", Sent(body="<h1>Bad gateway</h1>", content_type="text/html")),
    ],
)
def test_a_body_of_another_shape_is_sent_as_it_is(written: str, sent: Sent) -> None:
    headers = ", headers: {Content-Type: text/html}" if written.startswith("<") else ""

    error = first_say(f"error: {{status: 502, body: {written}{headers}}}")

    assert (error.status, error.sent, dict(error.headers)) == (502, sent, {})
    assert parse(dump(Scenario("s", turns=(Turn(error),)))).turns[0].say == error
