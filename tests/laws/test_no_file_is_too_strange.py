"""A law: whatever a scenario file holds, reading it ends in a scenario or in mistakes that are told."""

import copy
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.scenario import Scenario, ScenarioError, ScenarioErrors, library, load, parse
from mockserver.scenario.check import check
from mockserver.scenario.file.serialise import data_of
from mockserver.scenario.file.yaml_writer import as_yaml
from tests.stories.test_documentation import code
from tests.test_scenario.reference import PAGE

GOOD = [data_of(load(path)) for path in library().values()] + [data_of(parse(text)) for text in code(PAGE, "yaml")]
STRANGE: list[Any] = [
    None, True, 0, -1, 1.5, 10**30, "", "a", "{user}", "{x}", "{result.f.9}", "as_written", "stall:seconds=x", "(?=a)",
    [], ["a"], [[]], {}, {"a": 1}, {"equals": "a", "contains": "b"}, {"matches": "("}, [{}], [None], {"name": "stall"},
]  # fmt: skip


SIGNS = [*"{}[]:,-#\"'|>&*!%@`\n\t \\?~\x00é", "\n  ", ": ", "- ", ""]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every value within it, by what holds it and where."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, entry in entries for found in [(value, key), *places(entry)]]


def spoilt(good: Any, chance: Random) -> Any:
    """The same with one to three values replaced, taken away, or put elsewhere."""
    data = copy.deepcopy(good)
    for _ in range(chance.randint(1, 3)):
        if not (found := places(data)):
            break
        holder, key = chance.choice(found)
        match chance.randint(0, 2):
            case 0:
                holder[key] = copy.deepcopy(chance.choice(STRANGE))
            case 1:
                del holder[key]
            case _:
                other, name = chance.choice(found)
                holder[key] = copy.deepcopy(other[name]) if other is holder or name in other else None
    return data


def mistakes(reading: Callable[[], Scenario]) -> set[ScenarioError]:
    try:
        reading()
    except ScenarioErrors as told:
        return set(told.errors)
    return set()


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.integers(0, len(GOOD) - 1), st.integers())
def test_no_file_is_too_strange(tmp_path: Path, which: int, seed: int) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(as_yaml(spoilt(GOOD[which], Random(seed))), encoding="utf-8")

    problems = check(file)

    assert mistakes(lambda: load(file)) <= set(problems)


@settings(max_examples=200)
@given(st.integers(0, len(GOOD) - 1), st.integers())
def test_no_text_is_too_strange(which: int, seed: int) -> None:
    text, chance = as_yaml(GOOD[which]), Random(seed)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(SIGNS) + text[at + 1 :]

    told = mistakes(lambda: parse(text))

    assert all(problem.line >= 1 and problem.column >= 1 and problem.message for problem in told)
