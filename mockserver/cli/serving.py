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


_CHECKS = "request validation: as the real API, or only what cannot be answered (default: strict)"
_FALLBACK = "answer for unmatched requests (default: simulate without scenarios, else error)"
_PROVIDER = "service whose wire format to emulate; auto: by model name (default: openai)"
_WATCH = "reload scenario files when they change"
PLAYED_ONLY = "for replies from FILE only; what the upstream replies is forwarded unchanged"
"""Describes the options that cannot change what a real API replies."""


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


def add_server_options(parser: argparse.ArgumentParser, *, proxy: bool = False) -> None:
    """Add the options that every serving command has; a `proxy` says which hold for its own replies only."""
    own = PLAYED_ONLY if proxy else None
    add = parser.add_argument_group("server").add_argument
    add("--host", default="127.0.0.1", help="address to bind to (default: 127.0.0.1)")
    add("--port", type=port, default=8080, help="port to listen on; 0: any free port (default: 8080)")
    add("--workers", type=amount, default=1, metavar="N", help="processes, each with its own journal (default: 1)")
    add("--watch", action="store_true", help=argparse.SUPPRESS if proxy else _WATCH)
    add("--journal", type=count, default=ENTRIES, metavar="N", help=f"exchanges kept in memory (default: {ENTRIES})")
    add = parser.add_argument_group("requests and replies", own).add_argument
    add("--checks", choices=("strict", "lenient"), default="strict", help=_CHECKS)
    add("--fallback", choices=("simulate", "error"), help=argparse.SUPPRESS if proxy else _FALLBACK)
    add("--provider", default="openai", metavar="NAME", help=_PROVIDER)
    add("--seed", help="seed of ids and invented values (default: the scenario's, or 0)")
    add("--time-scale", type=scale, default=1.0, metavar="X", help="factor for scripted delays; 0: none (default: 1)")
    named = "finish_reason when tool_choice names a function (default: by model)"
    add("--named-finish", choices=("stop", "tool_calls"), help=named)
    add_fault_options(parser, own)
    add_access_options(parser)


def add_fault_options(parser: argparse.ArgumentParser, about: str | None = None) -> None:
    """Add the options for fault injection; `about` says which replies they are for, if not for all."""
    add = parser.add_argument_group("fault injection", about).add_argument
    what = "inject a fault; repeatable; `mockserver faults` lists them"
    add("--fault", action="append", type=faults, default=[], metavar="NAME[:key=value,…]", help=what)
    add("--profile", type=habits, metavar="NAME", help="inject faults at a model's published rates: small_8b_2024, …")


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
