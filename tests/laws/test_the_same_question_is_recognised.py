"""Recorded exchanges answer the same question however it is spelled, and no other question at all."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mockserver.scenario.canonical import canonical, key_of
from mockserver.scenario.request_matching import differences
from mockserver.wire.chat_completions.parse import parse

Body = dict[str, Any]

words = st.text("abcdefghij ÄßЖ漢🙂", min_size=1, max_size=12)
values = st.dictionaries(
    st.text("abcde", min_size=1, max_size=3), st.one_of(words, st.integers(), st.none()), max_size=3
)
uuids = st.uuids().map(str)
times = st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds") + "Z")


@st.composite
def conversations(draw: st.DrawFn) -> Body:
    """A question, parallel calls, their results with a time and an id in them, and perhaps a follow-up."""
    arguments = draw(st.lists(values, min_size=2, max_size=4))
    ids = [f"call_{index}_{draw(words)}" for index in range(len(arguments))]
    calls = [
        {"id": name, "type": "function", "function": {"name": "look_up", "arguments": json.dumps(given)}}
        for name, given in zip(ids, arguments, strict=True)
    ]
    results: list[Any] = [
        {
            "role": "tool",
            "tool_call_id": name,
            "content": json.dumps({"at": draw(times), "n": index, "ref": draw(uuids)}),
        }
        for index, name in enumerate(ids)
    ]
    messages = [
        {"role": "system", "content": f"Now: {draw(times)}. Request {draw(uuids)}."},
        {"role": "user", "content": draw(words)},
        {"role": "assistant", "content": None, "tool_calls": calls},
        *results,
    ]
    parameters = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
    functions = [{"name": name, "description": name, "parameters": parameters} for name in ("look_up", "send")]
    tools = [{"type": "function", "function": function} for function in functions]
    return {"model": "gpt-4o", "messages": messages, "tools": tools, "temperature": 0.5}


def key(body: Body) -> str:
    return key_of(canonical(parse(json.dumps(body).encode(), strict=False).request))


def new_ids(body: Body) -> None:
    for place, call in enumerate(body["messages"][2]["tool_calls"]):
        for result in body["messages"][3:]:
            if result["tool_call_id"] == call["id"]:
                result["tool_call_id"] = f"other_{place}"
        call["id"] = f"other_{place}"


def reordered_results(body: Body) -> None:
    body["messages"][3:] = reversed(body["messages"][3:])


def new_times_and_uuids(body: Body) -> None:
    body["messages"][0]["content"] = "Now: 2031-01-02T03:04:05Z. Request 0f8fad5b-d9cb-469f-a165-70867728950e."
    for number, result in enumerate(body["messages"][3:]):
        content = json.loads(result["content"])
        ref = f"{number:08x}-d9cb-469f-a165-70867728950e"
        result["content"] = json.dumps({**content, "at": f"2031-01-02T03:04:{number:02}Z", "ref": ref})


def other_key_order(body: Body) -> None:
    for call in body["messages"][2]["tool_calls"]:
        given = json.loads(call["function"]["arguments"])
        call["function"]["arguments"] = json.dumps(dict(reversed(given.items())), separators=(",", ":"))
    body["tools"][0] = dict(reversed(body["tools"][0].items()))


def spelled_out_defaults(body: Body) -> None:
    body |= {"tool_choice": "auto", "n": 1, "parallel_tool_calls": True, "stream": False, "top_p": 1.0, "stop": None}


def text_as_a_part(body: Body) -> None:
    body["messages"][1]["content"] = [{"type": "text", "text": body["messages"][1]["content"]}]
    body["messages"][2]["content"] = ""


def streamed_for_another_user(body: Body) -> None:
    body |= {"stream": True, "stream_options": {"include_usage": True}, "user": "somebody", "seed": 7}
    body["tools"].reverse()


def another_letter_in_the_prompt(body: Body) -> None:
    body["messages"][1]["content"] += "s"


def another_tool_list(body: Body) -> None:
    body["tools"].pop()


def swapped_results(body: Body) -> None:
    first, second = body["messages"][3:5]
    first["content"], second["content"] = second["content"], first["content"]


def another_model(body: Body) -> None:
    body["model"] = "gpt-4o-mini"


def another_result(body: Body) -> None:
    content = json.loads(body["messages"][3]["content"])
    body["messages"][3]["content"] = json.dumps({**content, "n": 99})


def another_argument(body: Body) -> None:
    body["messages"][2]["tool_calls"][0]["function"]["arguments"] = '{"a": "never said"}'


def another_temperature(body: Body) -> None:
    body["temperature"] = 0.6


def a_result_for_nobody(body: Body) -> None:
    body["messages"][3]["tool_call_id"] = "never called"


INVARIANCES = [
    new_ids,
    reordered_results,
    new_times_and_uuids,
    other_key_order,
    spelled_out_defaults,
    text_as_a_part,
    streamed_for_another_user,
]
CHANGES = [
    another_letter_in_the_prompt,
    another_tool_list,
    swapped_results,
    another_model,
    another_result,
    another_argument,
    another_temperature,
    a_result_for_nobody,
]


@pytest.mark.parametrize("spell", INVARIANCES)
@settings(max_examples=40)
@given(body=conversations())
def test_another_spelling_is_the_same_question(spell: Callable[[Body], None], body: Body) -> None:
    spelled = deepcopy(body)
    spell(spelled)

    assert key(spelled) == key(body)


@settings(max_examples=40)
@given(conversations(), st.lists(st.sampled_from(INVARIANCES), min_size=2, unique=True))
def test_all_spellings_together_are_the_same_question(body: Body, spellings: list[Callable[[Body], None]]) -> None:
    spelled = deepcopy(body)
    for spell in spellings:
        spell(spelled)

    assert key(spelled) == key(body)


@pytest.mark.parametrize("change", CHANGES)
@settings(max_examples=40)
@given(body=conversations())
def test_a_change_is_another_question(change: Callable[[Body], None], body: Body) -> None:
    changed = deepcopy(body)
    change(changed)
    assume(changed != body)

    assert key(changed) != key(body)


@pytest.mark.parametrize("change", CHANGES)
@settings(max_examples=40)
@given(body=conversations())
def test_what_differs_is_said_by_its_path(change: Callable[[Body], None], body: Body) -> None:
    changed = deepcopy(body)
    change(changed)
    recorded, asked = (canonical(parse(json.dumps(each).encode(), strict=False).request) for each in (body, changed))

    paths = [difference.path for difference in differences(recorded, asked)]

    expected: dict[Callable[[Body], None], str] = {
        another_letter_in_the_prompt: "messages[1].content",
        another_tool_list: "tools.send",
        another_model: "model",
        another_result: "messages[3].content.n",
        another_temperature: "options.temperature",
    }
    assert expected.get(change, "messages[") in paths[0]


def prompt(role: str, text: str) -> Body:
    return {"model": "m", "messages": [{"role": role, "content": f"You help. {text}. Be brief."}]}


@pytest.mark.parametrize("role", ["system", "developer"])
@pytest.mark.parametrize(
    "date",
    [
        "2026-11-24",
        "2026-11-24T08:05:00+01:00",
        "2026/11/24",
        "11/24/2026",
        "24/11/26",
        "11/24/2026, 8:05:00 AM",
        "Tuesday",
        "Tuesday, November 24, 2026",
        "Tuesday, 24th of November 2026",
        "November 24th, 2026 at 8:05 PM",
        "24 Nov 2026 08:05 GMT",
        "24-Nov-2026",
        "Tue Nov 24 08:05:00 2026",
        "Tue Nov 24 2026 08:05:00 GMT+0100 (Central European Standard Time)",
        "2026-11-24 (Tuesday)",
        "Nov 24",
        "08:05 on 2026-11-24",
    ],
)
def test_a_date_in_a_prompt_is_not_part_of_the_question(date: str, role: str) -> None:
    assert key(prompt(role, f"Today is {date}")) == key(prompt(role, "Today is 2031-01-02"))


@pytest.mark.parametrize(
    "text", ["Today is at 12:30", "Today is a day in May", "Version 24.11.2026", "3/4 of 10", "Page 2026", "Mondays"]
)
def test_numbers_and_names_that_spell_no_day_are_part_of_the_question(text: str) -> None:
    assert key(prompt("system", text)) != key(prompt("system", "Today is 2031-01-02"))


def test_a_date_of_the_user_is_part_of_the_question() -> None:
    assert key(prompt("user", "Today is 2026-11-24")) != key(prompt("user", "Today is 2031-01-02"))


@settings(max_examples=40)
@given(times, times)
def test_what_a_user_says_counts_to_the_letter(one: str, other: str) -> None:
    assume(one != other)
    bodies: list[Body] = [{"model": "m", "messages": [{"role": "user", "content": text}]} for text in (one, other)]

    assert key(bodies[0]) != key(bodies[1])


def test_an_image_is_part_of_the_question() -> None:
    def with_image(name: str) -> Body:
        parts = [
            {"type": "text", "text": "What is it?"},
            {"type": "image_url", "image_url": {"url": f"https://x/{name}"}},
        ]
        return {"model": "m", "messages": [{"role": "user", "content": parts}]}

    assert key(with_image("a.png")) != key(with_image("b.png"))
