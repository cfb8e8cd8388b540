"""The command line: commands → settings → run, and nothing else."""

import argparse
import sys
from collections.abc import Sequence

from mockserver.journal import ENTRIES

_OK, _PROBLEMS, _WRONG_USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when all went well, 1 for problems found, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    code: int = options.run(options)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mockserver",
        description="A model that calls tools, without the model: point your application's base_url here.",
    )
    parser.add_argument("--version", action=_Version, help="print the version and exit")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="play the four steps of function calling and print the conversation")
    demo.add_argument("--seed", default="0", help="decides every invented value and id (default: 0)")
    demo.set_defaults(run=_demo)

    serve = commands.add_parser("serve", help="the fake endpoint; without a scenario the simulated model answers")
    serve.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="files, folders or library names, in order")
    _add_server_options(serve)
    serve.set_defaults(run=_serve)

    check = commands.add_parser("check", help="report every problem of scenario files as file:line:column: message")
    check.add_argument("paths", nargs="+", metavar="PATH", help="scenario files, or folders of them")
    check.set_defaults(run=_check)
    return parser


def _add_server_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    add("--port", type=_port, default=8080, help="port to listen on, 0 for any free one (default: 8080)")
    add("--seed", help="decides every invented value and id (default: 0, or what the scenario says)")
    add("--fallback", choices=("simulate", "error"), help="what answers an unscripted request")
    add("--checks", choices=("strict", "lenient"), default="strict", help="how strictly requests are checked")
    add("--time-scale", type=_scale, default=1.0, metavar="X", help="stretches scripted waiting; 0 skips it")
    add("--journal", type=_count, default=ENTRIES, metavar="N", help=f"exchanges remembered (default: {ENTRIES})")


def _demo(options: argparse.Namespace) -> int:
    from mockserver.server.demo import demo

    return demo(options.seed)


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
        return _PROBLEMS
    except (UnknownScenario, CannotListen, OSError) as error:
        print(f"mockserver: {error}", file=sys.stderr)
        return _WRONG_USAGE
    return _OK


def _check(options: argparse.Namespace) -> int:
    from mockserver.scenario import UnknownScenario
    from mockserver.scenario.check import check

    try:
        found = [problem for path in options.paths for problem in check(path)]
    except UnknownScenario as error:
        print(f"mockserver: {error}", file=sys.stderr)
        return _WRONG_USAGE
    for problem in found:
        print(problem)
    return _PROBLEMS if any(not problem.warning for problem in found) else _OK


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str, **more: object) -> None:
        super().__init__(option_strings, dest, nargs=0, help=str(more["help"]))

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"mockserver {version('toolcall-mockserver')}")
        parser.exit()


def _port(text: str) -> int:
    number = _count(text)
    if number > 65_535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: ports go from 0 to 65535")
    return number


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 up")
    return int(text)


def _scale(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 up")
    return number
