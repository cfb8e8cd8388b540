"""The command line: commands → settings → run, and nothing else."""

import argparse
import os
import sys
from collections.abc import Sequence

from mockserver.cli.arguments import Version
from mockserver.cli.catalogue import add_faults
from mockserver.cli.checking import add_check
from mockserver.cli.demonstration import add_demo
from mockserver.cli.describing import add_schema
from mockserver.cli.exits import OK
from mockserver.cli.recording import add_record, add_replay
from mockserver.cli.reviewing import add_diff, add_drift, add_generalise, add_import, add_scan
from mockserver.cli.serving import add_serve

_COMMANDS = (
    ("demo", add_demo, "play the four steps of function calling and print the conversation"),
    ("serve", add_serve, "the fake endpoint; without a scenario the simulated model answers"),
    ("record", add_record, "pass requests on to a real API and write down what it answers"),
    ("replay", add_replay, "play recordings; nothing else answers, and nothing is asked elsewhere"),
    ("generalise", add_generalise, "turn a recording into a script, as far as that can be proven"),
    ("diff", add_diff, "show what differs between two recordings in meaning"),
    ("scan", add_scan, "look for secrets in files"),
    ("drift", add_drift, "ask the real API again, and compare the form of its answers with a recording"),
    ("import", add_import, "make a recording of message lists, pairs of request and response, or cassettes"),
    ("faults", add_faults, "the catalogue of faults, or one of them in full"),
    ("check", add_check, "report every problem of scenario files as file:line:column: message"),
    ("schema", add_schema, "the JSON Schema of the scenario file, for editors"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when all went well, 1 for problems found, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mockserver",
        description="A model that calls tools, without the model: point your application's base_url here.",
    )
    parser.add_argument("--version", action=Version, help="print the version and exit")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, add, purpose in _COMMANDS:
        add(commands.add_parser(name, help=purpose))
    return parser
