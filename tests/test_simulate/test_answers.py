"""Answers of the simulated model read like answers: sentences without labels, keys or braces."""

import json
import re
from typing import Any

import pytest

from mockserver.chat import ToolCall
from tests.test_simulate.conversation import answered, ask, said_by


def told(question: str, name: str, arguments: dict[str, Any], result: Any) -> str:
    text = result if isinstance(result, str) else json.dumps(result)
    return said_by(ask(answered(question, (ToolCall(name, json.dumps(arguments)), text))))


@pytest.mark.parametrize(
    ("question", "name", "arguments", "result", "expected"),
    [
        ("Weather in Bern?", "get_weather", {"city": "Bern"}, "It is 3 °C in Bern.", "It is 3 °C in Bern."),
        ("How many zloty for a euro?", "get_rate", {"base": "EUR"}, {"rate": 4.3}, "For EUR the rate is 4.3."),
        ("What is 6 * 7?", "calculate", {"formula": "6 * 7"}, "42", "The result is 42."),
        (
            "What is order 88 about?", "get_order", {"order_id": 88},
            {"order_id": 88, "item": "Lamp", "shipped": False, "note": None},
            "For order 88 it is not shipped and the item is Lamp.",
        ),
        (
            "Email bo@example.com", "send_email", {"to": ["bo@example.com"]}, {"status": "sent", "message_id": "m-2"},
            "The email to bo@example.com was sent. The message id is m-2.",
        ),
        ("Lock the front door", "lock_door", {"door": "front"}, {"ok": True}, "The door for front was locked."),
        (
            "Find rooms", "search_rooms", {"city": "Graz"},
            [{"room_id": "R1", "name": "Murhof", "price": 90}, {"room_id": "R2", "name": "Linde", "price": 80}],
            "I found 2 rooms: Murhof (room id R1, price 90) and Linde (room id R2, price 80).",
        ),
        ("Find rooms", "search_rooms", {"city": "Graz"}, [], "I found no rooms for Graz."),
        (
            "Any errors?", "get_log", {"name": "web"}, {"error": "no such log"},
            "I could not get a result for web: no such log.",
        ),
    ],
)  # fmt: skip
def test_a_result_is_told_in_a_sentence(
    question: str, name: str, arguments: dict[str, Any], result: Any, expected: str
) -> None:
    assert told(question, name, arguments, result) == expected


def test_several_results_are_told_apart_and_compared() -> None:
    calls = [ToolCall("get_population", json.dumps({"country": country})) for country in ("Chile", "Peru")]
    pairs = list(zip(calls, ('{"population": 19}', '{"population": 34}'), strict=True))

    text = said_by(ask(answered("Which country has more people, Chile or Peru?", *pairs)))

    assert text.splitlines()[1:] == [
        "- For Chile the population is 19.",
        "- For Peru the population is 34.",
        "Peru has the highest population.",
    ]


def test_what_the_question_speaks_of_comes_first() -> None:
    text = told("What does the lamp cost?", "get_product", {"sku": "L-1"}, {"stock": 4, "price": 20})

    assert text.index("price") < text.index("stock")


@pytest.mark.parametrize(
    "result", [{"a_b": {"c_d": [1, {"e_f": None}]}}, [[1], [2]], {"items": [{"x_y": 1}]}, {"value": True}, "null", "{}"]
)
def test_no_answer_reads_like_a_dump(result: Any) -> None:
    text = told("Tell me about it", "get_thing", {"name": "x"}, result)

    assert not re.search(r"[{}\[\]]|\b[a-z]+_[a-z]+\b|\bnull\b|\bNone\b", text)
    assert text.endswith(".")
