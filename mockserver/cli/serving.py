"""Commands that serve: their common options, and `serve` itself."""

import argparse
import sys

from mockserver.cli.arguments import count, port, scale
from mockserver.cli.exits import OK, PROBLEMS, WRONG_USAGE
from mockserver.journal import ENTRIES


def add_serve(parser: argparse.ArgumentParser) -> None:
    """`mockserver serve`: the fake endpoint."""
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="files, folders or library names, in order")
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
    add("--time-scale", type=scale, default=1.0, metavar="X", help="stretches scripted waiting; 0 skips it")
    add("--journal", type=count, default=ENTRIES, metavar="N", help=f"exchanges remembered (default: {ENTRIES})")


def _serve(options: argparse.Namespace) -> int:
    from mockserver.engine import Engine, Fallback, Settings
    from mockserver.journal import Journal
    from mockserver.scenario import Play, ScenarioErrors, UnknownScenario, find, load
    from mockserver.server.listener import CannotListen
    from mockserver.server.run import serve

    try:
        files = [file for name in options.scenarios for file in find(name)]
        plays = [Play(load(file)) for file in files]
        fallback: Fallback = options.fallback or ("error" if files else "simulate")
        settings = Settings(options.seed, fallback, options.checks, options.time_scale)
        serve(Engine(settings, plays), Journal(options.journal), options.host, options.port)
    except ScenarioErrors as errors:
        print(errors, file=sys.stderr)
        return PROBLEMS
    except (UnknownScenario, CannotListen, OSError) as error:
        print(f"mockserver: {error}", file=sys.stderr)
        return WRONG_USAGE
    return OK
