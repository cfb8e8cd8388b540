"""The round trips: what the wire writes, plain or streamed, is heard as the reply that was meant."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mockserver.chat import Reply
from mockserver.steps import Send, Step
from mockserver.wire import Identity, hear, hear_stream, write
from tests.replies import cuts, question, replies, sealed, texts

IDENTITY = Identity("0", b"request", "session", 1)


def sent(steps: list[Step]) -> bytes:
    return b"".join(step.data for step in steps if isinstance(step, Send))


@given(replies)
def test_a_plain_reply_is_heard_as_it_was_written(reply: Reply) -> None:
    request = question()
    said = sealed(reply, request, IDENTITY)

    assert hear(sent(write([said], request, IDENTITY, {}))) == [said]


@given(replies)
def test_a_streamed_reply_is_heard_as_it_was_written(reply: Reply) -> None:
    request = replace(question(stream=True), options={"stream_options": {"include_usage": True}})
    said = sealed(reply, request, IDENTITY)

    assert hear_stream(sent(write([said], request, IDENTITY, {}))) == [said]


@given(st.lists(replies, min_size=1, max_size=4))
def test_several_choices_are_heard_as_they_were_written(choices: list[Reply]) -> None:
    request = question(stream=True)
    said = [sealed(reply, request, IDENTITY) for reply in choices]

    heard = hear_stream(sent(write(said, request, IDENTITY, {})))

    assert heard == [replace(reply, usage=None) for reply in said]


@given(replies, cuts)
def test_how_a_stream_is_cut_does_not_change_what_is_said(reply: Reply, cut: str | int | None) -> None:
    request = question(stream=True)
    said = sealed(reply, request, IDENTITY)

    assert hear_stream(sent(write([replace(said, stream=cut)], request, IDENTITY, {}))) == hear_stream(
        sent(write([said], request, IDENTITY, {}))
    )


@given(replies, texts, st.integers(1, 3))
def test_the_same_request_and_attempt_give_the_same_bytes(reply: Reply, seed: str, attempt: int) -> None:
    def written() -> list[Step]:
        identity = Identity(seed, b"request", "session", attempt)
        return write([sealed(reply, question(), identity)], question(), identity, {})

    assert written() == written()


@given(replies)
def test_another_attempt_says_the_same_under_other_ids(reply: Reply) -> None:
    first, second = (sealed(reply, question(), Identity("0", b"request", "session", n)) for n in (1, 2))

    assert [call.arguments for call in first.calls] == [call.arguments for call in second.calls]
    assert not {call.id for call in first.calls} & {call.id for call in second.calls}
