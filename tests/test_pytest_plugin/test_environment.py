"""--mock-llm-env: clients built at import time reach the mock, and what is asked outside a test is told."""

import os

import pytest

from tests.test_pytest_plugin.project import run

pytest_plugins = ["pytester"]

BUILT_AT_IMPORT = """
import json, os, urllib.error, urllib.request

URL = os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:9/v1") + "/chat/completions"

def ask_early(text):
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": text}]}).encode()
    asked = urllib.request.Request(URL, body, {"content-type": "application/json"})
    with urllib.request.urlopen(asked) as answer:
        return json.load(answer)["choices"][0]["message"]["content"]
"""

EARLY = """
import os
from client import ask_early

def test_one(mock_llm):
    mock_llm.script("Hello.")
    assert ask_early("Hi") == "Hello."
    assert os.environ["OPENAI_BASE_URL"] == mock_llm.base_url

def test_two(mock_llm):
    mock_llm.script("Hello again.")
    assert ask_early("Hi") == "Hello again."
"""

OUTSIDE = """
import urllib.error
from client import ask_early

def refused():
    try:
        return ask_early("Hi")
    except urllib.error.HTTPError as error:
        with error:
            told = __import__("json").load(error)["error"]
        return error.code, told["type"], told["code"], error.headers["x-should-retry"]

AT_IMPORT = refused()

def test_inside(mock_llm):
    mock_llm.script("Hello.")
    assert ask_early("Hi") == "Hello."

def test_outside():
    assert AT_IMPORT == refused() == (503, "mock_error", "no_test_running", "false")
"""


def test_a_client_that_is_built_at_import_time_reaches_the_mock(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    pytester.makepyfile(client=BUILT_AT_IMPORT)

    run(pytester, EARLY, "--mock-llm-env").assert_outcomes(passed=2)

    assert "OPENAI_BASE_URL" not in os.environ
    assert os.environ["HTTPS_PROXY"] == "http://proxy.example"


def test_without_the_option_the_failure_says_what_to_do(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    pytester.makepyfile(client=BUILT_AT_IMPORT)

    ran = run(pytester, EARLY)

    ran.assert_outcomes(failed=2)
    ran.stdout.fnmatch_lines("*hint: no request reached the mock: a client that is built before *--mock-llm-env*")


@pytest.mark.parametrize("processes", [(), ("-n", "1")], ids=["one process", "a worker process"])
def test_requests_outside_a_test_are_refused_and_told_and_fail_nothing(
    processes: tuple[str, ...], pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(client=BUILT_AT_IMPORT)

    ran = run(pytester, OUTSIDE, "--mock-llm-env", *processes)

    ran.assert_outcomes(passed=2)
    ran.stdout.fnmatch_lines(["*mock_llm: requests outside a test*", "POST /v1/chat/completions: 2 requests"])


def test_a_run_in_which_nothing_came_outside_a_test_says_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(client=BUILT_AT_IMPORT)

    run(pytester, EARLY, "--mock-llm-env").stdout.no_fnmatch_line("*outside a test*")


def test_keys_stay_as_they_are_while_a_session_is_recorded(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-user")
    tests = "import os\nKEY = os.environ['OPENAI_API_KEY']\ndef test_key(): assert KEY == 'sk-of-the-user'"
    upstream = ("--upstream", "http://127.0.0.1:9/v1")

    run(pytester, tests, "--mock-llm-env", *upstream).assert_outcomes(passed=1)
    run(pytester, tests, "--mock-llm-env").assert_outcomes(failed=1)
