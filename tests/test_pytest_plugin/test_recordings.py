"""The mark recording: replayed by default, recorded on request, and loud about what is missing."""

from collections.abc import Iterator

import pytest

from mockserver import MockLLM
from tests.test_pytest_plugin.project import run

pytest_plugins = ["pytester"]

TESTS = """
import os, json, urllib.request

def ask(text):
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": text}]}).encode()
    key = os.environ["OPENAI_API_KEY"]
    headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
    request = urllib.request.Request(os.environ["OPENAI_BASE_URL"] + "/chat/completions", body, headers)
    with urllib.request.urlopen(request) as response:
        return json.load(response)["choices"][0]["message"]["content"]

@pytest.mark.recording("greeting.yaml")
def test_greeting(mock_llm):
    assert ask("Hello") == "Good morning."
"""


@pytest.fixture
def upstream() -> Iterator[MockLLM]:
    """The real API, which wants the real key."""
    with MockLLM(require_key="the real key") as llm:
        llm.when(user_says="Hello").reply("Good morning.")
        yield llm


def test_it_is_recorded_once_and_replayed_from_then_on(
    pytester: pytest.Pytester, upstream: MockLLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "the real key")
    once = ("--record-mode=once", "--upstream", upstream.base_url)

    run(pytester, TESTS, *once).assert_outcomes(passed=1)
    run(pytester, TESTS, *once).assert_outcomes(passed=1)
    upstream.stop()
    run(pytester, TESTS).assert_outcomes(passed=1)

    text = (pytester.path / "greeting.yaml").read_text()
    assert "Good morning." in text
    assert "the real key" not in text


def test_it_is_recorded_anew_on_request(
    pytester: pytest.Pytester, upstream: MockLLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "the real key")
    for _ in range(2):
        run(pytester, TESTS, "--record-mode=all", "--upstream", upstream.base_url).assert_outcomes(passed=1)

    assert (pytester.path / "greeting.yaml").read_text().count("Good morning.") == 1
    assert len(upstream.journal) == 2


def test_parts_of_requests_that_are_not_compared_are_an_option(
    pytester: pytest.Pytester, upstream: MockLLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "the real key")
    first, second = (TESTS.replace("Hello", f"Hello, take {number}") for number in (1, 2))
    run(pytester, first, "--record-mode=once", "--upstream", upstream.base_url).assert_outcomes(passed=1)

    run(pytester, second).assert_outcomes(failed=1)
    run(pytester, second, "--mock-llm-ignore", "/take [0-9]/").assert_outcomes(passed=1)
    assert run(pytester, second, "--mock-llm-ignore", "message").ret != 0


def test_a_recording_that_is_not_there_fails_the_test_with_the_command(pytester: pytest.Pytester) -> None:
    ran = run(pytester, TESTS)

    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(
        ["*the file does not exist. Looked for *Record it: pytest --record-mode=once --upstream URL*"]
    )


def test_recording_needs_an_upstream(pytester: pytest.Pytester) -> None:
    ran = run(pytester, TESTS, "--record-mode=once")

    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["*--record-mode=once needs --upstream URL, the base URL of the real API*"])


def test_an_unknown_mode_is_refused(pytester: pytest.Pytester) -> None:
    ran = run(pytester, TESTS, "--record-mode=new_episodes")

    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines(["*invalid choice: 'new_episodes'*"])


def test_a_miss_and_an_exchange_never_asked_for_fail_the_test(pytester: pytest.Pytester, upstream: MockLLM) -> None:
    heard = '{model: gpt-4o, messages: [{user: "Hello?"}]}'
    pytester.makefile(".yaml", greeting=f"recording: {{format: 1}}\nturns:\n  - heard: {heard}\n    text: Hi.\n")
    tests = TESTS.replace('assert ask("Hello")', 'with pytest.raises(OSError): ask("Hello")  #')

    ran = run(pytester, tests)

    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["*messages[[]0[]].content*", "*never asked for*"])


def test_the_mark_takes_one_file(pytester: pytest.Pytester) -> None:
    ran = run(pytester, TESTS.replace('recording("greeting.yaml")', "recording()"))

    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(['*expected the path of one file: @pytest.mark.recording("file.yaml")*'])


def test_a_failing_test_leaves_the_recording_as_it_was(
    pytester: pytest.Pytester, upstream: MockLLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "the real key")
    anew = ("--record-mode=all", "--upstream", upstream.base_url)
    run(pytester, TESTS, *anew).assert_outcomes(passed=1)
    good = (pytester.path / "greeting.yaml").read_text()
    upstream.reset()
    upstream.when(user_says="Hello").reply("Go away.")

    failed = run(pytester, TESTS, *anew)

    failed.assert_outcomes(failed=1)
    failed.stdout.fnmatch_lines(["*not kept, as the test failed: *greeting.yaml is as it was before*"])
    assert (pytester.path / "greeting.yaml").read_text() == good
    assert not [*pytester.path.glob(".recording-*")]


def test_a_first_recording_of_a_failing_test_is_not_kept(
    pytester: pytest.Pytester, upstream: MockLLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "the real key")
    once = ("--record-mode=once", "--upstream", upstream.base_url)

    run(pytester, TESTS + "    raise RuntimeError\n", *once).assert_outcomes(failed=1)

    assert not (pytester.path / "greeting.yaml").exists()


def test_secrets_that_are_named_are_no_part_of_a_recording_and_may_be_others_at_replay(
    pytester: pytest.Pytester, upstream: MockLLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "the real key")
    monkeypatch.setenv("DOOR", "open sesame")
    tests = TESTS.replace('ask("Hello")', 'ask("Hello, " + os.environ["DOOR"])')
    named = ("--secret-env", "DOOR")

    run(pytester, tests, *named, "--record-mode=once", "--upstream", upstream.base_url).assert_outcomes(passed=1)
    monkeypatch.setenv("DOOR", "close sesame")
    run(pytester, tests, *named).assert_outcomes(passed=1)
    missed = run(pytester, tests)

    assert "sesame" not in (pytester.path / "greeting.yaml").read_text()
    missed.assert_outcomes(failed=1)
    missed.stdout.fnmatch_lines(["*name the variable that holds the secret with*--secret-env NAME*"])


def test_a_secret_that_is_not_there_is_told(pytester: pytest.Pytester) -> None:
    ran = run(pytester, TESTS, "--secret-env", "NO_SUCH_VARIABLE")

    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["*--secret-env NO_SUCH_VARIABLE: the variable is not set, or empty*"])


def test_a_recorded_request_that_strict_checks_refuse_is_replayed(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "the real key")
    tests = TESTS.replace('"model": "gpt-4o",', '"model": "glm-4.6", "thinking": {"type": "disabled"},')
    with MockLLM(checks="lenient") as upstream:
        upstream.when(user_says="Hello").reply("Good morning.")
        once = ("--record-mode=once", "--upstream", upstream.base_url)
        run(pytester, tests, *once).assert_outcomes(passed=1)

    run(pytester, tests).assert_outcomes(passed=1)
