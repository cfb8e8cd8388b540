"""Commands `serve` and `demo`."""

import argparse
import gc
import sys
from textwrap import fill
from typing import TYPE_CHECKING

from mockserver.cli.options import OK, PROBLEMS, WRONG_USAGE, access_of, add_server_options, settings_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockserver.engine import Fallback
    from mockserver.scenario import Files, Play


def add_serve(parser: argparse.ArgumentParser) -> None:
    """`mockserver serve`: the mock server."""
    parser.add_argument(
        "scenarios",
        nargs="*",
        metavar="SCENARIO",
        help="scenario files, folders, or names of ready-made scenarios, in order",
    )
    parser.add_argument("--list", action="store_true", help="list the ready-made scenarios and exit")
    add_server_options(parser)
    parser.set_defaults(run=_serve)


def add_demo(parser: argparse.ArgumentParser) -> None:
    """`mockserver demo`."""
    parser.add_argument("--seed", default="0", help="seed of ids and invented values (default: 0)")
    parser.set_defaults(run=_demo)


def _serve(options: argparse.Namespace) -> int:
    if options.list:
        return _list()
    if options.watch and not options.scenarios:
        print("mockserver: --watch needs scenario files to watch: mockserver serve --watch FILE", file=sys.stderr)
        return WRONG_USAGE
    gc.disable()  # what a start imports stays; looking through it again and again would be a tenth of the start
    try:
        return _start(options)
    finally:
        gc.enable()


def _start(options: argparse.Namespace) -> int:
    if not options.scenarios:
        return _run(options)
    from mockserver.scenario import Files, ScenarioErrors, UnknownScenario, load

    try:
        files = Files(options.scenarios, load)
        return _run(options, files.read(), files if options.watch else None)
    except ScenarioErrors as errors:
        print(errors, file=sys.stderr)
        return PROBLEMS
    except UnknownScenario as error:
        print(f"mockserver: {error}", file=sys.stderr)
        return WRONG_USAGE


def _run(options: argparse.Namespace, plays: "Sequence[Play]" = (), watched: "Files | None" = None) -> int:
    from mockserver.engine import Engine
    from mockserver.journal import Journal
    from mockserver.server.app import CannotListen
    from mockserver.server.request_context import UnknownProvider
    from mockserver.server.run import Service, serve
    from mockserver.server.workers import WorkerDied

    try:
        fallback: Fallback = options.fallback or ("error" if plays else "simulate")
        engine, journal = Engine(settings_of(options, fallback), plays), Journal(options.journal)
        serve(Service(engine, journal, access_of(options), options.host, options.port, watched, options.workers))
    except (UnknownProvider, CannotListen, WorkerDied, OSError) as error:
        print(f"mockserver: {error}", file=sys.stderr)
        return WRONG_USAGE
    return OK


def _list() -> int:
    from mockserver.scenario import library, load

    for name, path in library().items():
        print(f"{name}\n{fill(load(path).about, 100, initial_indent='  ', subsequent_indent='  ')}\n")
    return OK


def _demo(options: argparse.Namespace) -> int:
    from mockserver.server.demo import demo

    return demo(options.seed)
