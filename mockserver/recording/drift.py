"""Drift: whether the real API still answers in the form that was recorded."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any, NamedTuple

from mockserver.chat import ApiError, Reply
from mockserver.recording.upstream import Outgoing, Unreachable, Upstream
from mockserver.recording.upstream_response import reply_of
from mockserver.scenario import Scenario, Turn
from mockserver.scenario.contradictions import misfits_of
from mockserver.wire.chat_completions.client import ask
from mockserver.wire.chat_completions.shapes import holes
from mockserver.wire.codec import encode
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import fingerprint


class Drift(NamedTuple):
    """What is not as it was recorded; `breaks` says that an application may fail over it."""

    turn: Turn
    message: str
    breaks: bool


def sampled(scenario: Scenario, count: int, seed: str) -> list[Turn]:
    """A sample of the recorded exchanges, drawn by a seed; in the order of the file."""
    turns = [turn for turn in scenario.turns if turn.heard is not None and _is_repeatable(turn)]
    drawn = {id(turn) for turn in Random(seed).sample(turns, min(count, len(turns)))}
    return [turn for turn in turns if id(turn) in drawn]


async def drift(turn: Turn, upstream: Upstream, headers: Mapping[str, str]) -> list[Drift]:
    """Send a request to the upstream again, and compare its answer with the recorded one.

    Raises:
        Unreachable: there is no connection.
    """
    assert turn.heard is not None, "only recorded turns can be asked again"
    body = ask(turn.heard)
    parsed = ParsedRequest(replace(turn.heard, stream=False), fingerprint(body), 0)
    async with upstream.send(Outgoing("POST", "/v1/chat/completions", "", headers, encode(body))) as incoming:
        async for _ in incoming:
            pass
    return list(_differences(turn, reply_of(incoming.response, parsed)))


def _differences(turn: Turn, now: Any) -> Iterator[Drift]:
    was = turn.say
    if isinstance(was, ApiError) or isinstance(now, ApiError):
        before, after = _status(was), _status(now)
        if before != after:
            yield Drift(turn, f"the status was {before} and is {after}", True)
        return
    if not isinstance(was, Reply) or not isinstance(now, Reply):
        return
    if now.sent is not None and now.sent.body is not None:
        yield Drift(turn, "the answer is not a chat completion any more", True)
        return
    yield from (Drift(turn, message, True) for message in _invalid(turn, now))
    if bool(was.calls) != bool(now.calls):
        does = "called tools" if was.calls else "answered in words"
        yield Drift(turn, f"the model {does}, and does not now", True)
    elif _names(was) != _names(now):
        yield Drift(turn, f"the tools called were {_names(was)} and are {_names(now)}", False)
    elif len(was.calls) != len(now.calls):
        yield Drift(turn, f"there were {len(was.calls)} calls at once, and are {len(now.calls)}", False)
    if was.finish_reason != now.finish_reason:
        yield Drift(turn, f"the finish reason was {was.finish_reason} and is {now.finish_reason}", False)
    if (was.usage is None) != (now.usage is None):
        yield Drift(turn, "the usage is there in one answer and not in the other", False)
    if gone := _keys(was) - _keys(now):
        yield Drift(turn, f"gone from the answer: {', '.join(sorted(gone))}", False)


def _invalid(turn: Turn, now: Reply) -> Iterator[str]:
    """Calls that no offered tool takes."""
    for call in now.calls:
        tool = turn.heard.tool(call.name) if turn.heard is not None else None
        if tool is None:
            yield f"the model calls `{call.name}`, which is not offered"
        elif misfit := next(misfits_of(call, tool), None):
            yield f"the arguments of `{call.name}` do not fit its schema: {misfit.message}"


def _names(reply: Reply) -> list[str]:
    return sorted({call.name for call in reply.calls})


def _keys(reply: Reply) -> set[str]:
    """What an answer says beside the message; only of plain answers, which have it all in one place."""
    if reply.sent is None or reply.sent.chunks is not None:
        return set()
    return {key for key in reply.sent.envelope if not holes(key)}


def _status(say: Any) -> int:
    return say.status if isinstance(say, ApiError) else 200


def _is_repeatable(turn: Turn) -> bool:
    """Images of which only the hash was kept cannot be sent again, nor secrets that were taken out."""
    text = repr(turn.heard)
    return "base64,sha256:" not in text and "<secret>" not in text


def drift_report(turns: Sequence[Turn], upstream: Upstream, key: str) -> list[str]:
    """Send each of these requests to the upstream again, one after the other; a line for each difference.

    Raises:
        OSError: there is no connection.
    """
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {key}"} if key else {})

    async def send_all() -> list[Drift]:
        async with upstream:
            return [found for turn in turns for found in await drift(turn, upstream, headers)]

    try:
        found = asyncio.run(send_all())
    except Unreachable as error:
        raise OSError(str(error)) from None
    return [f"{'breaks' if each.breaks else 'differs'}: {each.turn.name}: {each.message}" for each in found]
