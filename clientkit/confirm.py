"""A person's yes before a tool acts on the world, good for one call with exactly these arguments."""

from __future__ import annotations

import copy
import hashlib
import inspect
import json
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from clientkit.printable import as_json, printable
from clientkit.threads import run_in_thread

Confirm: TypeAlias = Callable[[str, dict[str, Any]], bool | Awaitable[bool]]
"""Asked with the tool's name and the arguments; only True is a yes."""

_terminal = threading.Lock()


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


async def agreement(confirm: Confirm | None, name: str, arguments: Mapping[str, Any]) -> Agreement | None:
    """Asks for a yes to this call. None is a no; so is having nobody to ask."""
    if confirm is None:
        return None
    asked_for = fingerprint(name, arguments)
    answer = confirm(name, copy.deepcopy(dict(arguments)))
    if inspect.isawaitable(answer):
        answer = await answer
    return Agreement(asked_for) if answer is True else None


async def ask_in_terminal(name: str, arguments: Mapping[str, Any]) -> bool:
    """Shows the call in the terminal and asks; anything but "y" or "yes" is a no."""
    shown = "".join(f"\n  {printable(key)}: {printable(as_json(value))}" for key, value in arguments.items())
    question = f"\nThe model wants to run {printable(name)} with{shown or ' no arguments'}\nRun it? [y/N] "

    def ask() -> bool:
        # One question at a time, or a yes to one could be taken for a yes to another.
        with _terminal:
            try:
                return input(question).strip().lower() in {"y", "yes"}
            except EOFError:
                return False

    return await run_in_thread(ask)


def allow_only(*names: str) -> Confirm:
    """Agrees to every call of the tools named, to no other."""
    return lambda name, _arguments: name in names


def deny_all(_name: str, _arguments: Mapping[str, Any]) -> bool:
    """Agrees to nothing."""
    return False
