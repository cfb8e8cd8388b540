"""Commands that serve: their common options, and `serve` itself."""

import argparse
import gc
import sys
from textwrap import fill
from typing import TYPE_CHECKING, Any

from mockserver.cli.access import access_of, add_access_options
from mockserver.cli.arguments import amount, count, faults, habits, port, scale
from mockserver.cli.exits import OK, PROBLEMS, WRONG_USAGE
from mockserver.journal import ENTRIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockserver.engine import Fallback, Settings
    from mockserver.scenario import Files, Play


def add_serve(parser: argparse.ArgumentParser) -> None:
    """`mockserver serve`: the fake endpoint."""
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="files, folders or library names, in order")
    parser.add_argument("--list", action="store_true", help="show the ready-made scenarios and exit")
    add_server_options(parser)
    parser.set_defaults(run=_serve)


def add_server_options(parser: argparse.ArgumentParser) -> None:
    """What every command that serves takes."""
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    add("--port", type=port, default=8080, help="port to listen on, 0 for any free one (default: 8080)")
    add("--seed", help="decides every invented value and id (default: 0, or what the scenario says)")
    add("--fallback", choices=("simulate", "error"), help="what answers an unscripted request")
    add("--checks", choices=("strict", "lenient"), default="strict", help="how strictly requests are checked")
    add("--provider", default="openai", metavar="NAME", help="whose way of writing the wire; auto: by the model")
    add("--time-scale", type=scale, default=1.0, metavar="X", help="stretches scripted waiting; 0 skips it")
    named = "how a call of the function that a request names finishes (default: as the model's family does)"
    add("--named-finish", choices=("stop", "tool_calls"), help=named)
    add_fault_options(parser)
    add("--watch", action="store_true", help="read scenario files again when they change")
    add("--journal", type=count, default=ENTRIES, metavar="N", help=f"exchanges remembered (default: {ENTRIES})")
    add("--workers", type=amount, default=1, metavar="N", help="processes; each has a journal of its own (default: 1)")
    add_access_options(parser)


def add_fault_options(parser: argparse.ArgumentParser) -> None:
    """What goes wrong on purpose."""
    add = parser.add_argument
    what = "show a fault (repeatable); `mockserver faults` lists them"
    add("--fault", action="append", type=faults, default=[], metavar="NAME[:key=value,…]", help=what)
    add("--profile", type=habits, metavar="NAME", help="go wrong as often as models of a kind do: small_8b_2024, …")


def chosen_faults(options: argparse.Namespace) -> dict[str, Any]:
    """The faults and the profile among a command's options, as settings."""
    return {"faults": tuple(fault for found in options.fault for fault in found), "profile": options.profile}


def settings_of(options: argparse.Namespace, fallback: "Fallback") -> "Settings":
    """How the mock behaves, as a command's options say.

    Raises:
        UnknownProvider: no provider has that name.
    """
    from mockserver.engine import Settings
    from mockserver.server.request_context import provider_named

    provider = provider_named(options.provider).name
    chosen = {**chosen_faults(options), "named_finish": options.named_finish, "provider": provider}
    return Settings(options.seed, fallback, options.checks, options.time_scale, **chosen)


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
    from mockserver.server.request_context import UnknownProvider
    from mockserver.server.run import Service, serve
    from mockserver.server.sockets import CannotListen
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
