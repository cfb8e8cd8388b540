"""The round trips: what the wire writes, plain or streamed, is heard as the reply that was meant."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mockserver.chat import Reply
from mockserver.steps import Send, Step
from mockserver.wire.chat_completions.client import hear, hear_stream
from mockserver.wire.chat_completions.completion import complete
from mockserver.wire.chat_completions.render import render
from mockserver.wire.identity import Identity
from tests.replies import cuts, heard, question, replies, texts

IDENTITY = Identity("0", b"request", "session", 1)


def sent(steps: list[Step]) -> bytes:
    return b"".join(step.data for step in steps if isinstance(step, Send))


@given(replies)
def test_a_plain_reply_is_heard_as_it_was_written(reply: Reply) -> None:
    asked = heard(question())

    assert hear(sent(render([reply], asked, IDENTITY, {}))) == [complete(reply, asked, IDENTITY)]


@given(replies)
def test_a_streamed_reply_is_heard_as_it_was_written(reply: Reply) -> None:
    asked = heard(replace(question(stream=True), options={"stream_options": {"include_usage": True}}))

    assert hear_stream(sent(render([reply], asked, IDENTITY, {}))) == [complete(reply, asked, IDENTITY)]


@given(st.lists(replies, min_size=1, max_size=4), st.booleans())
def test_several_choices_are_heard_as_they_were_written(choices: list[Reply], stream: bool) -> None:
    asked = heard(question(stream=stream))

    said = (hear_stream if stream else hear)(sent(render(choices, asked, IDENTITY, {})))

    sealed = [complete(reply, asked, IDENTITY, index) for index, reply in enumerate(choices)]
    assert [replace(reply, usage=None) for reply in said] == [replace(reply, usage=None) for reply in sealed]


@given(replies, cuts)
def test_how_a_stream_is_cut_does_not_change_what_is_said(reply: Reply, cut: str | int | None) -> None:
    asked = heard(question(stream=True))

    cut_so = hear_stream(sent(render([replace(reply, stream=cut)], asked, IDENTITY, {})))

    assert cut_so == hear_stream(sent(render([reply], asked, IDENTITY, {})))


@given(replies, texts, st.integers(1, 3))
def test_the_same_request_and_attempt_give_the_same_bytes(reply: Reply, seed: str, attempt: int) -> None:
    def written() -> list[Step]:
        return render([reply], heard(question()), Identity(seed, b"request", "session", attempt), {})

    assert written() == written()


@given(replies)
def test_another_attempt_says_the_same_under_other_ids(reply: Reply) -> None:
    asked = heard(question())
    first, second = (complete(reply, asked, Identity("0", b"request", "session", n)) for n in (1, 2))

    assert [call.arguments for call in first.calls] == [call.arguments for call in second.calls]
    assert not {call.id for call in first.calls} & {call.id for call in second.calls}


@given(st.integers(1, 200))
def test_every_call_of_an_answer_has_an_id_of_its_own(count: int) -> None:
    assert len(set(IDENTITY.call_ids(count)) | set(IDENTITY.call_ids(count, choice=1))) == 2 * count
