"""How texts are cut for a stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.wire.streaming import cut


def test_text_is_cut_into_words_with_the_space_after_them() -> None:
    assert cut("Mild in New York.", None) == ["Mild ", "in ", "New ", "York."]


def test_arguments_are_cut_at_json_tokens() -> None:
    pieces = cut('{"city": "New York", "days": 3}', "word", arguments=True)

    assert pieces == ["{", '"city"', ": ", '"New York"', ", ", '"days"', ": ", "3", "}"]


@pytest.mark.parametrize(
    ("how", "pieces"), [("whole", ["abcde"]), ("character", list("abcde")), (2, ["ab", "cd", "e"])]
)
def test_other_cuts_are_chosen_by_name_or_number(how: str | int, pieces: list[str]) -> None:
    assert cut("abcde", how) == pieces


@given(st.text(), st.sampled_from([None, "character", "whole", 1, 7]), st.booleans())
def test_pieces_joined_are_the_text(text: str, how: str | int | None, arguments: bool) -> None:
    assert "".join(cut(text, how, arguments=arguments)) == text


@pytest.mark.parametrize("how", ["sentence", 0, -1])
def test_an_unknown_cut_is_an_error_that_names_the_known(how: str | int) -> None:
    with pytest.raises(ValueError, match="neither word, character, whole nor a number of characters"):
        cut("abc", how)
