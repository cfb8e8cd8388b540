"""Every block of code in the README and the docs runs as it stands."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[object]:
    return [
        pytest.param(match[2], id=f"{page.name}-{number}")
        for page in PAGES
        for number, match in enumerate(BLOCK.finditer(page.read_text(encoding="utf-8")), 1)
        if match[1] == language
    ]


@pytest.mark.parametrize("code", blocks("python"))
def test_a_python_block_runs(code: str) -> None:
    ran = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr
    promised = re.findall(r"^# (.+)$", code.rpartition("print(")[2], re.MULTILINE) if "\n# " in code else []
    assert [line for line in promised if line.startswith("[")] == ran.stdout.splitlines()[: len(promised)]


@pytest.mark.parametrize("scenario", blocks("yaml"))
def test_a_scenario_block_passes_the_check(scenario: str, tmp_path: Path) -> None:
    file = tmp_path / "block.yaml"
    file.write_text(scenario, encoding="utf-8")

    checked = subprocess.run(
        [sys.executable, "-m", "mockserver", "check", file], capture_output=True, text=True, check=False
    )

    assert (checked.returncode, checked.stdout) == (0, "")


def test_the_readme_is_short_and_shows_two_commands_on_its_first_screen() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert len(readme.splitlines()) <= 150
    assert len(commands("\n".join(readme.splitlines()[:24]))) == 2


def test_ci_runs_exactly_the_two_commands_of_the_readme() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert all(f"\n{command}\n" in ci for command in commands((ROOT / "README.md").read_text(encoding="utf-8"))[:2])


def commands(text: str) -> list[str]:
    return [match[2].strip() for match in BLOCK.finditer(text) if match[1] == "sh"]
