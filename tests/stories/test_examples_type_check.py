"""The examples of the client kit's page, and the applications built with it, pass type checkers as they stand."""

from __future__ import annotations

import ast
import os
import re
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


@pytest.mark.parametrize("path", [ROOT / "README.md", ROOT / "docs" / "client-kit.md", *APPLICATIONS.glob("*.py")])
def test_the_text_of_a_model_is_printed_through_printable(path: Path) -> None:
    programs = [path.read_text(encoding="utf-8")] if path.suffix == ".py" else code(path, "python")

    for program in programs:
        for call in ast.walk(ast.parse(program)):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "print":
                shown = " ".join(ast.unparse(value) for value in call.args)
                assert not re.search(r"(?<!printable\()\b(answer(\.text)?(?![\w.])|event\.text|await )", shown), shown
