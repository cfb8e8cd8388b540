"""A sealed reply as the chunks of a streamed answer."""

from collections.abc import Iterable, Iterator, Sequence
from random import Random
from string import ascii_letters, digits
from typing import Any, NamedTuple

from mockserver.chat import Reply, ToolCall
from mockserver.wire.chat_completions.logprobs import logprobs
from mockserver.wire.chunking import cut

JsonObject = dict[str, Any]

_LETTERS = ascii_letters + digits
_MOST_OBFUSCATION = 16


class Form(NamedTuple):
    """What the request asked of the stream beside what is said.

    `alternatives`: for each token so many log probabilities, None for none at all. `obfuscation` is the seed of the
    padding that hides how long a chunk's text is, None for no padding.
    """

    legacy: bool = False
    alternatives: int | None = None
    obfuscation: str | None = None


_ORDINARY = Form()


def deltas(reply: Reply, legacy: bool = False) -> list[JsonObject]:
    """The deltas of one choice in the order of the stream: the role first, each call opened before its arguments.

    A single call is opened by the chunk that brings the role; several calls come after it, one after another. In the
    legacy form there is only one call, which has no index and no id.
    """
    if reply.calls and reply.text is None and reply.refusal is None:
        start: JsonObject = {"role": "assistant", "content": None}
        if legacy:
            only = reply.calls[0]
            head = {**start, "function_call": {"name": only.name, "arguments": ""}, "refusal": None}
            return [head, *[{"function_call": {"arguments": piece}} for piece in _pieces(only, reply)]]
        if len(reply.calls) == 1:
            opened = {**start, "tool_calls": [_call_head(0, reply.calls[0])], "refusal": None}
            return [opened, *_arguments(0, reply.calls[0], reply)]
        return [start, *_opened_calls(reply)]
    start = {"role": "assistant", "content": "" if reply.refusal is None else None, "refusal": None}
    said = [{"content": piece} for piece in cut(reply.text or "", reply.stream)]
    refused = [{"refusal": piece} for piece in cut(reply.refusal or "", reply.stream)]
    return [start, *said, *refused, *(_legacy_call(reply) if legacy else _opened_calls(reply))]


class Told(NamedTuple):
    """One choice as it is streamed."""

    choice: int
    deltas: Sequence[JsonObject]
    finish_reason: str | None


def chunks(
    replies: Sequence[Reply], shared: JsonObject, usage: JsonObject | None = None, form: Form = _ORDINARY
) -> list[JsonObject]:
    """The chunks of a streamed answer, without the closing `[DONE]`; with `usage` there is one more that carries it."""
    told = [Told(index, deltas(reply, form.legacy), reply.finish_reason) for index, reply in enumerate(replies)]
    return in_chunks(told, shared, usage, form)


def in_chunks(
    told: Iterable[Told], shared: JsonObject, usage: JsonObject | None = None, form: Form = _ORDINARY
) -> list[JsonObject]:
    """Each delta in a chunk of its own, and after those of a choice the one that brings the finish reason."""
    tail = {"usage": None} if usage is not None else {}
    found: list[JsonObject] = []
    for index, said, reason in told:
        for delta in said:
            sure = _sure(delta, form.alternatives) if form.alternatives is not None else None
            choice = {"index": index, "delta": delta, "logprobs": sure, "finish_reason": None}
            found.append({**shared, "choices": [choice], **tail})
        end = {"index": index, "delta": {}, "logprobs": None, "finish_reason": reason}
        found.append({**shared, "choices": [end], **tail})
    if usage is not None:
        found.append({**shared, "choices": [], "usage": usage})
    return found if form.obfuscation is None else list(_padded(found, Random(form.obfuscation)))


def _sure(delta: JsonObject, alternatives: int) -> JsonObject | None:
    """The log probabilities of the tokens in one delta; the chunk that brings the role has none."""
    return None if "role" in delta else logprobs(delta.get("content"), delta.get("refusal"), alternatives)


def _padded(chunks: Sequence[JsonObject], chance: Random) -> Iterator[JsonObject]:
    for chunk in chunks:
        yield {**chunk, "obfuscation": "".join(chance.choices(_LETTERS, k=chance.randint(0, _MOST_OBFUSCATION)))}


def _opened_calls(reply: Reply) -> list[JsonObject]:
    found: list[JsonObject] = []
    for index, call in enumerate(reply.calls):
        found.append({"tool_calls": [_call_head(index, call)]})
        found.extend(_arguments(index, call, reply))
    return found


def _legacy_call(reply: Reply) -> list[JsonObject]:
    """The call that comes after a text, in the form before `tool_calls`."""
    if not reply.calls:
        return []
    head = {"function_call": {"name": reply.calls[0].name, "arguments": ""}}
    return [head, *[{"function_call": {"arguments": piece}} for piece in _pieces(reply.calls[0], reply)]]


def _call_head(index: int, call: ToolCall) -> JsonObject:
    if call.kind == "custom":
        return {"index": index, "id": call.id, "type": "custom", "custom": {"name": call.name, "input": ""}}
    return {"index": index, "id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}}


def _arguments(index: int, call: ToolCall, reply: Reply) -> list[JsonObject]:
    kind, said = ("custom", "input") if call.kind == "custom" else ("function", "arguments")
    return [{"tool_calls": [{"index": index, kind: {said: piece}}]} for piece in _pieces(call, reply)]


def _pieces(call: ToolCall, reply: Reply) -> list[str]:
    if call.arguments == "{}":
        return ["{}"]
    return cut(call.arguments, reply.stream, arguments=call.kind == "function")
