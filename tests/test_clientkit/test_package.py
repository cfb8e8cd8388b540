"""The package as a whole."""

from __future__ import annotations

import subprocess
import sys

import clientkit


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = {"aiohttp", "pydantic", "jsonschema_rs", "asyncio", "mockserver", "openai"}
    program = f"import sys, clientkit; print(*sorted({heavy} & set(sys.modules)))"

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
