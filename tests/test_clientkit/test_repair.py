"""Broken JSON is mended only where that was asked for, never silently, and never by inventing anything."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from clientkit import (
    BadCall,
    Chat,
    Question,
    RepairedArguments,
    allow_only,
    check_call,
    converse,
    tool,
    tool_from_schema,
)
from clientkit.confirm import verdict_on
from clientkit.repair import repair_object
from clientkit.strict_json import NotStrictJSON

from .conftest import Server

BROKEN = "{'to': 'Anna',}"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('{"city": "Paris",}', {"city": "Paris"}),
        ('{"city": "Paris" "days": 3}', {"city": "Paris", "days": 3}),
        ("{'city': 'it\\'s', \"days\": None}", {"city": "it's", "days": None}),
        ('{city: "Paris", sunny: True}', {"city": "Paris", "sunny": True}),
        ("{“city”: “Paris”}", {"city": "Paris"}),
        ('{"city": "Pa\nris"}', {"city": "Pa\nris"}),
        ('{"re": "\\d+"}', {"re": "\\d+"}),
        ('```json\n{"city": "Paris"}\n```', {"city": "Paris"}),
        ('Sure: {"city": "Zürich \\u00e9"}<|call|>', {"city": "Zürich é"}),
        ('{"trip": {"city": "Paris", "stops": ["a", "b"]', {"trip": {"city": "Paris", "stops": ["a", "b"]}}),
        ('\ufeff{"city": "Paris"}', {"city": "Paris"}),
    ],
)
def test_punctuation_is_mended(text: str, meant: dict[str, Any]) -> None:
    assert repair_object(text) == meant


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"city": "Par', "breaks off inside a value"),
        ("{'city': 'Par", "breaks off inside a value"),
        ('{"city": "Paris", "days": 1', "breaks off inside a value"),
        ('{"city": "Paris", "sunny": tru', "breaks off inside a value"),
        ('{"city": "Paris", "unit"', "more than its punctuation"),
        ('{"city": "Paris", "days":', "breaks off inside a value"),
        ('{"city": "a"}{"city": "b"}', "more than one object"),
        ('{"city": "a", "city": "b",}', "more than its punctuation"),
        ('{"days": 1_000}', "more than its punctuation"),
        ('{"city": "a" /* or b */}', "more than its punctuation"),
        ('{"city": "\\ud83d",}', "surrogate"),
        ("<parameter=city>Paris</parameter>", "holds no object"),
        ("", "holds no object"),
        ('{"a":' * 65, "deeper than 64"),
        ('{"a": "' + "x" * 100_000 + '",}', "characters long"),
    ],
)
def test_what_could_mean_something_else_is_not(text: str, why: str) -> None:
    with pytest.raises(NotStrictJSON, match=why):
        repair_object(text)


def test_only_a_tool_that_asks_for_it_gets_repaired_arguments_and_they_are_marked() -> None:
    def send(to: str) -> str:
        return to

    strict, mending = tool(send), tool(repair=True)(send)

    with pytest.raises(BadCall, match="strict JSON"):
        check_call({"send": strict}, "send", BROKEN)
    assert check_call({"send": mending}, "send", BROKEN).repaired
    assert not check_call({"send": mending}, "send", '{"to": "Anna"}').repaired
    with pytest.raises(BadCall, match="breaks off inside a value"):
        check_call({"send": mending}, "send", '{"to": "An')
    with pytest.raises(BadCall, match="to: got 7"):
        check_call({"send": mending}, "send", "{'to': 7}")


async def test_the_record_and_the_model_are_told_of_a_repair(server: Server) -> None:
    @tool(repair=True)
    def look(to: str) -> str:
        return f"saw {to}"

    server.calls(("look", BROKEN))
    server.says("Seen.")

    answer = await converse(Chat(server.base_url, model="m"), "Go", [look])

    assert answer.calls[0].repaired
    assert (
        answer.calls[0].content == 'saw Anna\n(The arguments were not strict JSON. They were read as {"to": "Anna"}.)'
    )


async def test_whoever_is_asked_about_a_repaired_call_knows_it(server: Server) -> None:
    sent: list[str] = []
    asked: list[dict[str, Any]] = []

    @tool(acts=True, repair=True)
    def send(to: str) -> None:
        sent.append(to)

    def confirm(name: str, arguments: dict[str, Any]) -> bool:
        asked.append(arguments)
        return not isinstance(arguments, RepairedArguments)

    server.calls(("send", BROKEN), ("send", '{"to": "Bob"}'))
    server.says("Only Bob.")

    await converse(Chat(server.base_url, model="m"), "Go", [send], confirm=confirm)

    assert sent == ["Bob"]
    assert asked == [{"to": "Anna"}, {"to": "Bob"}]


async def test_a_standing_yes_does_not_cover_a_repaired_call() -> None:
    send = tool_from_schema({"name": "send"}, print, acts=True)
    question = Question("call_1", "send", {"to": "Anna"}, send)

    assert await verdict_on(allow_only("send"), question) is True
    assert await verdict_on(allow_only("send"), replace(question, repaired=True)) is False


def test_without_the_package_that_repairs_a_tool_that_wants_it_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['json_repair'] = None\n"
        "from clientkit import tool\n"
        "try:\n    tool(name='f', repair=True)(lambda: None)\n"
        "except ImportError as error:\n    print(error)"
    )

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ran.stdout == "repair=True needs json-repair: pip install 'toolcall-mockserver[repair]'\n"
