"""Ordinary tools as people write them: generic parameters, numbered things, plans over several calls."""

import json
from typing import Any

import pytest

from mockserver.chat import Message, Tool, ToolCall
from tests.test_simulate.conversation import EMAIL, NUMBER, TEXT, WEATHER, WHOLE, answered, ask, calls, tool, values

WEB = tool("search_web", "Search the internet", query=TEXT)
HANDBOOK = tool("ask_handbook", "Finds passages of the staff handbook", ["question"], question=TEXT, top_k=WHOLE)
CALCULATE = tool("calculate", "Works out a formula", formula=TEXT)
MULTIPLY = tool("multiply", "Multiply two numbers", a=NUMBER, b=NUMBER)
SUBTRACT = tool("subtract", "Subtract the second number from the first", a=NUMBER, b=NUMBER)
PYTHON = tool("run_python", "Runs Python code", code=TEXT)
TABLES = tool("list_tables", "Which tables the database has")
SELECT = tool("run_query", "Runs an SQL query that reads", sql=TEXT)
ISSUE = tool("get_issue", "One issue of a repository", owner=TEXT, repo=TEXT, number=WHOLE)
TIMER = tool("set_timer", "Starts a kitchen timer", ["seconds"], seconds=WHOLE, name=TEXT)
GREP = tool("grep", "Search file contents", ["pattern"], pattern=TEXT, path=TEXT)
ITEM = {"type": "object", "properties": {"article": TEXT, "count": WHOLE}, "required": ["article", "count"]}
ORDER = tool("place_order", "Place an order", lines={"type": "array", "items": ITEM})
HOTELS = tool("find_hotels", "Find hotels", city=TEXT)
RESERVE = tool("reserve_hotel", "Reserve a hotel by its id", hotel_id=TEXT, guest=TEXT)
CLIENTS = tool("search_clients", "Look up a client by name", name=TEXT)
BILLS = tool("list_bills", "The bills of a client", client_id=TEXT)


@pytest.mark.parametrize(
    ("said", "offered", "expected"),
    [
        ("Who wrote the opera Jenufa?", WEB, {"query": "Who wrote the opera Jenufa"}),
        ("Search the web for cheap vegan restaurants in Lyon", WEB, {"query": "cheap vegan restaurants in Lyon"}),
        ("How many weeks of sick leave can I take?", HANDBOOK, {"question": "How many weeks of sick leave can I take"}),
        ("What is 96 divided by 8, plus 5?", CALCULATE, {"formula": "96 / 8 + 5"}),
        ("What's 12% of 350?", CALCULATE, {"formula": "12 / 100 * 350"}),
        ("Use Python to get the mean of 4, 8 and 15.", PYTHON, {"code": "print((4 + 8 + 15) / 3)"}),
        ("Who filed issue #77 in orbit/planner?", ISSUE, {"owner": "orbit", "repo": "planner", "number": 77}),
        ("Set a timer for 25 minutes named eggs", TIMER, {"seconds": 1500, "name": "eggs"}),
        ("Set a timer for 2 hours", TIMER, {"seconds": 7200}),
        ("Where is `parse_header` called?", GREP, {"pattern": "parse_header"}),
    ],
)  # fmt: skip
def test_generic_and_numbered_values_are_read(said: str, offered: Tool, expected: dict[str, Any]) -> None:
    assert values(said, offered) == [expected]


@pytest.mark.parametrize(
    "said",
    ["Hello there!", "Thanks, that was great!", "How are you?", "Write me a poem about rain.", "What can you do?"],
)
def test_small_talk_is_not_searched_for(said: str) -> None:
    assert calls(said, WEB, HANDBOOK, CALCULATE) == []


def test_each_calculation_goes_to_the_tool_for_its_operation() -> None:
    assert calls("What is 12 * 5? And what is 90 - 33?", MULTIPLY, SUBTRACT) == [
        ("multiply", {"a": 12, "b": 5}),
        ("subtract", {"a": 90, "b": 33}),
    ]


def test_a_calculation_is_not_run_as_code_that_was_not_asked_for() -> None:
    assert calls("What is 12 * 5?", PYTHON) == []


def test_a_search_of_some_things_is_about_what_the_tool_does_not_say_itself() -> None:
    tickets = tool("search_tickets", "Search tickets", ["query"], query=TEXT)
    jobs = tool("search_jobs", "Search vacancies", ["keywords"], keywords=TEXT, remote={"type": "boolean"})

    assert values("Do we have any tickets about the broken lift?", tickets) == [{"query": "broken lift"}]
    assert values("Are there remote jobs for gardeners?", jobs) == [{"keywords": "gardeners", "remote": True}]


def test_tables_are_looked_at_before_they_are_queried() -> None:
    question = "How many members are active?"
    seen = answered(question, (ToolCall("list_tables", "{}"), '["members", "courses"]'))

    assert calls(question, TABLES, SELECT) == [("list_tables", {})]
    assert calls(seen, TABLES, SELECT) == [("run_query", {"sql": "SELECT COUNT(*) FROM members;"})]


def test_the_system_prompt_shows_tables() -> None:
    said = [Message("system", "Tables: loans(id, amount), readers(id, name)"), Message("user", "List all readers")]

    assert calls(said, SELECT) == [("run_query", {"sql": "SELECT * FROM readers;"})]


def test_the_lines_of_an_order_are_objects() -> None:
    assert values("Please order 2 x AB-31 and 4 x CD-7.", ORDER) == [
        {"lines": [{"article": "AB-31", "count": 2}, {"article": "CD-7", "count": 4}]}
    ]


def hotels_found() -> list[Message]:
    found = [{"hotel_id": "h1", "name": "Linde", "price": 120}, {"hotel_id": "h2", "name": "Krone", "price": 80}]
    call = ToolCall("find_hotels", '{"city": "Ulm"}')
    return [*answered("Find hotels in Ulm", (call, json.dumps(found))), Message("assistant", "Linde and Krone.")]


@pytest.mark.parametrize(
    ("said", "hotel"),
    [
        ("Reserve the cheapest one for Mia Lang", "h2"),
        ("Reserve the most expensive one for Mia Lang", "h1"),
        ("Please reserve the second one for Mia Lang.", "h2"),
        ("Reserve the Linde for Mia Lang", "h1"),
    ],
)
def test_one_of_several_results_is_singled_out(said: str, hotel: str) -> None:
    assert calls([*hotels_found(), Message("user", said)], HOTELS, RESERVE) == [
        ("reserve_hotel", {"hotel_id": hotel, "guest": "Mia Lang"})
    ]


def test_what_finds_an_id_comes_first_and_the_id_goes_into_the_next_call() -> None:
    question = "Which bills does Polar Textiles have?"
    found = answered(question, (ToolCall("search_clients", '{"name": "Polar Textiles"}'), '{"client_id": "c-81"}'))

    assert calls(question, CLIENTS, BILLS) == [("search_clients", {"name": "Polar Textiles"})]
    assert calls(found, CLIENTS, BILLS) == [("list_bills", {"client_id": "c-81"})]


def test_a_plan_comes_to_an_end() -> None:
    question = "Which bills does Polar Textiles have?"
    client = (ToolCall("search_clients", '{"name": "Polar Textiles"}'), '{"client_id": "c-81"}')
    bills = (ToolCall("list_bills", '{"client_id": "c-81"}'), '[{"number": "B-3"}]')

    assert "B-3" in (ask(answered(question, client, bills), CLIENTS, BILLS).text or "")


def test_one_call_after_the_other_where_they_may_not_be_parallel() -> None:
    question = "What is the weather in Turin and in Malmo?"
    first = answered(question, (ToolCall(WEATHER.name, '{"location": "Turin"}'), "sunny"))

    assert calls(first, WEATHER, parallel_tool_calls=False) == [(WEATHER.name, {"location": "Malmo"})]


@pytest.mark.parametrize(
    ("told", "parameter", "expected"),
    [
        ("The signed-in customer's id is c_55.", "customer_id", "c_55"),
        ("user_id: u-9\nlocale: de", "user_id", "u-9"),
        ("The user's account number is 4471.", "account_number", "4471"),
    ],
)
def test_a_value_comes_from_the_system_prompt(told: str, parameter: str, expected: str) -> None:
    plan = tool("get_plan", "Shows the plan of a customer", None, **{parameter: TEXT})

    assert values([Message("system", told), Message("user", "What plan do I have?")], plan) == [{parameter: expected}]


def test_a_recipient_never_comes_from_the_system_prompt() -> None:
    said = [Message("system", "Recipient: eve@example.com. to: eve@example.com"), Message("user", "Send an email.")]

    assert calls(said, EMAIL) == []


def test_a_task_is_what_shall_be_remembered() -> None:
    add = tool("add_todo", "Add a to-do", ["title"], title=TEXT, due={"type": "string", "format": "date"})

    assert values("Remind me to call the plumber tomorrow", add) == [{"title": "call the plumber", "due": "2025-01-16"}]


def test_a_handoff_is_told_by_what_it_is_for() -> None:
    desks = [tool(f"transfer_to_{name}", f"Handoff to {name}") for name in ("billing", "technical_support", "sales")]

    assert calls("I was billed twice this month.", *desks) == [("transfer_to_billing", {})]
    assert calls("The app crashes whenever I log in.", *desks) == [("transfer_to_technical_support", {})]
    assert calls("Hello!", *desks) == []
