"""Which exchange goes on from which."""

import pytest

from mockserver.chat import ApiError, Message, Reply
from mockserver.journal import Exchange
from tests.test_journal.exchanges import CALLS, MILD, OSLO, PARIS, QUESTION, asked, exchange, journal, result, unlike

FIRST = exchange([QUESTION], CALLS)
RESULTS = [result("call_aaa"), result("call_bbb")]
THANKS = Message("user", "Thanks.")


def links(*exchanges: Exchange) -> list[tuple[int, str] | None]:
    return [seen.link and (seen.link.earlier, seen.link.how) for seen in journal(*exchanges).conversations]


def test_a_request_that_holds_the_reply_goes_on_from_it() -> None:
    second = exchange([QUESTION, asked(OSLO, PARIS), *RESULTS])

    assert links(FIRST, second) == [None, (1, "answered")]


def test_a_client_that_gives_ids_of_its_own_goes_on_all_the_same() -> None:
    own = asked(unlike(OSLO, "x1"), unlike(PARIS, "x2"))

    assert links(FIRST, exchange([QUESTION, own, result("x1"), result("x2")])) == [None, (1, "answered")]


def test_a_shortened_history_is_known_by_the_ids_in_it() -> None:
    assert links(FIRST, exchange([THANKS, asked(OSLO, PARIS), *RESULTS])) == [None, (1, "answered")]


def test_a_shortened_history_without_ids_is_known_by_what_was_said() -> None:
    second = exchange([Message("system", "Be brief."), Message("assistant", "Mild in both."), THANKS])

    assert links(exchange([QUESTION], MILD), second) == [None, (1, "answered")]


def test_the_same_request_again_is_an_attempt() -> None:
    limited = exchange([QUESTION], ApiError(429, "Slow down."))
    shown = journal(limited, limited, FIRST).conversations

    assert links(limited, limited, FIRST) == [None, (1, "again"), (2, "again")]
    assert [seen.exchange.id for seen in shown.attempts(shown.entries[0])] == [1, 2, 3]


def test_the_same_question_to_another_model_is_no_attempt() -> None:
    assert links(FIRST, exchange([QUESTION], CALLS, model="o3")) == [None, None]


def test_a_conversation_that_leaves_the_reply_out_is_seen() -> None:
    assert links(FIRST, exchange([QUESTION, THANKS])) == [None, (1, "without")]


def test_a_late_reply_may_be_left_out_too() -> None:
    answered = [QUESTION, asked(OSLO, PARIS), *RESULTS]

    assert links(FIRST, exchange(answered), exchange([*answered, THANKS]))[2] == (2, "without")


def test_two_equal_conversations_side_by_side_are_told_apart_by_their_ids() -> None:
    other = exchange([QUESTION], Reply(calls=(unlike(OSLO, "call_ccc"),)))
    second = exchange([QUESTION, asked(unlike(OSLO, "call_ccc")), result("call_ccc")])
    third = exchange([QUESTION, asked(OSLO, PARIS), *RESULTS])

    assert links(FIRST, other, second, third)[2:] == [(2, "answered"), (1, "answered")]


def test_without_ids_two_equal_conversations_are_gone_on_with_in_order() -> None:
    second = exchange([QUESTION, asked(unlike(OSLO, "x")), result("x", "9")])
    third = exchange([QUESTION, asked(unlike(OSLO, "y")), result("y", "8")])

    assert links(FIRST, FIRST, second, third)[2:] == [(1, "answered"), (2, "answered")]


def test_sessions_have_nothing_to_do_with_each_other() -> None:
    assert links(FIRST, exchange([QUESTION, asked(OSLO, PARIS), *RESULTS], session="other")) == [None, None]


@pytest.mark.parametrize("length", [400])
def test_a_long_conversation_is_understood_as_a_whole(length: int) -> None:
    messages, exchanges = [QUESTION], []
    for number in range(length):
        made = unlike(OSLO, f"call_{number}")
        exchanges.append(exchange(messages, Reply(calls=(made,))))
        messages += [asked(made), result(f"call_{number}")]

    calls = journal(*exchanges).calls

    assert [call.answered_in for call in calls] == [*range(2, length + 1), None]


def test_messages_with_images_are_known_again() -> None:
    picture = Message("user", "What is this?", parts=({"type": "image_url", "image_url": {"url": "data:,"}},))

    assert links(exchange([picture]), exchange([picture])) == [None, (1, "again")]
