"""The fixture mock_llm: what it gives a test, what it fails it for, and what it leaves behind."""

import os
import subprocess
import sys

import pytest

from tests.test_pytest_plugin.project import run

pytest_plugins = ["pytester"]

HEAVY = ("aiohttp", "pydantic", "faker", "yaml", "orjson", "jsonschema_rs", "asyncio", "mockserver.server")


def test_the_environment_points_to_the_mock_for_the_test_only(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-user")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "a token")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    tests = """
    import os

    def test_environment(mock_llm):
        assert os.environ["OPENAI_BASE_URL"] == os.environ["OPENAI_API_BASE"] == mock_llm.base_url
        assert os.environ["OPENAI_API_KEY"] == os.environ["AIML_API_KEY"] == mock_llm.api_key
        assert os.environ["ANTHROPIC_BASE_URL"] == os.environ["OLLAMA_HOST"] == mock_llm.base_url.removesuffix("/v1")
        assert os.environ["ANTHROPIC_API_KEY"] == os.environ["GEMINI_API_KEY"] == mock_llm.api_key
        assert "HTTPS_PROXY" not in os.environ
        assert "ANTHROPIC_AUTH_TOKEN" not in os.environ
    """

    run(pytester, tests).assert_outcomes(passed=1)

    assert os.environ["HTTPS_PROXY"] == "http://proxy.example"
    assert os.environ["OPENAI_API_KEY"] == "sk-of-the-user"
    assert "OPENAI_BASE_URL" not in os.environ


def test_a_scripted_test_passes(pytester: pytest.Pytester) -> None:
    tests = """
    def test_script(mock_llm):
        mock_llm.script(call("get_current_weather", location="Oslo"), "Warm.")
        assert agent("How warm is it?") == "Warm."
        assert mock_llm.journal.calls[0].result == 21
    """

    run(pytester, tests).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("unscripted", "ask([user('Hello')])"),
        ("unplayed", "mock_llm.script('Never.'); raise Refused"),
        ("conflict", "mock_llm.script(call('no_such_tool')); ask([user('Hello')])"),
        ("protocol", "mock_llm.script(call('get_current_weather', location='Oslo')); ask([user('?')]); raise Refused"),
        ("protocol", "ask([user('Hello')], temperature=9)"),
    ],
)
def test_each_kind_of_failure_can_be_allowed_for_one_test(kind: str, body: str, pytester: pytest.Pytester) -> None:
    tests = f"""
    def test_not_allowed(mock_llm):
        with pytest.raises(Refused):
            {body}

    def test_allowed(mock_llm):
        mock_llm.allow("{kind}")
        with pytest.raises(Refused):
            {body}
    """

    ran = run(pytester, tests)

    ran.assert_outcomes(passed=1, failed=1)
    ran.stdout.fnmatch_lines("FAILED test_application.py::test_not_allowed - *")


def test_only_known_kinds_can_be_allowed(pytester: pytest.Pytester) -> None:
    tests = """
    def test_allow(mock_llm):
        with pytest.raises(ValueError, match="expected one of 'unscripted', 'unplayed', 'conflict', 'protocol'"):
            mock_llm.allow("everything")
    """

    run(pytester, tests).assert_outcomes(passed=1)


def test_marked_files_are_found_beside_the_test_then_in_the_root_and_ready_made_ones_by_name(
    pytester: pytest.Pytester,
) -> None:
    pytester.syspathinsert()
    beside = pytester.mkdir("inner") / "test_inner.py"
    tests = """
    import pytest
    from application import agent

    @pytest.mark.scenario("beside.yaml")
    class TestFiles:
        def test_beside(self, mock_llm):
            assert agent("Hi") == "Beside."

        @pytest.mark.scenario("oslo.yaml", "three_cities")
        def test_root(self, mock_llm):
            mock_llm.allow("unplayed")
            assert agent("And in Oslo?") == "21 degrees."
    """
    beside.write_text(tests.replace("\n    ", "\n"), encoding="utf-8")
    (beside.parent / "beside.yaml").write_text(
        "scenario: b\nturns: [{when: {user_says: Hi}, text: Beside.}]", encoding="utf-8"
    )

    run(pytester, "", "inner").assert_outcomes(passed=2)


def test_unplayed_turns_of_a_marked_and_of_a_loaded_file_fail(pytester: pytest.Pytester) -> None:
    tests = """
    @pytest.mark.scenario("oslo.yaml")
    def test_marked(mock_llm):
        pass

    def test_loaded(mock_llm, request):
        mock_llm.load(request.path.parent / "oslo.yaml")
    """

    ran = run(pytester, tests)

    ran.assert_outcomes(failed=2)
    ran.stdout.fnmatch_lines("1. turn 1 of 'oslo' (*oslo.yaml:3) was never asked for: get_current_weather(*")


CONFTEST = """
import pytest

mock_llm_options = pytest.fixture(lambda: {options})
"""


def test_one_fixture_changes_the_options_of_a_whole_suite(pytester: pytest.Pytester) -> None:
    tests = """
    import os

    def test_model_and_fallback(mock_llm):
        assert os.environ["OPENAI_MODEL"] == mock_llm.model == "o3"
        assert agent("Hello")

    def test_checks(mock_llm):
        assert ask([user("Hello")], temperature=9)
    """
    options = {"model": "o3", "checks": "lenient", "fallback": "simulate", "seed": 7}

    run(pytester, tests, conftest=CONFTEST.format(options=options)).assert_outcomes(passed=2)


def test_a_scenario_for_the_whole_suite_need_not_be_played_whole(pytester: pytest.Pytester) -> None:
    conftest = CONFTEST.format(options={"scenario": "oslo.yaml"})

    run(pytester, "def test_it(mock_llm): assert agent('Oslo?')", conftest=conftest).assert_outcomes(passed=1)
    run(pytester, "def test_it(mock_llm): pass", conftest=conftest).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("['strict']", "the fixture mock_llm_options returns a dict of MockLLM's keywords, not ['strict']"),
        (
            "{'scenario': 'rome.yaml'}",
            "the fixture mock_llm_options returns *: *rome.yaml: no such file, folder or ready-made scenario.*",
        ),
        (
            "{'provider': 'opnai'}",
            "the fixture mock_llm_options *: no provider is called 'opnai'. Did you mean 'openai'?*",
        ),
        ("{'cheks': 'strict'}", "the fixture mock_llm_options returns *: got an unexpected keyword argument 'cheks'*"),
    ],
)
def test_wrong_options_are_told(options: str, told: str, pytester: pytest.Pytester) -> None:
    ran = run(pytester, "def test_it(mock_llm): pass", conftest=CONFTEST.format(options=options))

    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(told)


def test_tests_share_a_server_and_nothing_else(pytester: pytest.Pytester) -> None:
    tests = """
    urls = set()

    @pytest.mark.parametrize("number", range(3))
    def test_alone(mock_llm, number):
        urls.add(mock_llm.base_url)
        assert len(urls) == 1
        assert len(mock_llm.journal) == 0
        mock_llm.script("Hello.")
        mock_llm.when(user_says="thanks").reply("You are welcome.")
        ask([user("Hi")])

    def test_what_was_scripted_before_is_gone(mock_llm):
        mock_llm.allow("unscripted")
        with pytest.raises(Refused):
            ask([user("thanks")])
    """

    run(pytester, tests).assert_outcomes(passed=4)


def test_an_expected_failure_may_be_one_that_the_fixture_finds(pytester: pytest.Pytester) -> None:
    tests = """
    @pytest.mark.xfail(strict=True)
    def test_known(mock_llm):
        mock_llm.script("Never.")
    """

    run(pytester, tests).assert_outcomes(xfailed=1)


def test_a_passing_test_reports_nothing(pytester: pytest.Pytester) -> None:
    ran = run(pytester, "def test_it(mock_llm): mock_llm.script('Hello.'); ask([user('Hi')])", "-rA")

    ran.assert_outcomes(passed=1)
    ran.stdout.no_fnmatch_line("*conversation*")


def test_a_fixture_that_fails_after_it_asked_shows_the_conversation(pytester: pytest.Pytester) -> None:
    tests = """
    @pytest.fixture
    def application(mock_llm):
        ask([user("Anybody?")])

    def test_it(application):
        pass
    """

    ran = run(pytester, tests)

    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["*- conversation -*", "exchange 1", "  user       Anybody?"])


def test_a_unittest_uses_the_fixture_too(pytester: pytest.Pytester) -> None:
    tests = """
    import unittest

    class TestWeather(unittest.TestCase):
        @pytest.fixture(autouse=True)
        def given(self, mock_llm):
            self.llm = mock_llm

        def test_it(self):
            self.llm.script("Warm.")
            self.assertEqual(agent("How warm is it?"), "Warm.")

        def test_unplayed(self):
            self.llm.script("Warm.")
    """

    run(pytester, tests).assert_outcomes(passed=1, failed=1)


def test_a_run_that_does_not_use_the_plugin_imports_nothing_heavy(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"""
        import sys

        def test_light():
            assert [name for name in {HEAVY} if name in sys.modules] == []
        """
    )
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-p", "mockserver.pytest_plugin", "-q"]

    ran = subprocess.run(command, cwd=pytester.path, env=environment, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("mark", ["scenario('oslo.yaml')", "faults('unknown_param')"])
def test_a_mark_without_the_fixture_is_told(mark: str, pytester: pytest.Pytester) -> None:
    ran = run(pytester, f"@pytest.mark.{mark}\ndef test_it(): raise SystemExit")

    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines("@pytest.mark.*: the test must take the fixture mock_llm as an argument")


def test_a_mark_for_a_whole_module_leaves_other_tests_alone(pytester: pytest.Pytester) -> None:
    tests = """
    pytestmark = pytest.mark.scenario("oslo.yaml")

    def test_with(mock_llm):
        assert agent("Oslo?")

    def test_without():
        pass
    """

    run(pytester, tests).assert_outcomes(passed=2)


def test_asking_for_the_plugin_by_name_gives_no_second_one(pytester: pytest.Pytester) -> None:
    conftest = 'pytest_plugins = ["mockserver.pytest_plugin"]'
    tests = "def test_it(mock_llm): pass"

    run(pytester, tests, "-p", "mockserver.pytest_plugin", conftest=conftest).assert_outcomes(passed=1)


def test_another_plugin_may_have_the_option_for_recordings_already(pytester: pytest.Pytester) -> None:
    pytester.syspathinsert()
    pytester.makepyfile(other_recorder="def pytest_addoption(parser): parser.addoption('--record-mode', default='any')")
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(pytester.path)}
    pytester.makepyfile("def test_it(mock_llm): pass")
    command = [sys.executable, "-m", "pytest", "-p", "other_recorder", "-p", "mockserver.pytest_plugin", "-q"]

    ran = subprocess.run(command, cwd=pytester.path, env=environment, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_path_that_is_not_served_is_told_and_fails_only_a_test_that_asked_nothing_else(
    pytester: pytest.Pytester,
) -> None:
    tests = """
    import urllib.error
    import urllib.request

    def probe(mock_llm):
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(mock_llm.base_url + "/props")

    def test_probes_and_asks(mock_llm):
        mock_llm.script("Hello.")
        probe(mock_llm)
        ask([user("Hello")])

    def test_only_probes(mock_llm):
        probe(mock_llm)

    def test_allows(mock_llm):
        mock_llm.allow("not_served")
        probe(mock_llm)
    """

    result = run(pytester, tests, "-rA")

    result.assert_outcomes(passed=2, failed=1)
    told = result.stdout.str()
    assert "exchange 1: GET /v1/props is not served" in told.partition("test_probes_and_asks")[2]
    assert "HTTP 404: Invalid URL (GET /v1/props)" in told
