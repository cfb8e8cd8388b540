"""A provider's format of chat completions, applied: to replies, bodies, chunks, errors and headers."""

from collections.abc import Sequence
from dataclasses import replace

from mockserver.chat import MOCK_ERROR, ApiError, Reply
from mockserver.steps import Head, Send, Step, Wait
from mockserver.wire.chat_completions.completion import body
from mockserver.wire.chat_completions.reasoning import THINKING, show_thinking, thinking_deltas
from mockserver.wire.chat_completions.render import Headers, plain, render_error, streamed
from mockserver.wire.chat_completions.stream import chunks_of, stream_options
from mockserver.wire.codec import NotJson, decode, encode
from mockserver.wire.dialect import JsonObject, ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.provider import OPENAI, Alteration, Occasion, Provider

_LETTERS_FROM = len("call_")


def adopt(replies: Sequence[Reply], provider: Provider, occasion: Occasion) -> tuple[Reply, ...] | ApiError:
    """The replies with ids of this provider's kind for the calls that have none, or the error that it says instead.

    A recorded reply is said as it was.
    """
    if provider.refuse is not None and all(reply.sent is None for reply in replies):
        for reply in replies:
            refused = provider.refuse(reply, occasion)
            if refused is not None:
                return refused
    return tuple([_with_ids(reply, place, provider, occasion) for place, reply in enumerate(replies)])


def _with_ids(reply: Reply, choice: int, provider: Provider, occasion: Occasion) -> Reply:
    if provider.ids is None or not reply.calls or reply.sent is not None:
        return reply
    drawn = occasion.identity.call_ids(len(reply.calls), choice)
    calls = [
        replace(call, id=provider.ids(one[_LETTERS_FROM:], place, call.name, occasion)) if call.id is None else call
        for place, (call, one) in enumerate(zip(reply.calls, drawn, strict=True))
    ]
    return replace(reply, calls=calls)


def body_in_manner(
    replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity, alteration: Alteration
) -> JsonObject:
    """A completion as this provider says it; of a streamed one only what its chunks are made of."""
    found = body(replies, parsed, identity)
    provider, occasion, _ = alteration
    if occasion is None:
        return found
    if provider.thinking is not None and any(reply.thinking for reply in replies):
        show_thinking(found, replies)
    found = provider.said(found, occasion) if provider.said is not None else found
    if parsed.request.stream:
        return found
    if provider.thinking is not None:
        for each in found["choices"]:
            if each["message"].get(THINKING) is not None:
                each["message"] = provider.thinking.message(each["message"])
    return provider.body(found, occasion) if provider.body is not None else found


def chunks_in_manner(
    completion: JsonObject, replies: Sequence[Reply], parsed: ParsedRequest, alteration: Alteration
) -> list[JsonObject]:
    """The chunks that say a completion, as this provider sends them."""
    provider, occasion, _ = alteration
    options = stream_options(parsed.request, str(completion.get("id")))
    found = chunks_of(completion, options, replies[0].stream)
    if provider.thinking is not None and any(reply.thinking for reply in replies):
        found = thinking_deltas(found, provider.thinking)
    if provider.chunks is None or occasion is None:
        return found
    return provider.chunks(found, occasion._replace(usage=completion.get("usage")))


def frame(
    value: JsonObject | list[JsonObject], headers: Headers, pauses: Sequence[float], alteration: Alteration
) -> list[Step]:
    """The steps that send a whole body, or the chunks of a stream, with this provider's headers and opening."""
    provider, occasion, _ = alteration
    if isinstance(value, list):
        return with_headers(streamed(value, pauses, headers, provider.opening), provider, None, occasion)
    waits: list[Step] = [Wait(pause) for pause in pauses]
    return with_headers([*waits, *plain(200, encode(value), headers)], provider, value, occasion)


def refuse(
    error: ApiError,
    headers: Headers,
    *,
    time_scale: float = 1.0,
    provider: Provider | None = None,
    occasion: Occasion | None = None,
) -> list[Step]:
    """The response that says an error; a recorded one keeps the format of the service that gave it."""
    steps = render_error(error, headers, time_scale=time_scale)
    if error.sent is not None or provider is None or occasion is None:
        return steps
    return in_manner(steps, provider, occasion)


def in_manner(steps: Sequence[Step], provider: Provider, occasion: Occasion) -> list[Step]:
    """A response that is not a completion as this provider gives it; a body that is not JSON stays as it is."""
    if provider is OPENAI or (provider.error is None and provider.headers is None):
        return list(steps)
    status = next((step.status for step in steps if isinstance(step, Head)), 200)
    try:
        found = decode(b"".join([step.data for step in steps if isinstance(step, Send)]))
    except NotJson:
        found = None
    if not isinstance(found, dict):
        return with_headers(steps, provider, None, occasion)
    said = found.get("error")
    if provider.error is not None and isinstance(said, dict) and not _our_own(said):
        found = provider.error(found, status, occasion)
    return with_headers(_with_body(steps, encode(found)), provider, found, occasion)


def _with_body(steps: Sequence[Step], data: bytes) -> list[Step]:
    """A plain response with another body."""
    length = ("content-length", str(len(data)))
    found: list[Step] = []
    for step in steps:
        if isinstance(step, Head):
            headers = tuple([length if name == "content-length" else (name, value) for name, value in step.headers])
            found.append(replace(step, headers=headers))
        elif not isinstance(step, Send):
            found.append(step)
        elif data:
            found.append(Send(data))
            data = b""
    return found


def _our_own(error: JsonObject) -> bool:
    """Whether it is the mock that has something to say, and no provider."""
    return error.get("type") == MOCK_ERROR or str(error.get("code")).endswith("_not_allowed")


def with_headers(
    steps: Sequence[Step], provider: Provider, body: JsonObject | None, occasion: Occasion | None
) -> list[Step]:
    """The response with this provider's headers; `body` is the finished body, None for a stream."""
    headers = provider.headers
    if headers is None or occasion is None:
        return list(steps)
    return [
        replace(step, headers=tuple(headers(dict(step.headers), body, occasion).items()))
        if isinstance(step, Head)
        else step
        for step in steps
    ]
