"""Asks for a yes on the controlling terminal, with a word that nothing but the question itself shows.

Streamed text of a model can imitate a question, a pipe can hold a `y`, output can go to a file where nobody sees it,
and keys can be pressed before there is anything to answer. So the question is written to the terminal itself, what was
typed before is discarded, and only a random word that stands in the question is a yes.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import select
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from clientkit.confirm import Decision, Question, RepairedArguments, Verdict
from clientkit.question_text import QuestionText

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # no l, o, i, 0, 1: what is read is typed
_LINE = 4096
_POLL = 0.05
_SIZE = os.terminal_size((80, 24))

_terminal = threading.Lock()


async def ask_in_terminal(question: Question | str, arguments: Mapping[str, Any] | None = None) -> Verdict:
    """Show a call on the controlling terminal and ask; use it as `confirm`.

    Typing the word shown is a yes, `WORD always` one that holds for the same call from now on. `none` declines the
    acting calls that follow in this reply too, `no REASON` tells the model the reason, `show` prints the arguments in
    full. Anything else is a no, and so is having no terminal, or one that is not in the foreground.
    """
    if isinstance(question, Question):
        text = QuestionText.of(question)
    else:
        text = QuestionText(question, dict(arguments or {}), repaired=isinstance(arguments, RepairedArguments))
    # One question at a time, also of several threads, or a yes to one could be taken for a yes to another.
    while not _terminal.acquire(blocking=False):  # noqa: ASYNC110 - the lock is one between threads
        await asyncio.sleep(_POLL)
    try:
        with _foreground_terminal() as terminal:
            return False if terminal is None else await _ask(terminal, text)
    except OSError:
        return False
    finally:
        _terminal.release()


@contextmanager
def _foreground_terminal() -> Iterator[int | None]:
    """The controlling terminal, in line mode; None where there is none or where it shows another program."""
    try:
        import termios
    except ImportError:  # not a POSIX system
        yield None
        return
    try:
        # Not blocking: a terminal that is halted must not halt the event loop.
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        yield None
        return
    try:
        if os.tcgetpgrp(terminal) != os.getpgrp():
            yield None
            return
        before = termios.tcgetattr(terminal)
        lines = before.copy()
        lines[0] |= termios.ICRNL
        lines[3] |= termios.ICANON | termios.ECHO | termios.ISIG
        termios.tcsetattr(terminal, termios.TCSANOW, lines)
        try:
            yield terminal
        finally:
            with suppress(OSError, termios.error):
                termios.tcsetattr(terminal, termios.TCSANOW, before)
    except termios.error:
        raise OSError("the terminal is gone") from None
    finally:
        os.close(terminal)


async def _ask(terminal: int, text: QuestionText) -> Verdict:
    word = "".join(secrets.choice(_ALPHABET) for _ in range(4))
    question = text.short(word, *_size(terminal))
    # Discarded first: what is typed once the question stands is an answer to it.
    _discard_input(terminal)
    await _write(terminal, question)
    while (line := await _read_line(terminal)) is not None:
        if line.strip().casefold() == "show":
            await _write(terminal, f"{text.full(_size(terminal).columns)}\n{question}")
            continue
        verdict = _verdict(line, word)
        await _write(terminal, "It runs.\n" if verdict in {True, Decision.ALWAYS} else "It does not run.\n")
        return verdict
    return False


def _verdict(line: str, word: str) -> Verdict:
    given = line.strip()
    match given.casefold().split():
        case [first] if first == word:
            return True
        case [first, "always"] if first == word:
            return Decision.ALWAYS
        case ["none"]:
            return Decision.NO_TO_ALL
        case ["no" | "no,", _, *_]:
            return given.partition(" ")[2].strip()
    return False


def _size(terminal: int) -> os.terminal_size:
    with suppress(OSError):
        size = os.get_terminal_size(terminal)
        if size.columns and size.lines:
            return size
    return _SIZE


def _discard_input(terminal: int) -> None:
    import termios

    termios.tcflush(terminal, termios.TCIFLUSH)


async def _write(terminal: int, text: str) -> None:
    encoded = text.encode("utf-8", "backslashreplace")
    while encoded:
        try:
            encoded = encoded[os.write(terminal, encoded) :]
        except BlockingIOError:
            await asyncio.sleep(_POLL)


async def _read_line(terminal: int) -> str | None:
    """The next line that is typed; None if the terminal is closed."""
    typed = bytearray()
    while not typed.endswith((b"\n", b"\r")):
        await _readable(terminal)
        try:
            piece = os.read(terminal, _LINE)
        except BlockingIOError:
            continue
        typed += piece
        if not piece or len(typed) > _LINE:
            return None
    return typed.decode("utf-8", "replace")


async def _readable(terminal: int) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    try:
        loop.add_reader(terminal, lambda: None if ready.done() else ready.set_result(None))
    except (OSError, NotImplementedError):
        # The event queue of macOS is said not to take /dev/tty.
        while not select.select([terminal], [], [], 0)[0]:  # noqa: ASYNC110 - no event comes
            await asyncio.sleep(_POLL)
        return
    try:
        await ready
    finally:
        loop.remove_reader(terminal)
