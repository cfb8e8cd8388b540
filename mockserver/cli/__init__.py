"""The command line: commands → settings → run, and nothing else."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from mockserver.cli.options import OK, Version

_COMMANDS = (
    ("demo", "serve", "run a tool-calling conversation against the mock server and print it"),
    ("serve", "serve", "start the mock server with scenarios, or with the simulated model"),
    ("record", "record_replay", "start a recording proxy for a real API"),
    ("replay", "record_replay", "start the mock server with recordings; never connects to the real API"),
    ("generalise", "recording_tools", "turn a recording into a scenario with rules"),
    ("diff", "recording_tools", "compare two recordings by meaning"),
    ("scan", "recording_tools", "scan files for secrets"),
    ("drift", "recording_tools", "repeat recorded requests and compare the form of the responses"),
    ("import", "recording_tools", "convert message lists, request/response pairs or VCR.py cassettes to a recording"),
    ("explain", "explain", "tell what would answer a request, and why"),
    ("faults", "info", "list the faults that can be injected, or show one of them"),
    ("check", "info", "validate scenario files; reports file:line:column: message"),
    ("schema", "info", "print the JSON Schema of scenario files, for editors"),
)
"""Every command, the module that adds it to the parser (as `add_NAME`), and what it is for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 for success, 1 for problems found, 2 for wrong usage."""
    command_line = sys.argv[1:] if arguments is None else arguments
    options = _parser(command_line).parse_args(command_line)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return code


def _parser(command_line: Sequence[str]) -> argparse.ArgumentParser:
    """What every command is for; what it takes is known of the one that is given, as that costs a start."""
    parser = argparse.ArgumentParser(
        prog="mockserver",
        description="Offline mock server for the OpenAI-style chat completions API with tool calls.",
    )
    parser.add_argument("--version", action=Version, help="print the version and exit")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, home, purpose in _COMMANDS:
        command = commands.add_parser(name, help=purpose)
        if name in command_line:
            getattr(import_module(f"mockserver.cli.{home}"), f"add_{name}")(command)
    return parser
