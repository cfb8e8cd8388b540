"""The mark `faults`: one run of a test for each fault, and a table of what became of it."""

import json

import pytest

from mockserver.pytest_plugin.run_reports import report_text
from tests.test_pytest_plugin.project import run

pytest_plugins = ["pytester"]

# The agent tells the model of an unknown unit, and runs whatever else comes.
TESTS = """
import json

def careful(call):
    values = json.loads(call["function"]["arguments"])
    return "invalid unit" if values.get("unit") not in (None, "celsius") else "21"


@pytest.mark.faults({mark})
def test_agent(mock_llm):
    mock_llm.script(call("get_current_weather", location="Oslo", unit="celsius"), "Warm.")
    agent("How warm is it?", careful)
    {more}
"""


def under(mark: str, more: str = "pass") -> str:
    return TESTS.format(mark=mark, more=more)


def test_a_test_runs_under_each_fault_that_is_named(pytester: pytest.Pytester) -> None:
    told = under("'enum_violation', 'unknown_param'", "assert mock_llm.conduct[0].verdict == 'reported'")

    ran = run(pytester, told, "-vv")

    ran.assert_outcomes(passed=1, failed=1)
    ran.stdout.fnmatch_lines(
        [
            "test_application.py::test_agent[[]enum_violation[]] PASSED*",
            "test_application.py::test_agent[[]unknown_param[]] FAILED*",
            "*= faults: what the application did =*",
            "args_schema",
            "  enum_violation  reported the error back     1 passed",
            "  unknown_param   ran it as if it were right  1 failed: test_application.py::test_agent",
            "survived 1 of 2",
        ]
    )


def test_a_category_brings_those_that_fit_the_tools(pytester: pytest.Pytester) -> None:
    ran = run(pytester, under("'args_schema'"))

    counted = ran.parseoutcomes()
    assert counted["passed"] > 5
    assert counted["skipped"] > 5
    ran.stdout.fnmatch_lines(["  enum_violation *", "not applicable here: *array_as_string*", "survived *"])


def test_all_is_every_fault_that_can_be_produced(pytester: pytest.Pytester) -> None:
    ran = run(pytester, under("'all'").replace("test_agent(", "test_agent(mock_llm_fault, "), "--collect-only")

    assert ran.parseoutcomes()["tests"] > 100


def test_a_fault_has_its_parameters_and_its_time(pytester: pytest.Pytester) -> None:
    told = under("'http_status:status=503,retry_after=0,attempts=1'")
    told = told.replace('agent("How', 'pytest.raises(Refused, agent, "How')

    run(pytester, told).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ("'unknown_parm'", "*No fault is called 'unknown_parm'. Nearest: unknown_param*Categories: args_schema, *"),
        ("", '*@pytest.mark.faults is not written as it must be. Write @pytest.mark.faults("unknown_param", *'),
        ("names=['all']", "*@pytest.mark.faults is not written as it must be. Write *"),
    ],
)
def test_a_wrong_mark_fails_the_test_before_it_runs(mark: str, told: str, pytester: pytest.Pytester) -> None:
    ran = run(pytester, under(mark, "raise SystemExit"))

    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(told)


def test_a_named_fault_that_never_shows_fails_the_test(pytester: pytest.Pytester) -> None:
    ran = run(pytester, under("'items_violation'"))

    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines("the fault items_violation does not apply: no answer of this test could show it")


def test_a_test_that_fails_before_it_asks_keeps_its_failure(pytester: pytest.Pytester) -> None:
    tests = """
    @pytest.mark.faults("args_schema")
    def test_it(mock_llm):
        raise KeyError("its own")
    """

    assert set(run(pytester, tests).parseoutcomes()) == {"failed"}


def test_marks_add_up_and_each_fault_runs_once(pytester: pytest.Pytester) -> None:
    tests = """
    @pytest.mark.faults("unknown_param")
    class TestBoth:
        @pytest.mark.faults("enum_violation", "unknown_param")
        def test_it(self, mock_llm):
            mock_llm.script(call("get_current_weather", location="Oslo", unit="celsius"), "Warm.")
            agent("How warm is it?")
    """

    run(pytester, tests).assert_outcomes(passed=2)


def test_the_table_is_written_as_json(pytester: pytest.Pytester) -> None:
    ran = run(pytester, under("'enum_violation', 'unknown_param'"), "--fault-report", "faults.json")

    ran.stdout.fnmatch_lines("written to faults.json")
    report = json.loads((pytester.path / "faults.json").read_text(encoding="utf-8"))
    assert report["summary"] == {"passed": 2, "failed": 0, "not_applicable": 0}
    assert report["faults"][0] == {
        "test": "test_application.py::test_agent",
        "fault": "enum_violation",
        "category": "args_schema",
        "verdict": "reported",
        "said": "reported the error back",
        "evidence": "exchange 2: call_1 → 'invalid unit'",
        "outcome": "passed",
    }


def test_the_table_is_written_as_a_page_of_its_own(pytester: pytest.Pytester) -> None:
    run(pytester, under("'enum_violation'"), "--fault-report", "reports/faults.html")

    page = (pytester.path / "reports" / "faults.html").read_text(encoding="utf-8")
    assert "<caption>1 survived, 0 did not, 0 do not apply</caption>" in page
    assert '<th scope="row">enum_violation</th><td>args_schema</td><td>reported the error back' in page
    assert "http" not in page


def test_what_a_page_quotes_is_escaped() -> None:
    row = {"fault": "f", "category": "c", "outcome": "failed", "said": "ran it", "evidence": "<script>", "test": "t[<]"}

    assert "<script>" not in report_text([row], ".html")


def test_another_suffix_is_told(pytester: pytest.Pytester) -> None:
    ran = run(pytester, under("'enum_violation'"), "--fault-report", "faults.txt")

    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines("*--fault-report faults.txt: expected a file that ends in .json or .html")


def test_a_mark_without_the_fixture_is_told(pytester: pytest.Pytester) -> None:
    tests = """
    @pytest.fixture
    def later(request):
        return request.getfixturevalue("mock_llm")

    @pytest.mark.faults("enum_violation")
    def test_it(later):
        raise SystemExit
    """

    ran = run(pytester, tests)

    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines("@pytest.mark.faults: the test must take the fixture mock_llm as an argument")
