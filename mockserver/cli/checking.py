"""`mockserver check`: every problem of scenario files, before they run."""

import argparse
import sys

from mockserver.cli.exits import OK, PROBLEMS, WRONG_USAGE


def add_check(parser: argparse.ArgumentParser) -> None:
    """`mockserver check PATH …`."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="scenario file, or folder of scenario files")
    parser.set_defaults(run=_check)


def _check(options: argparse.Namespace) -> int:
    from mockserver.scenario import UnknownScenario
    from mockserver.scenario.check import check

    try:
        found = [problem for path in options.paths for problem in check(path)]
    except UnknownScenario as error:
        print(f"mockserver: {error}", file=sys.stderr)
        return WRONG_USAGE
    for problem in found:
        print(problem)
    return PROBLEMS if any(not problem.warning for problem in found) else OK
