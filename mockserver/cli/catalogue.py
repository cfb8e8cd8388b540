"""`mockserver faults`: the catalogue, one fault in full, or the document that is made from it."""

import argparse
import sys

from mockserver.cli.exits import OK, WRONG_USAGE


def add_faults(parser: argparse.ArgumentParser) -> None:
    """`mockserver faults [NAME]`."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="show this fault with an example")
    parser.add_argument("--markdown", action="store_true", help="print the whole catalogue as Markdown")
    parser.set_defaults(run=_faults)


def _faults(options: argparse.Namespace) -> int:
    from mockserver.faults import UnknownFault, fault_spec
    from mockserver.handbook import document, page, table

    if options.name is None:
        print(document() if options.markdown else table(), end="" if options.markdown else "\n")
        return OK
    try:
        print(page(fault_spec(options.name).fault))
    except UnknownFault as error:
        print(f"mockserver: {error}", file=sys.stderr)
        return WRONG_USAGE
    return OK
