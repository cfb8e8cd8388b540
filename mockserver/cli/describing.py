"""`mockserver schema`: the JSON Schema of the scenario file, for editors."""

import argparse
import json

from mockserver.cli.exits import OK


def add_schema(parser: argparse.ArgumentParser) -> None:
    """`mockserver schema`."""
    parser.set_defaults(run=_schema)


def _schema(options: argparse.Namespace) -> int:  # noqa: ARG001  # every command is handed its options
    from mockserver.scenario.file.json_schema import schema

    print(json.dumps(schema(), indent=2, ensure_ascii=False))
    return OK
