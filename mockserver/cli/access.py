"""The options that say who may ask, and how much."""

import argparse
from typing import TYPE_CHECKING

from mockserver.cli.arguments import amount, size

if TYPE_CHECKING:
    from mockserver.server.access import Access


def add_access_options(parser: argparse.ArgumentParser) -> None:
    """What every command that serves takes."""
    add = parser.add_argument
    add("--require-key", nargs="?", const=True, default=False, metavar="KEY", help="want an API key, or this very one")
    add("--known-models-only", action="store_true", help="refuse models that are not in the list of models")
    add("--rpm", type=amount, metavar="N", help="requests a minute for each API key; more are refused with 429")
    add("--tpm", type=amount, metavar="N", help="tokens a minute for each API key; more are refused with 429")
    add("--body-limit", type=size, default="32MiB", metavar="SIZE", help="largest body of a request (default: 32MiB)")
    add(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name, beside localhost, under which the server may be reached and whose pages may ask it; repeatable",
    )


def access_of(options: argparse.Namespace) -> "Access":
    """What was chosen."""
    from mockserver.server.access import Access

    return Access(
        require_key=options.require_key,
        known_models_only=options.known_models_only,
        requests_per_minute=options.rpm,
        tokens_per_minute=options.tpm,
        body_limit=options.body_limit,
        allowed_hosts=tuple(options.allow_host),
    )
