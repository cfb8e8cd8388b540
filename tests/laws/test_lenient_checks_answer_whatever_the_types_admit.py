"""Lenient checks: every request that the SDK's own parameter types admit is answered, sensible or not."""

import json
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Required, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat.completion_create_params import (
    CompletionCreateParamsNonStreaming,
    CompletionCreateParamsStreaming,
)
from typing_extensions import is_typeddict

from mockserver.chat import ApiError
from mockserver.engine import Engine, Settings
from mockserver.steps import Send
from mockserver.wire.chat_completions.client import hear, hear_stream
from mockserver.wire.chat_completions.parse import parse
from mockserver.wire.chat_completions.render import render

TEXT = st.text(max_size=12)
ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | TEXT
    | st.lists(TEXT, max_size=2)
    | st.dictionaries(TEXT, TEXT, max_size=2)
)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(-(2**53), 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    object: ANYTHING,
    Any: ANYTHING,
    type(None): st.none(),
}


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """JSON values of a type, as the SDK's parameters use types."""
    if kind in PLAIN:
        return PLAIN[kind]
    origin, inner = get_origin(kind), get_args(kind)
    if is_typeddict(kind):
        found = requests_of(kind)
    elif origin is Literal:
        found = st.sampled_from(inner)
    elif origin in (Union, UnionType):
        found = st.one_of([values_of(part) for part in inner])
    elif origin in (Required, Annotated):
        found = values_of(inner[0])
    elif origin is dict:
        found = st.dictionaries(TEXT, values_of(inner[1]), max_size=2)
    else:  # lists, under several names
        assert len(inner) == 1, kind
        found = st.lists(values_of(inner[0]), max_size=2)
    return found


@cache
def requests_of(kind: Any) -> st.SearchStrategy[Any]:
    """Objects of a TypedDict, with some of its optional keys."""
    hints = get_type_hints(kind, include_extras=True)
    parts = {key: values_of(hint) for key, hint in hints.items()}
    needed = {key: part for key, part in parts.items() if get_origin(hints[key]) is Required}
    return st.fixed_dictionaries(needed, optional={key: part for key, part in parts.items() if key not in needed})


@pytest.mark.parametrize("kind", [CompletionCreateParamsNonStreaming, CompletionCreateParamsStreaming])
@given(data=st.data())
async def test_whatever_the_types_admit_is_answered(kind: Any, data: st.DataObject) -> None:
    asked = {**data.draw(requests_of(kind)), "stream": kind is CompletionCreateParamsStreaming}

    heard = parse(json.dumps(asked).encode(), strict=False)
    engine = Engine(Settings(checks="lenient"))
    answer = await engine.answer(heard, "session", {}, engine.settings)

    assert not isinstance(answer.content, ApiError)
    sent = b"".join(step.data for step in render(answer.content, heard, answer.identity, {}) if isinstance(step, Send))
    said = (hear_stream if asked["stream"] else hear)(sent)
    assert len(said) == len(answer.content)
