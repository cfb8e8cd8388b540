"""Which tools the simulated model calls, and with what."""

import subprocess
import sys
from typing import Any

import pytest

from mockserver.chat import Message, Tool, ToolCall, ToolChoice
from tests.test_simulate.conversation import (
    ALL,
    CITIES,
    CUSTOMERS,
    EMAIL,
    EXTRACT,
    NUMBER,
    SQL,
    TEXT,
    WEATHER,
    WHOLE,
    ask,
    calls,
    tool,
    values,
)


def test_the_seeds_request_calls_the_weather_once_for_each_city_in_order() -> None:
    assert values(CITIES, WEATHER) == [{"location": "New York"}, {"location": "San Francisco"}, {"location": "Chicago"}]


def test_a_reply_with_calls_leaves_text_and_finish_reason_open() -> None:
    reply = ask(CITIES, WEATHER)

    assert (reply.text, reply.finish_reason, reply.usage) == (None, None, None)


def test_a_unit_that_is_mentioned_goes_to_every_city() -> None:
    assert values("Weather in Paris and Oslo in Fahrenheit", WEATHER) == [
        {"location": "Paris", "unit": "fahrenheit"},
        {"location": "Oslo", "unit": "fahrenheit"},
    ]


def test_each_city_keeps_its_own_unit() -> None:
    assert [item["unit"] for item in values("weather in Paris in celsius and London in fahrenheit", WEATHER)] == [
        "celsius",
        "fahrenheit",
    ]


def test_a_place_keeps_its_state_and_lower_case_places_are_found_too() -> None:
    assert values("Is it raining in Austin, TX?", WEATHER) == [{"location": "Austin, TX"}]
    assert values("weather in new york and boston", WEATHER) == [{"location": "new york"}, {"location": "boston"}]


def test_strict_fills_every_required_parameter() -> None:
    schema = {**(WEATHER.parameters or {}), "required": ["location", "unit"], "additionalProperties": False}
    strict = Tool(WEATHER.name, WEATHER.description, schema, strict=True)

    assert all(item["unit"] in ("celsius", "fahrenheit") for item in values(CITIES, strict))


@pytest.mark.parametrize("question", ["Tell me a joke", "What is the capital of France?", "hello", ""])
def test_a_question_that_no_tool_fits_gets_text(question: str) -> None:
    reply = ask(question, WEATHER)

    assert reply.text
    assert not reply.calls


def test_without_tools_the_answer_is_text() -> None:
    assert ask(CITIES).text


def test_tool_choice_none_gives_text() -> None:
    assert ask(CITIES, WEATHER, tool_choice=ToolChoice("none")).text


def test_tool_choice_required_always_calls() -> None:
    (arguments,) = values("Tell me a joke", WEATHER, tool_choice=ToolChoice("required"))

    assert arguments["location"]


def test_a_named_tool_is_the_one_that_is_called() -> None:
    choice = ToolChoice("required", ("send_email",), named=True)

    assert {name for name, _ in calls(CITIES, *ALL, tool_choice=choice)} == {"send_email"}


def test_allowed_tools_bound_the_models_own_choice() -> None:
    assert ask(CITIES, *ALL, tool_choice=ToolChoice("auto", ("sql_query",))).text


def test_without_parallel_calls_only_the_first_city_is_asked_for() -> None:
    assert values(CITIES, WEATHER, parallel_tool_calls=False) == [{"location": "New York"}]


def test_a_tool_without_parameters_is_called_with_an_empty_object() -> None:
    (call,) = ask("ping the server", Tool("ping", "Ping the server")).calls

    assert call.arguments == "{}"


def test_an_email_is_sent_with_what_it_shall_say() -> None:
    assert calls("Email bob@example.com that the meeting moved to 3pm", *ALL) == [
        ("send_email", {"to": "bob@example.com", "body": "the meeting moved to 3pm"})
    ]


def test_customers_are_asked_for_with_invented_limits_or_with_those_that_were_said() -> None:
    ((name, arguments),) = calls("Who are my top customers?", *ALL)
    assert name == "get_customers"
    assert set(arguments) == {"min_revenue", "created_before", "limit"}

    said = "Who are my top 5 customers with revenue over $10,000 created before 2023-01-01?"
    assert values(said, CUSTOMERS) == [{"min_revenue": 10000, "created_before": "2023-01-01", "limit": 5}]


def test_data_are_extracted_from_a_sentence() -> None:
    said = "My name is John Smith and I was born on 3 May 1990."

    assert calls(said, *ALL) == [("extract_data", {"name": "John Smith", "birthday": "1990-05-03"})]
    assert values("Extract the data: Jane Doe, born 4 July 1985", EXTRACT)[0]["birthday"] == "1985-07-04"


def test_a_query_is_taken_as_it_stands_or_written_for_the_question() -> None:
    assert values("Run SELECT * FROM users WHERE age > 30", SQL) == [{"query": "SELECT * FROM users WHERE age > 30"}]
    assert values("How many users signed up? Use SQL", SQL) == [{"query": "SELECT COUNT(*) FROM users;"}]


def test_two_wishes_call_two_tools() -> None:
    said = "What's the weather in Oslo, and email bob@example.com saying bring a coat"

    assert calls(said, *ALL) == [
        ("get_current_weather", {"location": "Oslo"}),
        ("send_email", {"to": "bob@example.com", "body": "bring a coat"}),
    ]


def test_a_follow_up_goes_on_with_the_tool_of_the_question_before() -> None:
    said = [
        Message("user", "What is the weather in Paris in celsius?"),
        Message("assistant", None, (ToolCall(WEATHER.name, '{"location": "Paris", "unit": "celsius"}', "a"),)),
        Message("tool", '{"temperature": 12}', tool_call_id="a"),
        Message("assistant", "12 degrees."),
        Message("user", "And in Oslo?"),
    ]

    assert values(said, WEATHER)[0]["location"] == "Oslo"


def test_a_prefixed_tool_is_called_by_its_offered_name() -> None:
    offered = Tool("weather-get_current_weather", WEATHER.description, WEATHER.parameters)

    assert [name for name, _ in calls(CITIES, offered)] == ["weather-get_current_weather"] * 3


FLIGHT = tool(
    "book_flight", "Book a flight", ["origin", "destination", "date"],
    origin=TEXT, destination=TEXT, date={"type": "string", "format": "date"}, passengers=WHOLE,
)  # fmt: skip
TRIANGLE = tool("triangle_area", "Calculate the area of a triangle", base=NUMBER, height=NUMBER)
INTEREST = tool("compound_interest", "Calculate compound interest", principal=NUMBER, rate=NUMBER, years=WHOLE)
EXCHANGE = tool("convert_currency", "Convert money", amount=NUMBER, from_currency=TEXT, to_currency=TEXT)
MEAN = tool("mean", "The mean of numbers", numbers={"type": "array", "items": NUMBER})
EVENT = tool(
    "create_event", "Create a calendar event", title=TEXT, start={"type": "string", "format": "date-time"},
    attendees={"type": "array", "items": {"type": "string", "format": "email"}},
)  # fmt: skip
LIGHT = tool("set_light", "Switch the lights", ["room"], room=TEXT, dimmed={"type": "boolean"})
DISTANCE = tool("get_distance", "Distance between two cities", city1=TEXT, city2=TEXT)


@pytest.mark.parametrize(
    ("said", "offered", "expected"),
    [
        (
            "Book a flight from Paris to Tokyo on May 5 for 2 passengers", FLIGHT,
            [{"origin": "Paris", "destination": "Tokyo", "date": "2025-05-05", "passengers": 2}],
        ),
        (
            "fly to Rome from Oslo tomorrow, book a flight", FLIGHT,
            [{"origin": "Oslo", "destination": "Rome", "date": "2025-01-16"}],
        ),
        (
            "area of a triangle with base 10 and height 5, and another with base 6 and height 3", TRIANGLE,
            [{"base": 10, "height": 5}, {"base": 6, "height": 3}],
        ),
        ("Compound interest on $5,000 at 5% for 10 years", INTEREST, [{"principal": 5000, "rate": 0.05, "years": 10}]),
        ("Convert 100 USD to EUR", EXCHANGE, [{"amount": 100, "from_currency": "USD", "to_currency": "EUR"}]),
        ("What is the mean of 3, 5 and 10?", MEAN, [{"numbers": [3, 5, 10]}]),
        (
            "Create an event called Team Sync tomorrow at 3pm with ann@x.org and bob@x.org", EVENT,
            [{"title": "Team Sync", "start": "2025-01-16T15:00:00Z", "attendees": ["ann@x.org", "bob@x.org"]}],
        ),
        ("Switch the lights in the kitchen, not dimmed", LIGHT, [{"room": "kitchen", "dimmed": False}]),
        ("What is the mean of [1,2,3] and [4,5,6]?", MEAN, [{"numbers": [1, 2, 3]}, {"numbers": [4, 5, 6]}]),
        (
            "Convert 100 USD to EUR and 50 GBP to JPY", EXCHANGE,
            [
                {"amount": 100, "from_currency": "USD", "to_currency": "EUR"},
                {"amount": 50, "from_currency": "GBP", "to_currency": "JPY"},
            ],
        ),
        ("distance between London and Paris", DISTANCE, [{"city1": "London", "city2": "Paris"}]),
    ],
)  # fmt: skip
def test_values_come_from_the_request(said: str, offered: Tool, expected: list[dict[str, Any]]) -> None:
    assert values(said, offered) == expected


def test_relative_dates_count_from_the_day_that_the_conversation_names() -> None:
    said = [Message("system", "Today is 2024-03-01."), Message("user", "Book a flight from Oslo to Rome tomorrow")]

    assert values(said, FLIGHT)[0]["date"] == "2024-03-02"


def test_a_missing_value_is_remembered_from_an_earlier_result() -> None:
    cancel = tool("cancel_order", "Cancel an order", order_id=TEXT)
    said = [
        Message("user", "Find my order"),
        Message("assistant", None, (ToolCall("find_order", "{}", "a"),)),
        Message("tool", '{"order_id": "AB-12"}', tool_call_id="a"),
        Message("user", "Cancel the order please"),
    ]

    assert values(said, cancel) == [{"order_id": "AB-12"}]


def test_the_same_request_gives_the_same_reply_in_every_process() -> None:
    code = (
        "from tests.test_simulate.conversation import ask, CITIES, ALL, CUSTOMERS\n"
        "from mockserver.chat import ToolChoice\n"
        "print(ask(CITIES, *ALL), ask('Who are my top customers?', CUSTOMERS), ask('hi', *ALL))\n"
        "print([ask('x', t, tool_choice=ToolChoice('required')) for t in ALL])"
    )
    path = ":".join(entry for entry in sys.path if entry)
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": path},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "77")
    }

    assert len(runs) == 1


def test_another_seed_invents_other_values() -> None:
    drawn = {str(values("Who are my top customers?", CUSTOMERS, seed=f"{number}")) for number in range(8)}

    assert len(drawn) > 3


def test_nothing_is_imported_for_invention_when_nothing_has_to_be_invented() -> None:
    code = (
        "import sys\nfrom tests.test_simulate.conversation import ask, CITIES, WEATHER\nask(CITIES, WEATHER)\n"
        "print(sorted({'faker', 'aiohttp', 'pydantic'} & set(sys.modules)))"
    )
    path = ":".join(entry for entry in sys.path if entry)
    run = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": path}, capture_output=True, check=True, text=True
    )

    assert run.stdout.strip() == "[]"


def test_values_of_a_forced_call_suit_their_names() -> None:
    card = tool("make_card", email=TEXT, price=NUMBER, birthday=TEXT, website=TEXT)
    ((_, made),) = calls("x", card, tool_choice=ToolChoice("required"))

    assert made["email"] == "nobody@example.invalid"
    assert made["website"].startswith("https://")
    assert made["price"] == 0
    assert len(made["birthday"]) == 10


def test_an_emails_tool_alone_is_enough() -> None:
    assert calls("Send an email to ann@x.org and tell her I'm late", EMAIL) == [
        ("send_email", {"to": "ann@x.org", "body": "I'm late"})
    ]


def test_quotes_around_the_whole_question_quote_nothing() -> None:
    asked = "What is the current temperature of Rome?"

    assert values(f'"{asked}"', WEATHER) == values(asked, WEATHER)
    assert values(f"\u201c{asked}\u201d", WEATHER) == values(asked, WEATHER)


def test_a_word_that_counts_what_digits_tell_is_no_value() -> None:
    divisor = tool("greatest_divisor", "The greatest common divisor", first=WHOLE, second=WHOLE)

    assert values("Take two numbers, 84 and 126: their greatest common divisor?", divisor) == [
        {"first": 84, "second": 126}
    ]


def test_a_word_that_counts_what_a_parameter_is_about_is_a_value() -> None:
    table = tool("book_table", "Book a table", guests=WHOLE, hour=WHOLE)

    assert values("Book a table for three guests at 19", table) == [{"guests": 3, "hour": 19}]


def test_what_the_last_of_a_list_counts_all_of_it_counts() -> None:
    yields = tool("savings_yield", "What savings yield", rate=NUMBER, years=WHOLE)

    made = values("What do savings yield at a rate of 4%, over 6, 15 and 25 years?", yields)

    assert made == [{"rate": 0.04, "years": years} for years in (6, 15, 25)]


def test_a_word_that_counts_the_values_of_a_tool_is_none_of_them() -> None:
    divisor = tool("greatest_divisor", "The greatest common divisor", number1=WHOLE, number2=WHOLE)

    assert values("Take two numbers, 84 and 126: their greatest common divisor?", divisor) == [
        {"number1": 84, "number2": 126}
    ]


def test_a_number_with_its_unit_right_behind_it_is_a_number() -> None:
    oven = tool("warm_up", "How long warming up takes", initial_temperature=NUMBER, final_temperature=NUMBER)

    assert values("How long does warming up take, initial temperature 290K, final temperature 350K?", oven) == [
        {"initial_temperature": 290, "final_temperature": 350}
    ]


def test_a_span_of_time_from_now_is_a_number_for_who_wants_one_and_a_day_for_who_wants_that() -> None:
    worth = tool("worth_later", "What savings are worth later", amount=NUMBER, years=WHOLE)
    booking = tool("book_flight", "Book a flight", city=TEXT, date={"type": "string", "format": "date"})

    assert values("What are savings of $700 worth in 4 years?", worth) == [{"amount": 700, "years": 4}]
    assert values("Book a flight to Rome in 3 days", booking) == [{"city": "Rome", "date": "2025-01-18"}]


def test_a_name_beside_an_address_only_says_whose_it_is() -> None:
    mail = tool("send_email", "Send an email", ["to"], to=TEXT, cc=TEXT, subject=TEXT)

    assert values("Email Ann Lee at ann@example.com with the subject 'Hello'", mail) == [
        {"to": "ann@example.com", "subject": "Hello"}
    ]


def test_how_a_sentence_opens_is_no_name() -> None:
    bread = tool("bake_bread", "Bake a loaf of bread", flour=TEXT, shape=TEXT)

    assert "Using" not in str(values("Using rye flour, bake a round loaf", bread))


def test_another_name_in_parentheses_is_no_further_value() -> None:
    price = tool("share_price", "The price of a share", company=TEXT)

    assert values("What is the share price of Contoso Corp. (CNTS)?", price) == [{"company": "Contoso Corp"}]


def test_what_a_number_is_measured_in_is_no_name() -> None:
    heat = tool("heat_capacity", "The heat capacity of a substance", substance=TEXT, temperature=NUMBER)

    assert "Celsius" not in str(values("the heat capacity of the substance iron at 25 degrees Celsius", heat))


def test_a_year_is_a_year_whatever_word_follows() -> None:
    people = tool("people_living", "How many people live in a country", country=TEXT, year=WHOLE)

    assert values("How many people were living in Norway in 1965 and 1985 according to the census?", people) == [
        {"country": "Norway", "year": 1965},
        {"country": "Norway", "year": 1985},
    ]


@pytest.mark.parametrize(
    ("question", "base", "target"),
    [
        ("How much is 200 yen in dollars?", "JPY", "USD"),
        ("How much is 200 Japanese Yen in US Dollars?", "JPY", "USD"),
        ("What are 200 Euros in Canadian dollars?", "EUR", "CAD"),
        ("What are 200 British Pounds in Swiss francs?", "GBP", "CHF"),
    ],
)
def test_currencies_are_known_by_their_words(question: str, base: str, target: str) -> None:
    convert = tool("convert_currency", "Convert money", amount=NUMBER, base_currency=TEXT, target_currency=TEXT)

    assert values(question, convert) == [{"amount": 200, "base_currency": base, "target_currency": target}]


def test_a_name_that_says_what_it_is_goes_where_that_is_wanted() -> None:
    opening = tool("opening_times", "When a museum opens", museum=TEXT, location=TEXT)

    assert values("When does the Munch Museum in Oslo open?", opening) == [
        {"museum": "Munch Museum", "location": "Oslo"}
    ]


def test_an_article_is_no_parameter() -> None:
    roots = tool("solve_quadratic", "Solve a quadratic equation", a=WHOLE, b=WHOLE, c=WHOLE)

    assert values("Solve a quadratic with 3, 7, and -10", roots) == [{"a": 3, "b": 7, "c": -10}]


def test_whose_address_it_is_is_no_subject_either() -> None:
    mail = tool("send_email", "Send an email", ["to", "subject"], to=TEXT, subject=TEXT)

    assert values("Email Ann Lee at ann@example.com with the subject 'Hello'", mail) == [
        {"to": "ann@example.com", "subject": "Hello"}
    ]


def test_a_date_may_begin_with_its_year() -> None:
    booking = tool("book_flight", "Book a flight", city=TEXT, date={"type": "string", "format": "date"})

    assert values("Book a flight to Rome on 2026 May 12th", booking) == [{"city": "Rome", "date": "2026-05-12"}]


def test_a_list_goes_to_who_takes_many() -> None:
    worth = tool("worth_today", "What payments are worth", discount=NUMBER, payments={"type": "array", "items": NUMBER})

    assert values("What are [-500, 100, 150, 200] worth today, discounted at 7%?", worth) == [
        {"discount": 0.07, "payments": [-500, 100, 150, 200]}
    ]


def test_the_end_of_a_compound_tells_what_a_tool_is_about() -> None:
    distance = tool("geodistance", "Between two places on the globe", origin=TEXT, destination=TEXT)
    zones = tool("clock_difference", "Between the clocks of two places", city1=TEXT, city2=TEXT)

    assert calls("What is the distance between Lyon and Genoa?", zones, distance) == [
        ("geodistance", {"origin": "Lyon", "destination": "Genoa"})
    ]


def test_a_date_without_a_year_lies_in_the_year_of_the_other() -> None:
    stay = tool("book_hotel", "Book a hotel", city=TEXT, check_in_date=TEXT, check_out_date=TEXT)

    assert values("Book a hotel in Paris from May 12th to May 15th, 2027", stay) == [
        {"city": "Paris", "check_in_date": "2027-05-12", "check_out_date": "2027-05-15"}
    ]


def test_a_value_is_set_to_a_number() -> None:
    account = tool("open_account", "Open an account", ["name"], name=TEXT, starting_balance=WHOLE)

    assert values("Open an account called 'Zed', and set the starting balance to 40.", account) == [
        {"name": "Zed", "starting_balance": 40}
    ]


def test_a_preposition_is_no_part_of_a_phrase() -> None:
    tutors = tool("find_tutors", "Find tutors", location=TEXT, subject_taught=TEXT)

    assert values("Find tutors for organ music near us in Leipzig", tutors) == [
        {"location": "Leipzig", "subject_taught": "organ music"}
    ]


def test_a_date_that_has_nothing_to_do_with_another_keeps_its_own_year() -> None:
    trip = tool("book_trip", "Book a trip", traveller=TEXT, birthday=TEXT, day=TEXT)

    assert "2025-06-03" in str(values("Book a trip on June 3rd for Ann, born on May 4th, 1990", trip))


def test_a_street_keeps_its_name_behind_the_number() -> None:
    ride = tool("book_ride", "Book a ride", origin=TEXT, destination=TEXT)

    made = str(values("Book a ride from 12 Garden Street to 7 Harbour Road", ride))

    assert "Garden Street" in made
    assert "Harbour Road" in made
