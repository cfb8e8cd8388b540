"""Scenario coverage: what no test played is listed, and may fail the run."""

import pytest

from tests.test_pytest_plugin.project import run

pytest_plugins = ["pytester"]

THREE = """
scenario: three
turns:
  - when: {user_says: Oslo}
    text: Warm.
  - text: Thank you.
rules:
  - when: {user_says: Rome}
    text: Hot.
  - when: {user_says: Paris}
    error: {status: 429}
"""
TESTS = """
@pytest.mark.scenario("three.yaml")
def test_oslo(mock_llm):
    agent("Oslo")
    mock_llm.allow("unplayed")

@pytest.mark.scenario("three.yaml")
def test_rome(mock_llm):
    agent("Rome")
    mock_llm.allow("unplayed")
"""


def test_turns_and_rules_that_no_test_played_are_listed(pytester: pytest.Pytester) -> None:
    pytester.makefile(".yaml", three=THREE)

    ran = run(pytester, TESTS, "--scenario-coverage")

    ran.assert_outcomes(passed=2)
    ran.stdout.fnmatch_lines(
        [
            "*= scenario coverage =*",
            "three.yaml: 2 of 4 turns and rules played",
            "  never played: three.yaml:5 turn2: 'Thank you.'",
            "  never played: three.yaml:9 rule2: the error HTTP 429",
        ]
    )


@pytest.mark.parametrize(("wanted", "code"), [("50", 0), ("51%", 1)])
def test_a_run_that_played_less_than_wanted_fails(wanted: str, code: int, pytester: pytest.Pytester) -> None:
    pytester.makefile(".yaml", three=THREE)

    ran = run(pytester, TESTS, f"--scenario-coverage={wanted}")

    assert ran.ret == code
    ran.stdout.fnmatch_lines(f"50 % played, {wanted.removesuffix('%')} % wanted")


def test_a_run_without_scenarios_says_so(pytester: pytest.Pytester) -> None:
    ran = run(pytester, "def test_it(): pass", "--scenario-coverage")

    ran.stdout.fnmatch_lines("no test used a scenario file")


def test_what_is_no_percentage_is_told(pytester: pytest.Pytester) -> None:
    ran = run(pytester, TESTS, "--scenario-coverage=much")

    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines("*'much' is not a percentage: write --scenario-coverage=80, or the paths first")
