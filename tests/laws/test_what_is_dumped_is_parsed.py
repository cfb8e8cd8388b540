"""A law: a scenario that is written down reads back as it was, whatever it holds."""

import json
from dataclasses import fields
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.chat import ApiError, Reply, Timing, Tool, ToolCall, call
from mockserver.chat.provider_names import PROVIDER_NAMES
from mockserver.faults import PROFILES, specs_of
from mockserver.scenario import Rule, Scenario, Turn, When, dump, literal, parse
from mockserver.scenario.file.loader import examine
from mockserver.scenario.file.tree import Report
from mockserver.scenario.file.yaml_writer import as_yaml
from mockserver.scenario.placeholders import fill_text

AWKWARD = " \n\t\r#:-?{}[],&*!|>'\"%@`~\\/.ab01é\xa0\x85\u2028\u200d\ufeff\x07😀<="
WORDS = ("true", "null", "~", "NO", "12:30", "1e5", "- a", "a: b", "a #b", "<<", "...", "---", "2026-11-22", "\n\n")
texts = st.text(AWKWARD, max_size=20) | st.sampled_from(WORDS)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)


def data(texts: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    words = st.none() | st.booleans() | numbers | texts
    parts = st.recursive(words, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
    return st.dictionaries(texts, parts, max_size=3)


# A text that happens to be {city} would be a placeholder, and an unknown one.
words = texts.map(literal)
conditions: st.SearchStrategy[Any] = st.recursive(
    texts | st.fixed_dictionaries({"matches": st.sampled_from([r"to (?P<city>\w+)", "^a|b$", '"'])}),
    lambda inner: st.fixed_dictionaries(
        {"equals": texts}, optional={"contains": texts, "matches": st.just("(?i)x"), "not": inner}
    ),
    max_leaves=3,
)
bounds = st.dictionaries(
    st.sampled_from(["below", "above", "at_least", "at_most"]), st.integers(-9, 9) | st.floats(-9, 9), min_size=1
)
plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
has = st.dictionaries(
    st.sampled_from(["a", "a.b", "a.0", '"full name".b', "below", "has"]),
    plain | st.lists(plain, max_size=2) | bounds | conditions.map(lambda found: {"not": found}),
    min_size=1,
    max_size=3,
)
conditions = conditions | has.map(lambda found: {"has": found})
named = st.dictionaries(texts.map(str.lower), conditions, max_size=2)
tools_called = st.dictionaries(texts, st.dictionaries(texts, plain, max_size=2), min_size=1, max_size=2)
every_when = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(("user_says", "system_says", "assistant_said"), conditions),
            "tool_results": st.integers(0, 9) | named | bounds | st.lists(texts, min_size=1, max_size=2),
            "called": texts | tools_called,
            "tools": st.lists(texts, max_size=2),
            "model": texts,
            "tool_choice": texts,
            "stream": st.booleans(),
            "turn": st.integers(1, 9) | bounds,
            "header": named,
        },
    ),
    lambda inner: st.fixed_dictionaries({}, optional={"any": st.lists(inner, min_size=1, max_size=2), "not": inner}),
    max_leaves=4,
).map(lambda found: When.of(**found))


@st.composite
def condition(draw: st.DrawFn) -> When:
    """A condition; as a function, since Hypothesis warns of strategies whose text is very long."""
    return draw(every_when)


whens = condition()

names = st.text("abc_-", min_size=1, max_size=9)
some = st.none() | names
FAULTS = ("unknown_param", "unknown_param:rate=0.5", "unknown_param:tool=f; unknown_param:turn=2")
RAW = ('{"a":1,"b":[1,2]}', '{"a": 1}', '{"a" :1}', "{}", '{"a":1,"a":2}', "[1]", "null")
calls = st.one_of(
    st.builds(
        lambda given, **marks: call("f", given, **marks),
        data(words),
        fault=st.sampled_from([None, "as_written", *FAULTS]),
        id=some,
    ),
    st.builds(lambda text: call("f", arguments=text), texts),
    st.builds(ToolCall, names, st.sampled_from(RAW)),
    st.builds(lambda text: ToolCall("f", text, kind="custom"), words),
)
seconds = st.sampled_from([0.0, 0.2, 1.5, 60.0]) | st.floats(0, 86_400)
timings = st.none() | st.builds(Timing, seconds, seconds, st.floats(0, 1))
usages = st.none() | st.dictionaries(st.sampled_from(["prompt_tokens", "completion_tokens"]), st.integers(0, 9**9))
more = {
    "finish_reason": st.sampled_from([None, "stop", "length", "content_filter"]),
    "usage": usages,
    "stream": st.sampled_from([None, "word", "character", "whole", 7]),
    "timing": timings,
}
replies = st.one_of(
    st.builds(Reply, words, st.lists(calls, max_size=3), **more),
    st.builds(Reply, st.none(), st.lists(calls, min_size=1, max_size=3), **more),
    st.builds(Reply, refusal=words, **more),
    st.builds(Reply, words, thinking=words, **more),
)
header_values = st.sampled_from(["0", "1", "1.5", "20", "1e3", "soon", "-1", ""]) | texts.filter(
    lambda text: not set("\r\n\0") & set(text)
)
errors = st.builds(
    ApiError,
    st.sampled_from([400, 401, 404, 418, 429, 500, 503, 599]),
    texts,
    texts.filter(bool),
    param=st.none() | texts,
    code=st.none() | texts | st.sampled_from(["rate_limit_exceeded", "insufficient_quota"]),
    extra=data(texts),
    headers=st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms", "x-a"]), header_values),
)
faults = st.none() | st.sampled_from(FAULTS)
plain_turns = st.builds(
    Turn, replies | errors, st.none() | whens, times=st.integers(1, 3), name=st.none() | texts, fault=faults
)
alternatives = st.builds(Turn, replies, whens, name=st.none() | texts, fault=faults)
last = st.builds(Turn, replies, st.none() | whens, name=st.none() | texts, fault=faults)
branching = st.builds(
    lambda before, last, **more: Turn.either_of(*before, last, **more),
    st.lists(alternatives, max_size=2),
    last,
    when=st.none() | whens,
    times=st.integers(1, 3),
    name=st.none() | texts,
)


@st.composite
def turn(draw: st.DrawFn) -> Turn:
    return draw(plain_turns | branching)


turns = turn()
rules = st.builds(
    Rule, replies | errors, whens, times=st.none() | st.integers(1, 3), name=st.none() | texts, fault=faults
)
grammars = st.fixed_dictionaries({"syntax": st.sampled_from(["lark", "regex"]), "definition": texts})
tools = st.one_of(
    st.builds(Tool, names, texts, st.none() | data(texts), st.booleans()),
    st.builds(Tool, names, texts, kind=st.just("custom"), format=st.none() | grammars),
)
parts = st.tuples(st.lists(turns, max_size=3), st.lists(rules, max_size=3)).filter(any)


def made(parts: Any, **more: Any) -> Scenario:
    return Scenario(turns=tuple(parts[0]), rules=tuple(parts[1]), **more)


scenarios = st.builds(
    made,
    parts,
    name=texts.filter(bool),
    about=texts,
    model=st.none() | texts,
    seed=st.none() | texts | st.integers(),
    order=st.sampled_from(["conversation", "arrival"]),
    tools=st.lists(tools, max_size=2, unique_by=lambda tool: tool.name).map(tuple),
    faults=faults.map(lambda written: specs_of(written or ())),
    profile=st.none() | st.sampled_from(sorted(PROFILES)),
    provider=st.none() | st.sampled_from(PROVIDER_NAMES),
)


def everything(value: Any) -> Any:
    """A value with its fields, those too that make no difference when values are compared."""
    if isinstance(value, list | tuple):
        return [everything(entry) for entry in value]
    if hasattr(value, "__dataclass_fields__"):
        names = [field.name for field in fields(value) if field.name not in ("place", "verbatim")]
        return {name: everything(getattr(value, name)) for name in names}
    return value


@settings(max_examples=150)
@given(scenarios)
def test_what_is_dumped_is_parsed(scenario: Scenario) -> None:
    text = dump(scenario)

    again = parse(text)

    assert again == scenario, text
    assert everything(again) == everything(scenario), text
    assert dump(again) == text


@settings(max_examples=500)
@given(data(st.text() | texts | st.just("\ud800")))
def test_plain_data_reads_back_as_it_was(data: dict[str, Any]) -> None:
    text = as_yaml({"data": data})

    tree = examine(text, Report("a.yaml"))

    assert tree is not None, text
    assert json.dumps(tree.plain()) == json.dumps({"data": data}), text


@given(texts)
def test_a_literal_text_says_what_it_is(text: str) -> None:
    assert fill_text(literal(text), lambda path: f"no value for {path}") == text
