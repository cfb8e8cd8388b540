"""What users install: the wheel holds everything, and finds its ready-made scenarios where it was put."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WHERE = "import mockserver; from mockserver.scenario import find; print(mockserver.__file__, *find('three_cities'))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("toolcall_mockserver-*.whl"))


def test_the_wheel_holds_types_models_and_scenarios(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    scenarios = {f"mockserver/_scenarios/{path.name}" for path in (ROOT / "scenarios").glob("*.yaml")}
    assert {"mockserver/py.typed", "clientkit/py.typed", "mockserver/wire/models.txt"} | scenarios <= names
    assert not [name for name in names if name.startswith(("tests/", "scenarios/"))]


def test_an_installed_wheel_finds_its_own_scenarios(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)

    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", WHERE]
    found = subprocess.run(command, cwd=tmp_path, env=env, check=True, capture_output=True, text=True).stdout

    package = tmp_path / "mockserver"
    assert found.split() == [str(package / "__init__.py"), str(package / "_scenarios" / "three_cities.yaml")]


def test_a_source_tree_finds_the_scenarios_beside_the_package() -> None:
    found = subprocess.run([sys.executable, "-c", WHERE], check=True, capture_output=True, text=True).stdout

    assert found.split()[-1] == str(ROOT / "scenarios" / "three_cities.yaml")
