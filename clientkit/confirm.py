"""A person's yes before a tool acts on the world, good for one call with exactly these arguments."""

from __future__ import annotations

import copy
import hashlib
import inspect
import json
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from clientkit.printable import as_json, printable
from clientkit.threads import run_in_thread

Confirm: TypeAlias = Callable[[str, dict[str, Any]], bool | Awaitable[bool]]
"""Asked with the tool's name and the arguments; only True is a yes."""

_terminal = threading.Lock()


class RepairedArguments(dict[str, Any]):
    """Arguments that were read out of broken JSON. Whoever says yes to them should know it and look twice."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A yes, bound to what was agreed to."""

    fingerprint: str

    def covers(self, name: str, arguments: Mapping[str, Any]) -> bool:
        """Whether it was this call that was agreed to."""
        return self.fingerprint == fingerprint(name, arguments)


def fingerprint(name: str, arguments: Mapping[str, Any]) -> str:
    """A hash of a tool's name and arguments: the same for the same call, however it was written."""
    text = json.dumps([name, arguments], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


async def agreement(
    confirm: Confirm | None, name: str, arguments: Mapping[str, Any], *, repaired: bool = False
) -> Agreement | None:
    """Asks for a yes to this call. None is a no; so is having nobody to ask."""
    if confirm is None:
        return None
    asked_for, shown = fingerprint(name, arguments), copy.deepcopy(dict(arguments))
    answer = confirm(name, RepairedArguments(shown) if repaired else shown)
    if inspect.isawaitable(answer):
        answer = await answer
    return Agreement(asked_for) if answer is True else None


async def ask_in_terminal(name: str, arguments: Mapping[str, Any]) -> bool:
    """Shows the call in the terminal and asks; anything but "y" or "yes" is a no, and so is having no terminal."""
    shown = "".join(f"\n  {_key(key)}: {printable(as_json(value))}" for key, value in arguments.items())
    repaired = isinstance(arguments, RepairedArguments)
    broken = "\nThe model wrote broken JSON; this is what it is taken to mean." if repaired else ""
    question = f"\nThe model wants to run {printable(name)} with{shown or ' no arguments'}{broken}\nRun it? [y/N] "

    def ask() -> bool:
        # One question at a time, or a yes to one could be taken for a yes to another.
        with _terminal:
            try:
                return input(_encodable(question)).strip().lower() in {"y", "yes"}
            except (EOFError, OSError):
                return False

    return await run_in_thread(ask)


def _key(name: str) -> str:
    return name if name.isidentifier() else printable(as_json(name))


def _encodable(text: str) -> str:
    """The text with everything escaped that this terminal has no letters for."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def allow_only(*names: str) -> Confirm:
    """Agrees to every call of the tools named, to no other; never to arguments that had to be repaired."""
    return lambda name, arguments: name in names and not isinstance(arguments, RepairedArguments)


def deny_all(_name: str, _arguments: Mapping[str, Any]) -> bool:
    """Agrees to nothing."""
    return False
