"""Every block of code in the README and the docs runs as it stands."""

import os
import re
import shlex
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from mockserver import MockLLM

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
TESTING = ROOT / "docs" / "testing.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def code(page: Path, language: str) -> list[str]:
    return [match[2] for match in BLOCK.finditer(page.read_text(encoding="utf-8")) if match[1] == language]


def blocks(language: str) -> list[Any]:
    return [
        pytest.param(block, id=f"{page.name}-{number}")
        for page in PAGES
        for number, block in enumerate(code(page, language), 1)
    ]


def name_of(block: str) -> str | None:
    """The file that a block is, when its first line says so: `# conftest.py`."""
    named = re.match(r"# ([\w.]+\.(?:py|yaml))\n", block)
    return named[1] if named else None


def is_script(block: str) -> bool:
    return name_of(block) is None and "def test_" not in block


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **environment}
    return subprocess.run([sys.executable, *command], env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("block", [block for block in blocks("python") if is_script(block.values[0])])
def test_a_python_block_runs_and_prints_what_it_promises(block: str) -> None:
    promised = re.findall(r"^# (.+)$", block, re.MULTILINE)

    with MockLLM() as llm:
        ran = run("-W", "error", "-c", block, **llm.env)

    assert ran.returncode == 0, ran.stderr
    assert not promised or ran.stdout.splitlines() == promised


def test_every_test_in_the_docs_passes(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n", encoding="utf-8")
    shown = [*code(README, "python"), *code(TESTING, "python"), *code(TESTING, "yaml")]
    tests = [block for block in shown if name_of(block) is None and "def test_" in block]
    for block in shown:
        if (name := name_of(block)) is not None:
            (tmp_path / name).write_text(block, encoding="utf-8")
    for number, block in enumerate(tests):
        (tmp_path / f"test_block_{number}.py").write_text(block, encoding="utf-8")

    options = ("-q", "-p", "no:cacheprovider", "-W", "error", "--rootdir", tmp_path)
    ran = run("-m", "pytest", *options, tmp_path, PYTHONPATH=str(tmp_path))

    assert ran.returncode == 0, ran.stdout
    assert len(tests) == 12


@pytest.mark.parametrize("scenario", blocks("yaml"))
def test_a_scenario_block_passes_the_check(scenario: str, tmp_path: Path) -> None:
    file = tmp_path / "block.yaml"
    file.write_text(scenario, encoding="utf-8")

    checked = run("-m", "mockserver", "check", file)

    assert (checked.returncode, checked.stdout) == (0, "")


def test_the_request_that_the_readme_sends_with_curl_gets_a_stream() -> None:
    curl = shlex.split(next(block for block in code(README, "sh") if block.startswith("curl")))
    address, body = curl[2], curl[curl.index("-d") + 1]

    with MockLLM() as llm:
        here = address.replace("http://127.0.0.1:8080/v1", llm.base_url)
        name, _, value = curl[curl.index("-H") + 1].partition(": ")
        with urllib.request.urlopen(urllib.request.Request(here, body.encode(), {name: value})) as response:
            stream = response.read().decode()

    assert stream.count('"name":"get_current_weather"') == 2
    assert stream.endswith("data: [DONE]\n\n")


SERVERS = [
    line
    for block in code(README, "sh")
    for line in block.splitlines()
    if line.startswith(".venv/bin/mockserver") and " demo" not in line
]


@pytest.mark.parametrize("line", SERVERS)
def test_every_server_of_the_readme_starts(line: str, tmp_path: Path) -> None:
    _, *arguments = shlex.split(line)
    (tmp_path / "session.yaml").write_text("scenario: session\nturns:\n  - text: Hello.\n", encoding="utf-8")
    if arguments[0] == "record":
        (tmp_path / "session.yaml").unlink()

    command = [sys.executable, "-m", "mockserver", *arguments, "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("mockserver listening on http://127.0.0.1:")
        process.terminate()

    assert process.returncode == 0


def test_the_readme_is_short_and_shows_two_commands_on_its_first_screen() -> None:
    lines = README.read_text(encoding="utf-8").splitlines()
    first_screen = BLOCK.findall("\n".join(lines[:21]))

    assert len(lines) <= 150
    assert [language for language, _ in first_screen] == ["sh", "sh"]


def test_the_example_of_a_test_in_the_readme_has_at_most_8_lines() -> None:
    [example] = [block for block in code(README, "python") if "def test_" in block]

    assert len(example.splitlines()) <= 8


def test_ci_runs_exactly_the_two_commands_of_the_readme() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert all(f"\n{command}" in ci for command in code(README, "sh")[:2])
