"""Command-line options: types of values with their errors, options that serving commands share, exit codes."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.engine import Fallback, Settings
    from mockserver.faults import FaultSpec, Profile
    from mockserver.server.access import Access

OK, PROBLEMS, WRONG_USAGE = 0, 1, 2
"""Exit codes."""

PLAYED_ONLY = "for replies from FILE only; what the upstream replies is forwarded unchanged"
"""Describes the options that cannot change what a real API replies."""

_CHECKS = "request validation: as the real API, or only what cannot be answered (default: strict)"
_FALLBACK = "answer for unmatched requests (default: simulate without scenarios, else error)"
_PROVIDER = "service whose wire format to emulate; auto: by model name (default: openai)"
_WATCH = "reload scenario files when they change"
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


class Version(argparse.Action):
    """`--version`; the version is looked up only then."""

    def __init__(self, option_strings: Sequence[str], dest: str, **more: object) -> None:
        super().__init__(option_strings, dest, nargs=0, help=str(more["help"]))

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Print the version and leave."""
        from importlib.metadata import version

        print(f"mockserver {version('toolcall-mockserver')}")
        parser.exit()


def port(text: str) -> int:
    """A TCP port; 0 means any free one."""
    number = count(text)
    if number > 65_535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: ports go from 0 to 65535")
    return number


def count(text: str) -> int:
    """A whole number from 0 up."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 up")
    return int(text)


def amount(text: str) -> int:
    """A whole number from 1 up."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 up")
    return int(text)


def size(text: str) -> int:
    """A number of bytes: `500000`, `512KiB`, `32MiB`."""
    number, unit = text.rstrip("KMGiBkmgb"), text.lstrip("0123456789").lower().removesuffix("b").removesuffix("i")
    if not number.isdecimal() or int(number) < 1 or unit not in _UNITS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size: give bytes, or a number with KiB or MiB")
    return int(number) * _UNITS[unit]


def scale(text: str) -> float:
    """A number from 0 up."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 up")
    return number


def faults(text: str) -> tuple["FaultSpec", ...]:
    """Faults, as `NAME[:key=value,…]`."""
    from mockserver.faults import UnknownFault, parse

    try:
        return parse(text)
    except UnknownFault as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def habits(text: str) -> "Profile":
    """A profile, by its name."""
    from mockserver.faults import UnknownProfile, profile

    try:
        return profile(text)
    except UnknownProfile as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def add_server_options(parser: argparse.ArgumentParser, *, proxy: bool = False) -> None:
    """Add the options that every serving command has; a `proxy` says which hold for its own replies only."""
    from mockserver.journal import ENTRIES

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
    eager = "the simulated model calls the likeliest tool unless the talk is small"
    add("--eager", action="store_true", help=argparse.SUPPRESS if proxy else eager)
    invent = (
        "required values that the simulated model may make up: of no tool, of tools that only look (default), of all"
    )
    add("--invent", choices=("none", "reading", "all"), default="reading", help=argparse.SUPPRESS if proxy else invent)
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
    chosen |= {"eager": options.eager, "invent": options.invent}
    return Settings(options.seed, fallback, options.checks, options.time_scale, **chosen)
