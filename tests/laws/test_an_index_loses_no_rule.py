"""A law: among many rules the very rule answers that asking one after the other would find."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.chat import ChatRequest, Message, Reply
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
requests = st.tuples(*(st.builds(Message, st.just(role), spoken) for role in ("system", "assistant", "user"))).map(
    lambda messages: ChatRequest("m", messages)
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
