"""A law: among many rules the very rule answers that asking one after the other would find."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.chat import ChatRequest, Message, Reply, ToolCall
from mockserver.scenario import Match, MatchView, Play, Rule, Scenario, When
from mockserver.scenario.index import FEW, Index, wants_of

LETTERS = "aAßsSK\u212a"
SPEAKERS = ("user_says", "system_says", "assistant_said")
texts = st.text(LETTERS, min_size=1, max_size=3)
patterns = st.one_of(
    texts,
    texts.map(lambda text: f"(?i){text}"),
    st.sampled_from(["a|S", "^a.*s$", "s+", "(?i)[sk]{2}", "", ".", r"\bAs", "aA?s", "(?s)a.s", "(?P<x>ss)k"]),
)
conditions = st.one_of(
    texts,
    st.builds(lambda key, text: {key: text}, st.sampled_from(["equals", "contains"]), texts),
    st.builds(lambda pattern: {"matches": pattern}, patterns),
    st.builds(lambda text, other: {"contains": text, "not": other}, texts, texts),
)
whens = st.recursive(
    st.dictionaries(st.sampled_from(SPEAKERS), conditions, min_size=1, max_size=2),
    lambda inner: st.fixed_dictionaries({}, optional={"any": st.lists(inner, min_size=1, max_size=3), "not": inner}),
    max_leaves=3,
)
spoken = st.text(LETTERS + ".", max_size=8)
plain = st.sampled_from([1, 1.0, True, None, "1", [1], "a"])
value_conditions = st.dictionaries(st.sampled_from(["k", "l.0", "l"]), plain | st.just({"above": 0}), min_size=1)
names = st.sampled_from(["f", "g"])
results = st.one_of(
    st.lists(st.sampled_from(["f", "g", "my-f"]), min_size=1, max_size=2, unique=True),
    st.dictionaries(
        st.sampled_from(["f", "g"]), conditions | value_conditions.map(lambda has: {"has": has}), max_size=2
    ),
    st.integers(0, 2),
    st.just({"at_least": 1}),
)
called = st.sampled_from(["f", "g"]) | st.dictionaries(
    st.sampled_from(["f", "g"]), st.dictionaries(st.sampled_from(["a", "b"]), plain, max_size=2), min_size=1
)
whens = st.one_of(whens, st.fixed_dictionaries({}, optional={"tool_results": results, "called": called}))
values = st.fixed_dictionaries({}, optional={"k": plain, "l": st.lists(plain, max_size=2)})
calls = st.builds(
    lambda name, values: ToolCall(name, json.dumps(values), "c"),
    st.sampled_from(["f", "g", "my-f", "x__g"]),
    st.dictionaries(st.sampled_from(["a", "b"]), plain),
)


def request(messages: tuple[Message, ...], call: ToolCall | None, content: str) -> ChatRequest:
    made = (Message("assistant", None, (call,)), Message("tool", content, tool_call_id="c")) if call else ()
    return ChatRequest("m", (*messages, *made))


requests = st.builds(
    request,
    st.tuples(*(st.builds(Message, st.just(role), spoken) for role in ("system", "assistant", "user"))),
    st.none() | calls,
    spoken | values.map(json.dumps),
)


@settings(max_examples=200)
@given(st.lists(whens, min_size=1, max_size=12), st.lists(requests, min_size=1, max_size=5))
def test_an_index_loses_no_rule(written: list[dict[str, Any]], asked: list[ChatRequest]) -> None:
    conditions = [When.of(**when) for when in written]
    index = Index([*conditions, *[When.of(user_says=f"nobody says {number}") for number in range(FEW)]])

    for request in map(MatchView, asked):
        holding = {number for number, condition in enumerate(conditions) if condition.holds(request)}
        assert holding <= set(index.candidates(request))


def test_of_many_rules_only_those_are_asked_whose_texts_are_seen() -> None:
    wanted = [{"contains": "order 7"}, {"equals": "order 8"}, {"matches": r"order (?P<number>9\d)"}]
    rules = [Rule(Reply(str(number)), When.of(user_says=f"thing {number}!")) for number in range(500)]
    rules += [Rule(Reply("found"), When.of(user_says=each)) for each in wanted]
    index = Index([rule.when for rule in rules])

    asked = [MatchView(ChatRequest("m", (Message("user", text),))) for text in ("My order 7?", "order 8", "order 93")]

    assert [[*index.candidates(each)] for each in asked] == [[500], [501], [502]]
    for each in asked:
        found = Play(Scenario("s", rules=tuple(rules))).answer(each)
        assert isinstance(found, Match)
        assert found.say == Reply("found")


def test_a_rule_that_needs_no_text_is_always_asked() -> None:
    assert wants_of(When.of(turn=2)) is None
    assert wants_of(When.of(user_says={"not": "a"})) is None
    assert wants_of(When.of(any=[{"user_says": "a"}, {"turn": 2}])) is None
    assert len(wants_of(When.of(any=[{"user_says": "a"}, {"system_says": "b"}])) or ()) == 2


def test_of_many_rules_only_those_are_asked_whose_values_and_calls_are_there() -> None:
    whens = [
        *(When.of(tool_results={"f": {"has": {"id": number, "open": True}}}) for number in range(100)),
        *(When.of(tool_results=[f"f{number}"]) for number in range(100)),
        *(When.of(called={"f": {"id": number}}) for number in range(100)),
        *(When.of(called=f"f{number}") for number in range(100)),
    ]

    call = ToolCall("f7", '{"id": 8}', "c")
    result = Message("tool", '{"id": 9}', tool_call_id="c")
    view = MatchView(ChatRequest("m", (Message("user", "a"), Message("assistant", None, (call,)), result)))

    assert Index(whens).candidates(view) == [9, 107, 208, 307]
