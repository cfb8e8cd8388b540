"""A recording that is written down reads back as it was: what was heard, what was said, and how it was sent."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.chat import ApiError, ChatRequest, Message, Reply, Thinking, Tool, ToolCall, ToolChoice
from mockserver.chat.recorded_wire import Chunk, Sent
from mockserver.scenario import Recording, Scenario, Turn, answered, dump, parse

texts = st.text(max_size=20) | st.sampled_from(["{user}", "a: b", "", "- x\n  y\n", "true", "12:30", "{{result.x}}"])
names = st.text("abc_-", min_size=1, max_size=6)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
objects = st.dictionaries(names, plain, max_size=2)
arguments = st.sampled_from(['{"a":1}', '{"a": "{user}"}', "{}", "", "{broken", '{"a":1,"a":2}']) | texts
ids = st.none() | names
calls = st.builds(ToolCall, names, arguments, ids)
tools = st.lists(st.builds(Tool, names, texts, st.none() | objects), max_size=3, unique_by=lambda tool: tool.name)
parts = st.lists(st.fixed_dictionaries({"type": st.just("image_url"), "image_url": objects}), min_size=2, max_size=3)
messages = st.one_of(
    st.builds(Message, st.sampled_from(["system", "developer"]), texts),
    st.builds(Message, st.just("user"), texts, name=st.none() | names),
    parts.map(lambda found: Message("user", "", parts=tuple(found))),
    st.builds(lambda text, call: Message("tool", text, tool_call_id=call), texts, names),
    st.builds(
        lambda text, made, no, thought: Message("assistant", text, tuple(made), refusal=no, thinking=thought),
        st.none() | texts,
        st.lists(calls, max_size=2),
        st.none() | texts,
        st.none() | st.builds(Thinking, texts, st.none() | texts),
    ),
)
choices = st.sampled_from(
    [
        ToolChoice(),
        ToolChoice("none"),
        ToolChoice("required"),
        ToolChoice("required", ("f",), named=True),
        ToolChoice("auto", ("f", "g")),
    ]
)
requests = st.builds(
    lambda model, said, offered, choice, parallel, options: ChatRequest(
        model, tuple(said), tuple(offered), choice, parallel, options=options
    ),
    names,
    st.lists(messages, min_size=1, max_size=3),
    tools,
    choices,
    st.booleans(),
    objects,
)
lengths = st.lists(st.integers(0, 99), max_size=2).map(tuple)
chunks = st.lists(
    st.builds(Chunk, st.sampled_from(["role", "text", "arguments 0", "done", "role call 0"]), lengths), max_size=60
)
sents = st.builds(
    Sent,
    objects,
    st.dictionaries(names, plain, max_size=2),
    st.none() | chunks.map(tuple),
    st.dictionaries(texts, texts, max_size=2),
    st.lists(st.integers(1, 9999), max_size=40).map(tuple),
    st.booleans(),
    st.none() | texts,
    st.sampled_from([200, 204, 302]),
    st.none() | texts.filter(lambda text: not set("\r\n\0") & set(text)),
)
replies = st.one_of(
    st.builds(Reply, texts, st.lists(calls, max_size=2), sent=sents, finish_reason=st.sampled_from([None, "stop"])),
    st.builds(Reply, refusal=texts, sent=sents),
    st.builds(Reply, texts, thinking=texts, sent=sents),
    sents.map(lambda sent: Reply(sent=sent)),
)
errors = st.builds(
    lambda status, message, sent: ApiError(status, message, sent=sent), st.sampled_from([400, 429, 503]), texts, sents
)
recordings = st.builds(Recording, texts, texts, st.booleans())


@st.composite
def recorded(draw: st.DrawFn) -> Scenario:
    """Conversations of a few turns, some of which go on from what was said in another."""
    turns: list[Turn] = []
    for number in range(draw(st.integers(1, 4))):
        heard = draw(requests)
        before = draw(st.none() | st.sampled_from(turns)) if turns else None
        if before is not None and (history := answered(before)):
            known: Any = before.heard
            same = draw(st.booleans())
            heard = replace(known if same else heard, messages=(*history, *heard.messages))
        turns.append(Turn(draw(replies | errors), name=f"turn {number}", heard=heard))
    return Scenario("recorded", tools=tuple(draw(tools)), turns=tuple(turns), recording=draw(recordings))


def gaps(scenario: Scenario) -> list[tuple[int, ...]]:
    says = [turn.say for turn in scenario.turns]
    return [say.sent.gaps for say in says if isinstance(say, Reply | ApiError) and say.sent is not None]


@settings(max_examples=80)
@given(recorded())
def test_a_recording_reads_back_as_it_was(scenario: Scenario) -> None:
    again = parse(dump(scenario))

    assert again == scenario
    assert gaps(again) == gaps(scenario)


@settings(max_examples=30)
@given(recorded())
def test_what_is_read_back_is_written_the_same(scenario: Scenario) -> None:
    text = dump(scenario)

    assert dump(parse(text)) == text
