"""Types of option values, with their error messages, and the exit codes of commands."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.faults import FaultSpec, Profile


OK, PROBLEMS, WRONG_USAGE = 0, 1, 2
"""Exit codes."""

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
