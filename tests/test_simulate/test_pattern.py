"""Texts grown from patterns."""

import re
from random import Random

import pytest

from mockserver.simulate.pattern import text_matching


@pytest.mark.parametrize(
    "pattern",
    [
        "^[A-Z]{3}-\\d{4}$",
        "^(foo|bar)+$",
        "^a*b?c+$",
        "^[^0-9]{4}$",
        "^\\w+@\\w+\\.com$",
        "^(?<y>\\d{4})-\\d{2}$",
        "x|y",
    ],
)
def test_a_text_for_a_pattern_matches_it(pattern: str) -> None:
    spelled = re.compile(pattern.replace("(?<y>", "(?P<y>"))

    assert all(spelled.search(text_matching(pattern, Random(seed)) or "") for seed in range(20))


def test_an_unreadable_pattern_gives_nothing() -> None:
    assert text_matching("([a-z", Random(1)) is None
