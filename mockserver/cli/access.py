"""The options for authentication, rate limits and allowed hosts."""

import argparse
from typing import TYPE_CHECKING

from mockserver.cli.arguments import amount, size

if TYPE_CHECKING:
    from mockserver.server.access import Access


def add_access_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that every serving command has."""
    add = parser.add_argument_group("access and rate limits").add_argument
    key = "require an API key (optionally this exact one); 401 without it"
    add("--require-key", nargs="?", const=True, default=False, metavar="KEY", help=key)
    add("--known-models-only", action="store_true", help="404 for models that are not in the list of models")
    add("--rpm", type=amount, metavar="N", help="rate limit: requests per minute for each API key; 429 beyond it")
    add("--tpm", type=amount, metavar="N", help="rate limit: tokens per minute for each API key; 429 beyond it")
    add("--body-limit", type=size, default="32MiB", metavar="SIZE", help="maximum request body size (default: 32MiB)")
    add(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="additional host name to accept in Host and Origin (CORS), besides localhost; repeatable",
    )


def access_of(options: argparse.Namespace) -> "Access":
    """The access settings of a command's options."""
    from mockserver.server.access import Access

    return Access(
        require_key=options.require_key,
        known_models_only=options.known_models_only,
        requests_per_minute=options.rpm,
        tokens_per_minute=options.tpm,
        body_limit=options.body_limit,
        allowed_hosts=tuple(options.allow_host),
    )
