"""Every command of the page on recordings runs as it stands, against an instance of our own server as the real API."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import pytest

from mockserver import MockLLM, call

PAGE = Path(__file__).parents[2] / "docs" / "recording.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = [(match[1], match[2]) for match in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))]
COMMANDS = [block.strip() for language, block in BLOCKS if language == "sh"]
API, HERE = "https://api.openai.com/v1", "http://127.0.0.1:8080/v1"


class Shell:
    """Runs the page's commands in a folder, with the addresses that hold there."""

    def __init__(self, folder: Path, api: str) -> None:
        self._folder = folder
        self._addresses = {API: api}
        self._server: subprocess.Popen[str] | None = None

    def run(self, command: str) -> str:
        """Run a command to its end, or until it listens."""
        for written, address in self._addresses.items():
            command = command.replace(written, address)
        words = shlex.split(command)
        variables = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
        words = [word for word in words if word.partition("=")[0] not in variables]
        start = [sys.executable, "-m", "mockserver"] if words[0] == "mockserver" else [sys.executable]
        serves = words[1] in ("record", "replay")
        command_line = [*start, *words[1:], *(["--port", "0", "--time-scale", "0"] if serves else [])]
        environment = {**os.environ, "OPENAI_API_KEY": "key-1234567890", **variables}
        if serves:
            self.stop()
            self._server = subprocess.Popen(
                command_line,
                cwd=self._folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            assert self._server.stdout is not None
            line = self._server.stdout.readline()
            self._addresses[HERE] = line.split()[3]
            return line
        ran = subprocess.run(
            command_line, cwd=self._folder, env=environment, capture_output=True, text=True, check=False
        )
        if ran.returncode != 0:
            raise RuntimeError(ran.stdout + ran.stderr)
        return ran.stdout + ran.stderr

    def stop(self) -> str:
        """Stop the server as a user does."""
        if self._server is None:
            return ""
        self._server.send_signal(signal.SIGINT)
        told = self._server.communicate()[1]
        assert self._server.returncode == 0, told
        self._server = None
        return told


@pytest.fixture
def api() -> Iterator[MockLLM]:
    """What stands in for the real API."""
    with MockLLM() as llm:
        llm.when(tool_results=0).reply(call("get_weather", city="Oslo"))
        llm.when(tool_results=1).reply("7 degrees in Oslo.")
        yield llm


def test_every_command_of_the_page_does_what_it_says(api: MockLLM, tmp_path: Path) -> None:
    shell = Shell(tmp_path, api.base_url)
    (tmp_path / "app.py").write_text(next(block for language, block in BLOCKS if language == "python"))
    (tmp_path / "messages.json").write_text(
        '[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]'
    )
    record, app, diff, scan, replay, again, drift, generalise, imported = COMMANDS

    assert "(0 exchanges known; " in shell.run(record)
    shell.run(app)
    assert "2 exchanges recorded into weather.yaml" in shell.stop()
    assert shell.run(diff) == shell.run(scan) == ""
    shell.run(replay)
    shell.run(app)
    assert shell.stop() == ""
    assert "1 passed" in outcome_of_the_test(tmp_path)
    shell.run(again)
    shell.run(app)
    shell.stop()
    assert "2 of 2 exchanges asked again" in shell.run(drift)
    assert "how-warm-is-it-in: a rule: 'Oslo' is {capture.city}" in shell.run(generalise)
    assert "1 exchange imported" in shell.run(imported)

    recorded, script = ((tmp_path / name).read_text() for name in ("weather.yaml", "script.yaml"))
    shown, scripted = (
        block for language, block in BLOCKS if language == "yaml" and block.startswith("scenario: weather")
    )
    lines = iter(recorded.splitlines())
    assert [
        line for line in shown.splitlines() if "sent:" not in line and "recording:" not in line and line not in lines
    ] == []
    assert script == scripted


def outcome_of_the_test(folder: Path) -> str:
    """Run the page's test beside its recording; the application is the page's, as a function."""
    app, test = (block for language, block in BLOCKS if language == "python")
    body = app.replace('"How warm is it in Oslo?"', "question") + "return answer.choices[0].message.content\n"
    (folder / "weather_app.py").write_text("def ask(question):\n" + indent(body, "    "))
    (folder / "test_weather.py").write_text("import weather_app\n" + test)
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    options = ("-q", "-W", "error", "-p", "no:cacheprovider", "--rootdir", folder, folder)
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options], env=environment, capture_output=True, text=True, check=False
    )
    return ran.stdout + ran.stderr


def test_replaying_needs_no_upstream_client() -> None:
    code = "import sys, mockserver.cli.record_replay, mockserver.server.run\n"
    code += "from mockserver.cli import main\n"
    code += "try: main(['replay', 'no-such-file.yaml'])\nexcept SystemExit: pass\n"
    code += "found = {name for name in sys.modules if name.startswith('mockserver.recording')}\n"
    code += "assert not found, found"

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr


def test_a_replay_says_what_differs_and_what_nobody_asked_for(tmp_path: Path) -> None:
    (tmp_path / "weather.yaml").write_text(next(block for language, block in BLOCKS if language == "yaml"))
    app = next(block for language, block in BLOCKS if language == "python")
    (tmp_path / "app.py").write_text(app.replace("in Oslo?", "in Rome?"))
    shell = Shell(tmp_path, "")

    shell.run("mockserver replay weather.yaml")
    with pytest.raises(RuntimeError) as missed:
        shell.run(f"OPENAI_BASE_URL={HERE} python app.py")

    said = (
        str(missed.value).replace("\\n", "\n").replace("\\'", "'")
    )  # the older SDK shows the body as it would be typed
    assert next(block for language, block in BLOCKS if language == "text").strip() in said
    told = "mockserver: 2 of 2 exchanges never asked for:\n  weather.yaml:11:5: how-warm-is-it-in\n"
    assert told in shell.stop()
