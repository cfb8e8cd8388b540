"""Fetches the source of each SDK, installs it apart, and runs its generated tests against `serve --checks lenient`.

    python -m tests.vendor_suites [anthropic] [openai] [--keep FOLDER]

The only part of the tests that needs a network: it asks the package index. Exit 1 when a test fails that is not listed
in `suites`, when one passes that is, or when more than 2 % of all cannot pass.
"""

import argparse
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from tests.vendor_suites.suites import SUITES, Suite

MOST_FAILING = 0.02
_URL = re.compile(r"http://[^/\s]+")


class Outcome(NamedTuple):
    """A test by file and function, and whether every form of it passed."""

    name: str
    passed: bool


def run(*command: str, cwd: Path | None = None, env: dict[str, str] | None = None, check: bool = True) -> None:
    """Run a command, and show what it prints."""
    subprocess.run(command, cwd=cwd, env=env, check=check)


def fetched(suite: Suite, folder: Path) -> tuple[Path, str]:
    """The unpacked source of the newest SDK, and the interpreter of an environment that has what its tests need."""
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        run(sys.executable, "-m", "venv", str(folder / "venv"))
    run(str(python), "-m", "pip", "install", "--quiet", "--upgrade", suite.distribution, *suite.needs)
    name = suite.distribution.partition("[")[0]
    show = [str(python), "-c", f"import importlib.metadata as found; print(found.version({name!r}))"]
    version = subprocess.run(show, capture_output=True, text=True, check=True).stdout.strip()
    source = folder / f"{name}-{version}"
    if not source.exists():
        download = ["download", "--quiet", "--no-deps", "--no-binary", ":all:", f"{name}=={version}"]
        run(str(python), "-m", "pip", *download, "--dest", str(folder))
        with tarfile.open(folder / f"{name}-{version}.tar.gz") as packed:
            packed.extractall(folder, filter="data")
    return source, str(python)


@contextmanager
def served() -> Iterator[str]:
    """The address of a server with lenient checks, without the path of an API."""
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--checks", "lenient"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None, "the server's output is read"
        found = _URL.search(server.stdout.readline())
        try:
            if found is None:
                raise SystemExit("the server did not say where it listens")
            yield found[0]
        finally:
            server.terminate()


def outcomes(suite: Suite, source: Path, python: str, url: str) -> list[Outcome]:
    """What came of every test, its forms (loose, strict, aiohttp) taken together."""
    report = source / "report.xml"
    files = [f"tests/api_resources/{file}" for file in suite.files if (source / "tests/api_resources" / file).exists()]
    options = ["-q", "-o", "addopts=", "--tb=no", f"--junitxml={report}", *suite.options]
    env = {**os.environ, "TEST_API_BASE_URL": url}
    run(python, "-m", "pytest", *options, *files, cwd=source, env=env, check=False)
    passed: dict[str, bool] = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        if case.find("skipped") is None:
            name = _name(case.get("classname", ""), case.get("name", ""))
            passed[name] = passed.get(name, True) and case.find("failure") is None and case.find("error") is None
    return [Outcome(name, good) for name, good in passed.items()]


def _name(module: str, test: str) -> str:
    parts = [part for part in module.removeprefix("tests.api_resources.").split(".") if not part.startswith("Test")]
    return f"{'/'.join(parts)}.py::{test.partition('[')[0]}"


def told(name: str, suite: Suite, found: list[Outcome]) -> bool:
    """Print what came of a suite; true when it is as expected."""
    failed = {outcome.name for outcome in found if not outcome.passed}
    surprising = [f"  fails: {each}" for each in sorted(failed - suite.failing.keys())]
    surprising += [f"  passes, and is listed as failing: {each}" for each in sorted(suite.failing.keys() - failed)]
    print(f"{name}: {len(found) - len(failed)} of {len(found)} tests pass")
    print(*[f"  cannot pass: {each}: {reason}" for each, reason in suite.failing.items()], sep="\n")
    print(*surprising, sep="\n")
    return not surprising and len(found) > 0


def main() -> int:
    """Run the suites that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.vendor_suites", description=__doc__.partition("\n")[0])
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"which: {', '.join(SUITES)}; all of them")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="keep sources and environments here for the next run"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, served() as url:
        good, count, failing = True, 0, 0
        for name in options.suites or SUITES:
            suite = SUITES[name]
            folder = (options.keep or Path(temporary)).resolve() / name
            folder.mkdir(parents=True, exist_ok=True)
            found = outcomes(suite, *fetched(suite, folder), url)
            good = told(name, suite, found) and good
            count, failing = count + len(found), failing + len(suite.failing)
    if failing > count * MOST_FAILING and not options.suites:
        print(f"{failing} of {count} tests cannot pass: more than {MOST_FAILING:.0%}")
        good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
