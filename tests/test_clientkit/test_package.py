"""The package as a whole."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from inspect import signature
from pathlib import Path
from statistics import median

import clientkit

PAGE = (Path(__file__).parents[2] / "docs" / "client-kit.md").read_text(encoding="utf-8")


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = {"aiohttp", "pydantic", "jsonschema_rs", "asyncio", "mockserver", "openai", "typing", "re"}
    program = f"import sys; old = {{*sys.modules}}; import clientkit; print(*{heavy} & ({{*sys.modules}} - old))"

    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert shown.stdout.split() == []


def test_using_the_whole_package_loads_neither_the_server_nor_the_sdk() -> None:
    program = "import sys\nfrom clientkit import *\nprint('mockserver' in sys.modules, 'openai' in sys.modules)"

    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert shown.stdout.split() == ["False", "False"]


def test_every_public_name_exists_and_is_listed() -> None:
    assert all(hasattr(clientkit, name) for name in clientkit.__all__)
    assert set(clientkit.__all__) <= set(dir(clientkit))
    assert not hasattr(clientkit, "no_such_name")


def test_the_package_exports_at_most_twenty_names_and_the_former_ones_still_import() -> None:
    from clientkit import Finished, TextArrived, Tool, allow_only, tool_from_schema  # noqa: F401

    assert len(clientkit.__all__) <= 20
    assert [name for name in dir(clientkit) if not name.startswith("_")] == clientkit.__all__


def test_modules_are_neither_tiny_nor_huge() -> None:
    sizes = {path.name: len(path.read_text().splitlines()) for path in Path(clientkit.__file__).parent.glob("*.py")}

    assert len(sizes) <= 32
    assert max(sizes.values()) <= 320
    assert 90 <= median(sizes.values()) <= 160


def test_the_loop_is_the_shortest_file_for_it_teaches_the_four_steps() -> None:
    files = {path.name: path.read_text(encoding="utf-8") for path in Path(clientkit.__file__).parent.glob("*.py")}
    del files["__main__.py"]

    assert min(files, key=lambda name: len(files[name].splitlines())) == "loop.py"
    assert [line.strip()[:4] for line in files["loop.py"].splitlines() if line.strip().startswith("#")] == [
        "# 1.", "# 2.", "# 3.", "# 4."
    ]  # fmt: skip


def test_the_page_shows_a_complete_application_in_under_forty_lines() -> None:
    application = PAGE.partition("```python\n")[2].partition("```")[0]

    assert len(application.splitlines()) < 40
    assert "await converse(" in application


def test_the_bounds_of_the_page_are_those_of_the_kit() -> None:
    table = PAGE.partition("## Bounds")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([\w.]+)(?:\((\w+)=\))?` \| (\S+)", table, re.MULTILINE)

    for name, keyword, number in rows:
        if not keyword:
            module, _, constant = name.rpartition(".")
            assert int(number) == getattr(import_module(module), constant), name
        elif number != "not":
            function = clientkit.Tool if name == "tool" else getattr(clientkit, name)
            assert int(number) == signature(function).parameters[keyword].default, name
    assert len(rows) == 17
