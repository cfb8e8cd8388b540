"""Commands that print and do not serve: `check`, `schema` and `faults`."""

import argparse
import json
import sys
from typing import get_args

from mockserver.chat import ApiName
from mockserver.cli.options import OK, PROBLEMS, WRONG_USAGE


def add_check(parser: argparse.ArgumentParser) -> None:
    """`mockserver check PATH …`."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="scenario file, or folder of scenario files")
    parser.set_defaults(run=_check)


def add_schema(parser: argparse.ArgumentParser) -> None:
    """`mockserver schema`."""
    parser.set_defaults(run=_schema)


def add_faults(parser: argparse.ArgumentParser) -> None:
    """`mockserver faults [NAME] [--api API]`."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="show this fault with an example")
    parser.add_argument("--api", choices=get_args(ApiName), help="list the faults that exist in this API")
    parser.add_argument("--markdown", action="store_true", help="print the whole catalogue as Markdown")
    parser.set_defaults(run=_faults)


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


def _schema(options: argparse.Namespace) -> int:  # noqa: ARG001  # every command is handed its options
    from mockserver.scenario.file.file_schema import schema

    print(json.dumps(schema(), indent=2, ensure_ascii=False))
    return OK


def _faults(options: argparse.Namespace) -> int:
    from mockserver.faults import UnknownFault, fault_spec
    from mockserver.handbook import document, page, table

    if options.name is None:
        print(document() if options.markdown else table(options.api), end="" if options.markdown else "\n")
        return OK
    try:
        print(page(fault_spec(options.name).fault))
    except UnknownFault as error:
        print(f"mockserver: {error}", file=sys.stderr)
        return WRONG_USAGE
    return OK
