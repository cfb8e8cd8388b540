"""What users install: the wheel holds everything, and finds its ready-made scenarios where it was put."""

import os
import subprocess
import sys
import sysconfig
import venv
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


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a fresh environment that has the wheel; what it depends on comes from here."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    paths = 'import sysconfig; print(sysconfig.get_path("purelib"), sysconfig.get_path("scripts"))'
    here, scripts = (Path(path) for path in run(python, "-c", paths).split())
    zipfile.ZipFile(wheel).extractall(here)
    (here / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    command = scripts / "mockserver"
    command.write_text(f"#!{python}\nimport sys\nfrom mockserver.cli import main\nsys.exit(main())\n", encoding="utf-8")
    command.chmod(0o755)
    return python


def run(python: Path, *arguments: str, folder: Path | None = None) -> str:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    ran = subprocess.run([python, *arguments], cwd=folder, env=env, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


OWN = "turns: [{text: My own.}]"
USE = """
import sys, urllib.request, json
import mockserver
from mockserver import MockLLM
from mockserver.scenario import library
{imports}
with MockLLM("scenarios/own.yaml") as llm:
    body = json.dumps({{"model": "m", "messages": [{{"role": "user", "content": "Hi"}}]}}).encode()
    asked = urllib.request.Request(llm.base_url + "/chat/completions", body, {{"content-type": "application/json"}})
    answer = json.load(urllib.request.urlopen(asked))
assert mockserver.__file__.startswith(sys.prefix)
print(answer["choices"][0]["message"]["content"], len(library()), {shown})
"""


@pytest.mark.parametrize("is_package", [True, False])
def test_a_folder_called_scenarios_beside_it_does_no_harm_in_either_direction(
    installed: Path, tmp_path: Path, is_package: bool
) -> None:
    own = tmp_path / "scenarios"
    own.mkdir()
    (own / "own.yaml").write_text(OWN, encoding="utf-8")
    (own / "cases.py").write_text("MINE = True", encoding="utf-8")
    if is_package:
        (own / "__init__.py").write_text("", encoding="utf-8")
    script = USE.format(imports="from scenarios import cases", shown="cases.MINE")

    used = run(installed, "-c", script, folder=tmp_path)
    checked = run(installed, "-m", "mockserver", "check", "scenarios", "three_cities", folder=tmp_path)

    ready_made = len(list((ROOT / "scenarios").glob("*.yaml")))
    assert (used, checked) == (f"My own. {ready_made} True\n", "")


def test_the_installed_command_knows_the_ready_made_scenarios_and_the_schema(installed: Path, tmp_path: Path) -> None:
    listed = run(installed, str(installed.parent / "mockserver"), "serve", "--list", folder=tmp_path)
    schema = run(installed, "-m", "mockserver", "schema", folder=tmp_path)

    assert listed.count("\n  ") >= len(list((ROOT / "scenarios").glob("*.yaml")))
    assert '"mockserver scenario"' in schema
