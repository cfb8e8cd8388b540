"""The command line: commands → settings → run, and nothing else."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from mockserver.cli.arguments import Version
from mockserver.cli.exits import OK

_COMMANDS = (
    ("demo", "demonstration", "play the four steps of function calling and print the conversation"),
    ("serve", "serving", "the fake endpoint; without a scenario the simulated model answers"),
    ("record", "recording", "pass requests on to a real API and write down what it answers"),
    ("replay", "recording", "play recordings; nothing else answers, and nothing is asked elsewhere"),
    ("generalise", "reviewing", "turn a recording into a script, as far as that can be proven"),
    ("diff", "reviewing", "show what differs between two recordings in meaning"),
    ("scan", "reviewing", "look for secrets in files"),
    ("drift", "reviewing", "ask the real API again, and compare the form of its answers with a recording"),
    ("import", "reviewing", "make a recording of message lists, pairs of request and response, or cassettes"),
    ("faults", "catalogue", "the catalogue of faults, or one of them in full"),
    ("check", "checking", "report every problem of scenario files as file:line:column: message"),
    ("schema", "describing", "the JSON Schema of the scenario file, for editors"),
)
"""Every command, the module that adds it to the parser (as `add_NAME`), and what it is for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when all went well, 1 for problems found, 2 for wrong usage."""
    given = sys.argv[1:] if arguments is None else arguments
    options = _parser(given).parse_args(given)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return code


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """What every command is for; what it takes is known of the one that is given, as that costs a start."""
    parser = argparse.ArgumentParser(
        prog="mockserver",
        description="A model that calls tools, without the model: point your application's base_url here.",
    )
    parser.add_argument("--version", action=Version, help="print the version and exit")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, home, purpose in _COMMANDS:
        command = commands.add_parser(name, help=purpose)
        if name in given:
            getattr(import_module(f"mockserver.cli.{home}"), f"add_{name}")(command)
    return parser
