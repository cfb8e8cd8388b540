"""How tokens are counted: by an estimate, or exactly where the extra is installed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.wire.tokens import Counter, Estimate, Exact, counter

texts = st.text(max_size=80)


@pytest.fixture
def exact() -> Exact:
    pytest.importorskip("splintr", reason="needs the extra [tokens]")
    return Exact("o200k_base")


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("word", 1), ("words", 2), ("äöü", 2)])
def test_the_estimate_takes_four_bytes_for_a_token(text: str, tokens: int) -> None:
    assert Estimate().count(text) == tokens


@given(texts, st.integers(0, 30))
def test_the_beginning_of_a_text_has_no_more_tokens_than_wanted(text: str, most: int) -> None:
    begun = Estimate().first(text, most)

    assert text.startswith(begun) or "\ud800" <= max(text, default="") <= "\udfff"
    assert Estimate().count(begun) <= most


@pytest.mark.parametrize(("text", "tokens"), [("Hello, world!", 4), ("<|endoftext|>", 7), ("", 0)])
def test_the_extra_counts_as_the_model_does(exact: Counter, text: str, tokens: int) -> None:
    assert exact.count(text) == tokens


def test_the_extra_cuts_between_tokens_and_never_within_a_character(exact: Counter) -> None:
    assert exact.first("Hello, world!", 2) == "Hello,"
    assert "\ufffd" not in exact.first("🎉🎉🎉", 1)


def test_each_family_of_models_has_its_own_vocabulary(exact: Counter) -> None:
    text = "Größenverhältnisse überprüfen"

    assert counter("gpt-4").count(text) != counter("gpt-4o").count(text)
