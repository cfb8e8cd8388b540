"""The commands as a user runs them: real processes, real signals."""

import json
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MOCKSERVER = [sys.executable, "-m", "mockserver"]
SCENARIOS = Path(__file__).parents[2] / "scenarios"
BROKEN = """scenario: broken
turns:
  - when: {user_says: hi}
    text: Hello.
    cals: []
"""


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*MOCKSERVER, *map(str, arguments)], capture_output=True, text=True, check=False)


@contextmanager
def serving(*arguments: str | Path, shown: str = "127.0.0.1") -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [*MOCKSERVER, "serve", "--port", "0", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith(f"mockserver listening on http://{shown}:"), line + (process.stderr or "").read()  # type: ignore[union-attr]  # piped above
        try:
            yield process, line.split()[-1]
        finally:
            process.kill()


def ask(url: str, text: str) -> tuple[str, str]:
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": text}]}).encode()
    asked = urllib.request.Request(f"{url}/chat/completions", body, {"content-type": "application/json"})
    with urllib.request.urlopen(asked) as response:
        answer = json.load(response)
        return answer["choices"][0]["message"]["content"], response.headers["x-mock-match"]


def test_the_demo_prints_the_conversation_and_succeeds() -> None:
    demo = run("demo")

    assert demo.returncode == 0, demo.stderr
    assert "What is the current temperature of New York, San Francisco, and Chicago?" in demo.stdout
    assert demo.stdout.count("get_current_weather") >= 3
    assert demo.stderr == ""


def test_the_demo_prints_the_same_every_time() -> None:
    assert run("demo").stdout == run("demo").stdout


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server_cleanly(sign: signal.Signals) -> None:
    with serving() as (process, url):
        assert ask(url, "Tell me a joke.")[1] == "simulated"
        process.send_signal(sign)
        out, err = process.communicate()

    assert (process.returncode, out, err) == (0, "", "")


def test_a_scenario_is_played_by_path(tmp_path: Path) -> None:
    file = tmp_path / "greeting.yaml"
    file.write_text("scenario: greeting\nturns:\n  - text: Good morning.\n")

    with serving(file) as (_, url):
        assert ask(url, "Hello") == ("Good morning.", "scenario:greeting#turn1")


def test_what_nobody_scripted_is_told_where_the_server_runs(tmp_path: Path) -> None:
    file = tmp_path / "greeting.yaml"
    file.write_text("scenario: greeting\nturns:\n  - when: {user_says: hello}\n    text: Good morning.\n")

    with serving(file) as (process, url):
        with pytest.raises(urllib.error.HTTPError, match="422"):
            ask(url, "Bye")
        assert process.stderr is not None
        told = [process.stderr.readline() for _ in range(4)]

    assert told == [
        "mockserver: Nothing is scripted for this request.\n",
        "  the request ends with: user: 'Bye'\n",
        f"  greeting, turn 1 ({file}:3) does not answer:\n",
        "    user_says: wanted a text that contains 'hello', found 'Bye'\n",
    ]


def test_a_ready_made_scenario_is_played_by_name() -> None:
    with serving("three_cities") as (_, url), urllib.request.urlopen(url.replace("/v1", "/_mock/health")) as health:
        assert len(json.load(health)["scenarios"]) == 1


def test_how_a_named_call_finishes_is_an_option() -> None:
    function = {"name": "now", "parameters": {"type": "object", "properties": {}}}
    asked = {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "What time is it?"}],
        "tools": [{"type": "function", "function": function}],
        "tool_choice": {"type": "function", "function": {"name": "now"}},
    }

    with serving("--named-finish", "tool_calls") as (_, url):
        given = {"content-type": "application/json"}
        request = urllib.request.Request(f"{url}/chat/completions", json.dumps(asked).encode(), given)
        with urllib.request.urlopen(request) as response:
            answer = response.read()

    assert json.loads(answer)["choices"][0]["finish_reason"] == "tool_calls"


def test_the_ready_made_scenarios_are_listed_with_their_stories() -> None:
    listed = run("serve", "--list")

    names = [line for line in listed.stdout.splitlines() if line and not line.startswith(" ")]
    assert (listed.returncode, names) == (0, sorted(path.stem for path in SCENARIOS.glob("*.yaml")))
    assert "  The four steps of function calling" in listed.stdout


def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        served = run("serve", "--port", str(port))

    assert served.returncode == 2
    expected = f"mockserver: port {port} is already taken: stop what listens there, or choose --port 0\n"
    assert served.stderr == expected


def test_a_scenario_that_is_not_there_is_said_with_the_known_names() -> None:
    served = run("serve", "three_citties")

    assert served.returncode == 2
    assert "three_citties" in served.stderr
    assert "three_cities" in served.stderr
    assert len(served.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["check", "serve"])
def test_a_broken_file_is_reported_with_its_place(tmp_path: Path, command: str) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(BROKEN)

    ran = run(command, file)

    assert ran.returncode == 1
    assert f"{file}:5:5: " in ran.stdout + ran.stderr
    assert "calls" in ran.stdout + ran.stderr


def test_the_ready_made_scenarios_pass_the_check() -> None:
    checked = run("check", SCENARIOS)

    assert (checked.returncode, checked.stdout) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["srve"], "invalid choice: 'srve'"),
        (["serve", "--port", "70000"], "70000 is not a port: ports go from 0 to 65535"),
        (["serve", "--time-scale", "-1"], "'-1' is not a number from 0 up"),
        (["serve", "--checks", "loose"], "invalid choice: 'loose'"),
        (["serve", "--rpm", "0"], "'0' is not a whole number from 1 up"),
        (["serve", "--body-limit", "much"], "'much' is not a size: give bytes, or a number with KiB or MiB"),
        (["serve", "--provider", "aimlap"], "no provider is called 'aimlap'. Did you mean 'aimlapi'? Known are openai"),
    ],
)
def test_wrong_usage_is_said_and_exits_2(arguments: list[str], complaint: str) -> None:
    ran = run(*arguments)

    assert ran.returncode == 2
    assert complaint in ran.stderr


def test_what_was_chosen_about_access_holds() -> None:
    chosen = ("--require-key", "sk-1", "--known-models-only", "--rpm", "5", "--tpm", "90", "--body-limit", "1KiB")

    with serving(*chosen, "--allow-host", "mock.test", "--provider", "aimlapi") as (_, url):
        key = {"authorization": "Bearer sk-1", "host": "mock.test"}
        with urllib.request.urlopen(urllib.request.Request(f"{url}/models", headers=key)) as models:
            assert "x-inference-id" in models.headers
        with pytest.raises(urllib.error.HTTPError) as refused:
            ask(url, "Hello")
        refused.value.close()

    assert refused.value.code == 401


def test_listening_for_other_machines_is_warned_of() -> None:
    with serving("--host", "0.0.0.0", shown="0.0.0.0") as (process, _):
        process.terminate()
        _, err = process.communicate()

    assert err.startswith("mockserver: warning: listening on 0.0.0.0: other machines can reach this server. ")


def test_help_and_version_need_no_server() -> None:
    code = "import sys; from mockserver.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    code += "heavy = {'aiohttp', 'asyncio', 'pydantic', 'faker', 'yaml'} & set(sys.modules); assert not heavy, heavy"

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    with subprocess.Popen([*MOCKSERVER, "faults"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()

        assert process.stderr.read() == b""
    assert process.returncode == 0
