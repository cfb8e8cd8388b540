"""Texts grown from patterns, judged by strangers: RE2, and the JSON Schema validator's own engine."""

from pathlib import Path
from random import Random

import jsonschema_rs
import pytest
import re2

import mockserver
from mockserver.simulate.bounds import TooMuch
from mockserver.simulate.pattern import text_matching

PATTERNS = (Path(__file__).parent / "patterns.txt").read_text(encoding="utf-8").splitlines()
SEEDS = range(20)


def judges(pattern: str) -> list[object]:
    """What says whether a text matches, of each engine that reads the pattern."""
    found: list[object] = [jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid]
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except re2.error:
        return found
    return [*found, lambda text: compiled.search(text) is not None]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_text_for_a_pattern_matches_it(pattern: str) -> None:
    for judge in judges(pattern):
        assert callable(judge)
        assert all(judge(text_matching(pattern, Random(seed))) for seed in SEEDS)


@pytest.mark.parametrize(
    ("pattern", "shortest", "longest"),
    [
        ("^[a-z]+$", 500, 500),
        ("^(ab|cde)+$", 17, 18),
        ("[0-9]", 40, 40),
        ("^(\\d{4}-)*$", 20, 20),
        ("^a?b*c{2,9}$", 7, 7),
    ],
)
def test_a_text_is_as_long_as_asked(pattern: str, shortest: int, longest: int) -> None:
    texts = [text_matching(pattern, Random(seed), shortest, longest) or "" for seed in SEEDS]

    assert all(shortest <= len(text) <= longest for text in texts)
    assert all(re2.search(pattern, text) for text in texts)


@pytest.mark.parametrize(
    "pattern", ["([a-z", "a)", "[z-a]", "*a", "a**", "\\p{Nowhere}", "a{3,2}", "(?x) a", "\\", "(" * 99]
)
def test_a_pattern_that_cannot_be_read_gives_nothing(pattern: str) -> None:
    assert text_matching(pattern, Random(1)) is None


@pytest.mark.parametrize("pattern", ["^((a{900}){900}){900}$", "a{1000000000}", "(ab){99999999999999999999}"])
def test_a_pattern_that_asks_for_too_long_a_text_is_refused_at_once(pattern: str) -> None:
    with pytest.raises(TooMuch, match="`pattern`: it asks for at least"):
        text_matching(pattern, Random(1))


@pytest.mark.parametrize("pattern", ["^(a?){1000000000}$", "^(){1000000000}$", "^((x*)*)*$", "^(a|){999999999}b$"])
def test_what_may_be_empty_costs_nothing_however_often_it_is_counted(pattern: str) -> None:
    assert len(text_matching(pattern, Random(1)) or "") < 100


def test_no_private_module_of_the_standard_library_is_imported() -> None:
    sources = Path(mockserver.__file__).parent.rglob("*.py")

    assert [file for file in sources if "import re._" in file.read_text(encoding="utf-8")] == []
