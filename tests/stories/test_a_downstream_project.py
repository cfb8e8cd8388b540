"""A project of somebody else, with the wheel installed: an agent on the official SDK, tested in the three ways."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project in a folder of its own, with a fresh environment that holds the wheel.

    What the wheel depends on comes from the environment of this run, so that nothing is downloaded.
    """
    folder = tmp_path_factory.mktemp("downstream")
    shutil.copytree(HERE / "downstream", folder / "project")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder, cwd=ROOT)
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv")
    scheme = "nt" if os.name == "nt" else "posix_prefix"
    packages = Path(sysconfig.get_path("purelib", scheme, {"base": folder / "venv", "platbase": folder / "venv"}))
    installed = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (packages / "dependencies.pth").write_text("\n".join(installed), encoding="utf-8")
    wheel = next(folder.glob("*.whl"))
    run(sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", packages, wheel)
    return folder / "project"


def run(*command: object, cwd: Path | None = None) -> str:
    ran = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def checked(project: Path, *options: str) -> str:
    python = project.parent / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    return run(python, "-m", "pytest", "-q", *options, cwd=project)


def test_the_project_uses_the_wheel_and_no_checkout(project: Path) -> None:
    python = project.parent / "venv" / "bin" / "python"

    assert run(python, "-c", "import mockserver; print(mockserver.__file__)", cwd=project).startswith(
        str(project.parent / "venv")
    )


def test_an_agent_is_tested_with_scripts_scenarios_and_faults(project: Path) -> None:
    told = checked(project)

    assert " passed" in told
    assert "failed" not in told
