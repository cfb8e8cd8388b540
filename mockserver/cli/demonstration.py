"""`mockserver demo`: the four steps of function calling, played and printed."""

import argparse


def add_demo(parser: argparse.ArgumentParser) -> None:
    """`mockserver demo`."""
    parser.add_argument("--seed", default="0", help="seed of ids and invented values (default: 0)")
    parser.set_defaults(run=_demo)


def _demo(options: argparse.Namespace) -> int:
    from mockserver.server.demo import demo

    return demo(options.seed)
