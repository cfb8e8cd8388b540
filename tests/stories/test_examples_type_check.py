"""The examples of the client kit's page, and the applications built with it, pass type checkers as they stand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .test_documentation import ROOT, code

APPLICATIONS = Path(__file__).parent / "applications"


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("examples")
    for number, block in enumerate(code(ROOT / "docs" / "client-kit.md", "python")):
        (folder / f"example_{number}.py").write_text(block, encoding="utf-8")
    return [*sorted(folder.glob("*.py")), *sorted(APPLICATIONS.glob("*.py"))]


def check(examples: list[Path], *command: str | Path) -> None:
    folder = examples[0].parent
    ran = subprocess.run(
        [sys.executable, "-m", *command, *examples],
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_examples_pass_mypy_in_strict_mode(examples: list[Path]) -> None:
    check(examples, "mypy", "--strict", "--config-file", os.devnull, "--cache-dir", ".cache")


def test_the_examples_pass_pyright(examples: list[Path]) -> None:
    pytest.importorskip("pyright")
    settings = examples[0].parent / "pyrightconfig.json"
    settings.write_text('{"typeCheckingMode": "standard"}')

    check(examples, "pyright", "--pythonpath", sys.executable)
