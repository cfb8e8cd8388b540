"""Answers that are no completions in a provider's manner: errors, lists, and the headers of anything."""

from collections.abc import Sequence
from dataclasses import replace

from mockserver.chat import MOCK_ERROR, ApiError, Reply
from mockserver.steps import Head, Step
from mockserver.wire.chat_completions.providers.provider import JsonObject, Occasion, Provider
from mockserver.wire.rewrite import rewrite_body

_LETTERS_FROM = len("call_")


def spoken(replies: Sequence[Reply], provider: Provider, occasion: Occasion) -> tuple[Reply, ...] | ApiError:
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


def dressed(steps: Sequence[Step], provider: Provider, occasion: Occasion) -> list[Step]:
    """A response that is no completion as this provider gives it; a body that is not JSON stays as it is."""
    if provider.error is None and provider.headers is None:
        return list(steps)
    error = provider.error

    def change(body: JsonObject, status: int) -> JsonObject:
        said = body.get("error")
        if error is None or not isinstance(said, dict) or _our_own(said):
            return body
        return error(body, status, occasion)

    again, body = rewrite_body(steps, change)
    return headed(again, provider, body, occasion)


def _our_own(error: JsonObject) -> bool:
    """Whether it is the mock that has something to say, and no provider."""
    return error.get("type") == MOCK_ERROR or str(error.get("code")).endswith("_not_allowed")


def headed(steps: Sequence[Step], provider: Provider, body: JsonObject | None, occasion: Occasion) -> list[Step]:
    """The response with this provider's headers; `body` is the finished body, None for a stream."""
    headers = provider.headers
    if headers is None:
        return list(steps)
    return [
        replace(step, headers=tuple(headers(dict(step.headers), body, occasion).items()))
        if isinstance(step, Head)
        else step
        for step in steps
    ]
