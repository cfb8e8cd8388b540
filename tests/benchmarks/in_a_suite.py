"""What the plugin costs a suite: processor time of a test with mock_llm, beside one that is empty."""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

FEW, MANY = 100, 600
TESTS = """
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_it({fixture}number):
    pass
"""


def of_a_test(fixture: str) -> float:
    """Seconds of a test; those of the run around it, which both sizes have, do not count."""
    return (of_a_run(fixture, MANY) - of_a_run(fixture, FEW)) / (MANY - FEW)


def of_a_run(fixture: str, count: int) -> float:
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "mockserver.pytest_plugin", "-p", "no:cacheprovider"]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "test_it.py").write_text(TESTS.format(count=count, fixture=fixture), encoding="utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
