"""Where ids and invented values come from: the seed, the request, and how often that very request came before."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from mockserver.chat import ChatRequest
from mockserver.wire.codec import canonical

_LETTERS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ALPHABET = (_LETTERS * 5)[:256]
_PAIRS = [bytes((first, second)) for second in _LETTERS for first in _LETTERS]
_COMPLETION_ID, _CALL_ID, _STARTS = 29, 22, 11
OF_COMPLETION = slice(_COMPLETION_ID)
"""Where in an identity's letters the own part of a completion's id stands, behind `chatcmpl-`."""
_FIRST_SECOND = 1_750_000_000
_SECONDS = 10_000_000
_SLOWEST_MILLISECONDS = 200
_WAYS_TO_SEND = frozenset({"stream", "stream_options"})


def of_call(call: int) -> tuple[slice, bytes]:
    """Where in the letters the own part of a call's id stands, behind `call_`, and the two letters that end the id."""
    start = _COMPLETION_ID + 5 * call % _STARTS
    return slice(start, start + _CALL_ID), _PAIRS[call % len(_PAIRS)]


Origin = tuple[str, bytes, str, int, tuple[str, int] | None]
"""Seed, fingerprint of the request, session, attempt, and place in a scenario."""


class Identity:
    """The nth attempt (from 1) of a request in a session, under a seed.

    Equal identities give equal ids, in every process and on every machine; `Identity(*origin)` is an equal one. All
    ids of an answer are cut from one digest, so that they cost next to nothing. `place` is the scenario that answers
    and its replies since it opened, this one included; it does not belong to the digest. `created` is in seconds since
    1970, and derived like the rest: a wall clock would change from run to run.
    """

    __slots__ = ("_digest", "created", "letters", "origin", "place", "processing_milliseconds", "request_id")

    def __init__(
        self, seed: str, fingerprint: bytes, session: str = "", attempt: int = 1, place: tuple[str, int] | None = None
    ) -> None:
        self.origin = seed, fingerprint, session, attempt, place
        self.place = place
        asked = f"{seed}\0{session}\0{attempt}\0".encode("utf-8", "surrogateescape")
        digest = self._digest = blake2b(asked + fingerprint).digest()
        self.letters = digest.translate(_ALPHABET)
        numbers = int.from_bytes(digest[-8:])
        self.request_id = f"req_{digest[:16].hex()}"
        self.created = _FIRST_SECOND + numbers % _SECONDS
        self.processing_milliseconds = 1 + numbers % _SLOWEST_MILLISECONDS

    @property
    def completion_id(self) -> str:
        """`chatcmpl-` and 29 letters and digits."""
        return f"chatcmpl-{self.letters[OF_COMPLETION].decode()}"

    def letters_of(self, choice: int) -> bytes:
        """The letters and digits from which the ids of a choice's calls are cut."""
        return blake2b(self._digest + b"%d" % choice).digest().translate(_ALPHABET) if choice else self.letters

    def call_ids(self, count: int, choice: int = 0) -> list[str]:
        """For each call of the nth choice `call_` and 24 letters and digits; the last two alone tell calls apart."""
        letters = self.letters_of(choice)
        return [f"call_{(letters[own] + end).decode()}" for own, end in map(of_call, range(count))]


def play_digest(name: str) -> bytes:
    """Four bytes that stand for a scenario in an id."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=4).digest()


def content_seed(seed: str, fingerprint: bytes) -> str:
    """Decides what is said: the same for every attempt and every session."""
    return blake2b(f"{seed}\0".encode("utf-8", "surrogateescape") + fingerprint, digest_size=16).hexdigest()


def conversation_digest(request: ChatRequest) -> bytes:
    """What decides what a model says to a request: its words, calls and tools, in whichever API it came.

    Ids, options and the way to send are left out, so that the same conversation gets the same reply in every API.
    """
    messages = [
        (
            "system" if message.role == "developer" else message.role,
            message.content or "",
            message.refusal or "",
            [(call.name, call.arguments) for call in message.tool_calls],
        )
        for message in request.messages
    ]
    tools = [(tool.name, tool.description, tool.parameters, tool.kind, tool.format) for tool in request.tools]
    choice = (request.tool_choice.mode, request.tool_choice.only, request.parallel_tool_calls)
    return blake2b(canonical((request.model, messages, tools, choice)), digest_size=16).digest()


def fingerprint(body: Mapping[str, Any]) -> bytes:
    """What makes two requests the same: the body without nulls and the words that only say how the reply is sent."""
    asked = {key: value for key, value in body.items() if value is not None and key not in _WAYS_TO_SEND}
    return blake2b(canonical(asked), digest_size=16).digest()
