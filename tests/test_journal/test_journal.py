"""The journal: what it remembers, how it reads, and when it says nothing."""

from typing import Any

import pytest

from mockserver.chat import ApiError, Message, Reply, ToolCall
from mockserver.journal import Journal, Truncated
from mockserver.journal.exchange import exchange_json
from tests.test_journal.exchanges import CALLS, OSLO, PARIS, QUESTION, asked, exchange, journal, result

WHOLE = journal(
    exchange([Message("system", "Be brief."), QUESTION], ApiError(429, "Slow down.")),
    exchange([Message("system", "Be brief."), QUESTION], CALLS, match="script#turn2", others=("scenario:x#rule1",)),
    exchange(
        [Message("system", "Be brief."), QUESTION, asked(OSLO, PARIS), result("call_aaa"), result("call_bbb", "9\n8")],
        match="script#turn3",
        faults=("no_done",),
        ended="fault:no_done",
        events_sent=7,
    ),
    exchange([Message("user", "Hi\x1b[31m")], None, match=None, ended="client_gone", events_sent=0, session="t"),
)

DIALOGUE = """\
exchange 1 · script#turn1
  system     Be brief.
  user       How warm is it in Oslo and Paris?
  error      HTTP 429: Slow down.
exchange 2 · script#turn2 · the request of exchange 1 again
  model      call_1 get_current_weather({"location": "Oslo"})
             call_2 get_current_weather({"location": "Paris"})
  also       scenario:x#rule1 would have answered, too
exchange 3 · script#turn3
  tool       call_1 → 21
  tool       call_2 → 9
             8
  model      Mild in both.
  fault      no_done
  ended      no_done after event 7
exchange 4
  user       Hi\\x1b[31m
  ended      the client was gone after event 0"""


def test_the_journal_reads_as_a_numbered_dialogue() -> None:
    assert str(WHOLE) == DIALOGUE


def test_an_empty_journal_says_so() -> None:
    assert str(Journal()) == "(no exchanges)"


def test_each_call_is_found_with_its_result() -> None:
    oslo, paris = WHOLE.calls

    assert (oslo.name, oslo.arguments, oslo.result) == ("get_current_weather", {"location": "Oslo"}, 21)
    assert (oslo.exchange, oslo.answered_in, paris.results) == (2, 3, ("9\n8",))


def test_a_call_that_the_client_did_not_stay_to_hear_is_none() -> None:
    assert journal(exchange([QUESTION], CALLS, ended="client_gone")).calls == []


def test_a_result_of_the_older_form_is_found_by_the_functions_name() -> None:
    older = Message("function", "21", name="get_current_weather")

    assert journal(exchange([QUESTION], CALLS), exchange([QUESTION, asked(OSLO), older])).calls[0].result == 21


def test_the_offered_tools_are_known_by_name() -> None:
    assert WHOLE.offered == {"get_current_weather"}


def test_an_exchange_is_plain_data_too() -> None:
    data: Any = exchange_json(WHOLE[2])

    assert (data["id"], data["ended"], data["faults"]) == (3, "fault:no_done", ["no_done"])
    assert data["request"]["messages"][3] == {
        "role": "tool",
        "content": "21",
        "tool_call_id": "call_aaa",
        "is_error": False,
    }
    assert data["reply"]["text"] == "Mild in both."


def test_an_error_keeps_its_near_misses_as_data() -> None:
    error = ApiError(422, "Nothing.", code="unscripted_request", extra={"near_misses": [{"what": "turn 1"}]})

    data: Any = exchange_json(exchange([QUESTION], error))
    assert data["reply"]["error"]["near_misses"] == [{"what": "turn 1"}]


def full() -> Journal:
    small = Journal(entries=2)
    for made in (exchange([QUESTION]), exchange([QUESTION]), exchange([QUESTION])):
        small.add(made)
    return small


def test_the_oldest_exchange_makes_room() -> None:
    assert (len(full()), full().dropped) == (2, 1)
    assert str(full()).startswith("(1 earlier exchanges were dropped for space)\n")


def test_bytes_are_bounded_too() -> None:
    small = Journal(size=100)
    for _ in range(3):
        small.add(exchange([QUESTION], size=60))

    assert (len(small), small.dropped) == (1, 2)


def test_a_journal_that_dropped_something_refuses_to_count() -> None:
    assert WHOLE.count() == 4
    assert WHOLE.count(lambda request: request.user_text.startswith("How")) == 3
    with pytest.raises(Truncated, match=r"^The journal dropped 1 of 3 exchanges .* \(now 2 exchanges and 64 MiB\)\.$"):
        full().count()


def test_a_cleared_journal_counts_again() -> None:
    cleared = full()
    cleared.clear()

    assert cleared.count() == 0


def test_thinking_stands_before_what_is_said() -> None:
    thought = exchange([QUESTION], Reply("Mild.", thinking="It is May."))

    assert str(journal(thought)).endswith("  thinking   It is May.\n  model      Mild.")
    data: Any = exchange_json(thought)
    assert data["reply"]["thinking"] == "It is May."


def test_a_refusal_is_no_reply() -> None:
    refusal = exchange([QUESTION], Reply(refusal="I must not."))

    assert str(journal(refusal)).endswith("  model      I must not.")


def test_secrets_are_not_shown() -> None:
    key = "sk-proj-abcdefghijklmnopqrstuvwxyz012345"
    told = [Message("user", f"My key is {key}."), asked(ToolCall("login", f'{{"key": "{key}"}}', "call_aaa"))]

    assert key not in str(journal(exchange([*told, result("call_aaa", key)], Reply(f"It is {key}."))))
