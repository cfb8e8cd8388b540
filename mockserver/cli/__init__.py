"""The command line: commands → settings → run, and nothing else."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from mockserver.cli.arguments import Version
from mockserver.cli.exits import OK

_COMMANDS = (
    ("demo", "demonstration", "run a tool-calling conversation against the mock server and print it"),
    ("serve", "serving", "start the mock server with scenarios, or with the simulated model"),
    ("record", "recording", "start a recording proxy for a real API"),
    ("replay", "recording", "start the mock server with recordings; never connects to the real API"),
    ("generalise", "reviewing", "turn a recording into a scenario with rules"),
    ("diff", "reviewing", "compare two recordings by meaning"),
    ("scan", "reviewing", "scan files for secrets"),
    ("drift", "reviewing", "repeat recorded requests and compare the form of the responses"),
    ("import", "reviewing", "convert message lists, request/response pairs or VCR.py cassettes to a recording"),
    ("faults", "catalogue", "list the faults that can be injected, or show one of them"),
    ("check", "checking", "validate scenario files; reports file:line:column: message"),
    ("schema", "describing", "print the JSON Schema of scenario files, for editors"),
)
"""Every command, the module that adds it to the parser (as `add_NAME`), and what it is for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 for success, 1 for problems found, 2 for wrong usage."""
    given = sys.argv[1:] if arguments is None else arguments
    options = _parser(given).parse_args(given)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return code


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """What every command is for; what it takes is known of the one that is given, as that costs a start."""
    parser = argparse.ArgumentParser(
        prog="mockserver",
        description="Offline mock server for the OpenAI-style chat completions API with tool calls.",
    )
    parser.add_argument("--version", action=Version, help="print the version and exit")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, home, purpose in _COMMANDS:
        command = commands.add_parser(name, help=purpose)
        if name in given:
            getattr(import_module(f"mockserver.cli.{home}"), f"add_{name}")(command)
    return parser
