"""Options of the commands that serve: address, requests and replies, fault injection, access and rate limits."""

import argparse
from typing import TYPE_CHECKING, Any

from mockserver.cli.options import amount, count, faults, habits, port, scale, size
from mockserver.journal import ENTRIES

if TYPE_CHECKING:
    from mockserver.engine import Fallback, Settings
    from mockserver.server.access import Access


PLAYED_ONLY = "for replies from FILE only; what the upstream replies is forwarded unchanged"
"""Describes the options that cannot change what a real API replies."""

_CHECKS = "request validation: as the real API, or only what cannot be answered (default: strict)"
_FALLBACK = "answer for unmatched requests (default: simulate without scenarios, else error)"
_PROVIDER = "service whose wire format to emulate; auto: by model name (default: openai)"
_WATCH = "reload scenario files when they change"


def add_server_options(parser: argparse.ArgumentParser, *, proxy: bool = False) -> None:
    """Add the options that every serving command has; a `proxy` says which hold for its own replies only."""
    own = PLAYED_ONLY if proxy else None
    add = parser.add_argument_group("server").add_argument
    add("--host", default="127.0.0.1", help="address to bind to (default: 127.0.0.1)")
    add("--port", type=port, default=8080, help="port to listen on; 0: any free port (default: 8080)")
    add("--workers", type=amount, default=1, metavar="N", help="processes, each with its own journal (default: 1)")
    add("--watch", action="store_true", help=argparse.SUPPRESS if proxy else _WATCH)
    add("--journal", type=count, default=ENTRIES, metavar="N", help=f"exchanges kept in memory (default: {ENTRIES})")
    add = parser.add_argument_group("requests and replies", own).add_argument
    add("--checks", choices=("strict", "lenient"), default="strict", help=_CHECKS)
    add("--fallback", choices=("simulate", "error"), help=argparse.SUPPRESS if proxy else _FALLBACK)
    add("--provider", default="openai", metavar="NAME", help=_PROVIDER)
    add("--seed", help="seed of ids and invented values (default: the scenario's, or 0)")
    add("--time-scale", type=scale, default=1.0, metavar="X", help="factor for scripted delays; 0: none (default: 1)")
    named = "finish_reason when tool_choice names a function (default: by model)"
    add("--named-finish", choices=("stop", "tool_calls"), help=named)
    add_fault_options(parser, own)
    add_access_options(parser)


def add_fault_options(parser: argparse.ArgumentParser, about: str | None = None) -> None:
    """Add the options for fault injection; `about` says which replies they are for, if not for all."""
    add = parser.add_argument_group("fault injection", about).add_argument
    what = "inject a fault; repeatable; `mockserver faults` lists them"
    add("--fault", action="append", type=faults, default=[], metavar="NAME[:key=value,…]", help=what)
    add("--profile", type=habits, metavar="NAME", help="inject faults at a model's published rates: small_8b_2024, …")


def add_access_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for authentication, rate limits and allowed hosts."""
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


def chosen_faults(options: argparse.Namespace) -> dict[str, Any]:
    """The faults and the profile among a command's options, as settings."""
    return {"faults": tuple(fault for found in options.fault for fault in found), "profile": options.profile}


def settings_of(options: argparse.Namespace, fallback: "Fallback") -> "Settings":
    """How the mock behaves, as a command's options say.

    Raises:
        UnknownProvider: no provider has that name.
    """
    from mockserver.engine import Settings
    from mockserver.server.request_context import provider_named

    provider = provider_named(options.provider).name
    chosen = {**chosen_faults(options), "named_finish": options.named_finish, "provider": provider}
    return Settings(options.seed, fallback, options.checks, options.time_scale, **chosen)
