"""An answer that is not as OpenAI gives it: in another provider's manner, gone wrong on purpose, or both.

The sound answer is taken apart, dressed in the provider's manner, struck layer by layer, and put together again.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from mockserver.chat import ApiError, Reply
from mockserver.faults import Injection, Layer
from mockserver.steps import Head, Send, Step, Wait
from mockserver.wire.chat_completions.as_stream import as_stream
from mockserver.wire.chat_completions.providers import OPENAI, Occasion, Provider
from mockserver.wire.chat_completions.providers.dress import dressed, headed
from mockserver.wire.chat_completions.render import Headers, body, plain, render, render_error, streamed
from mockserver.wire.codec import encode
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.sse import DONE, frame

JsonObject = dict[str, Any]
Value = TypeVar("Value")


class Alteration(NamedTuple):
    """In whose manner an answer is written, on which occasion, and what goes wrong with it."""

    provider: Provider = OPENAI
    occasion: Occasion | None = None
    injection: Injection | None = None

    @property
    def layers(self) -> frozenset[Layer]:
        """The layers that a fault is to change."""
        return self.injection.layers if self.injection is not None else frozenset()

    def apply(self, layer: Layer, value: Value) -> "tuple[Value, Alteration]":
        """The value of a layer with the faults that are due in it, and the alteration that knows which they were."""
        if self.injection is None:
            return value, self
        changed, injection = self.injection.apply(value, layer)
        return changed, self._replace(injection=injection)


class Altered(NamedTuple):
    """The steps of a response, and the injection with the faults that are in them."""

    steps: list[Step]
    injection: Injection | None


def write_altered(  # noqa: PLR0913, PLR0917 - `render`, and what is to be different
    replies: Sequence[Reply],
    parsed: ParsedRequest,
    identity: Identity,
    headers: Headers,
    alteration: Alteration,
    time_scale: float = 1.0,
) -> Altered:
    """The response to a request, as `render` gives it, in the provider's manner and with the faults that are due.

    A recorded answer is in the manner of whoever gave it.

    Raises:
        NotApplicable: a fault asked for by name finds nothing that it could break.
        NotProducible: a fault asked for by name is one that can't be produced.
    """
    if replies[0].sent is not None:
        alteration = alteration._replace(provider=OPENAI)
    steps = render(replies, parsed, identity, headers, time_scale=time_scale)
    if alteration.provider.alters or alteration.layers & {"body", "chunks"}:
        rewrite = _streamed_again if parsed.request.stream else _said_again
        steps, alteration = rewrite(steps, replies, parsed, identity, alteration)
    return _finished(steps, alteration)


def write_altered_error(error: ApiError, headers: Headers, alteration: Alteration, time_scale: float = 1.0) -> Altered:
    """The response that says an error, in the provider's manner and with the faults of its steps that are due."""
    steps = render_error(error, headers, time_scale=time_scale)
    if error.sent is None and alteration.occasion is not None:
        steps = dressed(steps, alteration.provider, alteration.occasion)
    return _finished(steps, alteration)


def _finished(steps: Sequence[Step], alteration: Alteration) -> Altered:
    """The steps with their own faults and their label."""
    steps, alteration = alteration.apply("steps", steps)
    return Altered(labelled(steps, alteration.injection), alteration.injection)


def labelled(steps: Sequence[Step], injection: Injection | None) -> list[Step]:
    """The steps with `x-mock-fault` in every response head."""
    if injection is None or not injection.names:
        return list(steps)
    label = ("x-mock-fault", "; ".join(injection.names))
    return [replace(step, headers=(*step.headers, label)) if isinstance(step, Head) else step for step in steps]


def _said_again(
    steps: Sequence[Step], replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity, alteration: Alteration
) -> tuple[list[Step], Alteration]:
    """The same response with another body."""
    provider, occasion = alteration.provider, alteration.occasion
    said = body(replies, parsed, identity)
    if occasion is not None:
        said = provider.said(said, occasion) if provider.said is not None else said
        said = provider.body(said, occasion) if provider.body is not None else said
    _, alteration = alteration.apply("chunks", [])
    struck, alteration = alteration.apply("body", said)
    head = next(step for step in steps if isinstance(step, Head))
    kept = {name: value for name, value in head.headers if name not in ("content-type", "content-length")}
    again = [*[step for step in steps if isinstance(step, Wait)], *plain(head.status, encode(struck), kept)]
    return (headed(again, provider, said, occasion) if occasion is not None else again), alteration


def _streamed_again(
    steps: Sequence[Step], replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity, alteration: Alteration
) -> tuple[list[Step], Alteration]:
    """The same response with other chunks, paced as those before were."""
    provider, occasion = alteration.provider, alteration.occasion
    if provider.said is not None or "body" in alteration.layers:
        whole = body(replies, parsed, identity)
        if occasion is not None and provider.said is not None:
            whole = provider.said(whole, occasion)
            occasion = occasion._replace(usage=whole["usage"])
        whole, alteration = alteration.apply("body", whole)
        told = as_stream(whole, parsed.request, identity, replies[0].stream)
    else:
        told = streamed(replies, parsed, identity)
    opening: list[Step] = []
    if occasion is not None:
        told = provider.chunks(told, occasion) if provider.chunks is not None else told
        opening = [Send(provider.opening)] if provider.opening else []
    told, alteration = alteration.apply("chunks", told)
    again = _paced(steps, told, opening)
    return (headed(again, provider, None, occasion) if occasion is not None else again), alteration


def _paced(steps: Sequence[Step], chunks: Sequence[JsonObject], opening: Sequence[Step]) -> list[Step]:
    """The chunks with the pauses that were between those before; what is left of them comes before the end."""
    head = next(step for step in steps if isinstance(step, Head))
    pauses = [step for step in steps if isinstance(step, Wait)]
    paced: list[Step] = []
    for place, chunk in enumerate(chunks):
        paced += [*pauses[place : place + 1], Send(frame(chunk))]
    left = sum([pause.seconds for pause in pauses[len(chunks) :]])
    return [head, *opening, *paced, *([Wait(left)] if left else []), Send(DONE)]
