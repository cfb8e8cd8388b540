"""The deltas in a stream's chunks: what one says of its choice, and the chunks of a choice by call."""

from collections.abc import Callable
from itertools import chain, groupby
from typing import Any

from mockserver.faults.parts import Run

JsonObject = dict[str, Any]
Chunks = list[JsonObject]

_ARGUMENTS = {"function": "arguments", "custom": "input"}


def runs(chunks: Chunks) -> list[Run]:
    """The chunks by choice; those that stand between choices, such as the usage, are a run without calls."""
    grouped = [(index, list(run)) for index, run in groupby(chunks, _choice_of)]
    return [Run(run, [], []) if index is None else taken_apart(run) for index, run in grouped]


def each_choice(chunks: Chunks, change: Callable[[Run], Run | Chunks]) -> Chunks:
    """The chunks with every choice changed by itself; a chunk without a choice stays as it is."""
    found: Chunks = []
    for index, grouped in groupby(chunks, _choice_of):
        run = list(grouped)
        now = change(taken_apart(run)) if index is not None else run
        found += [*now.before, *chain.from_iterable(now.calls), *now.after] if isinstance(now, Run) else now
    return found


def _choice_of(chunk: JsonObject) -> int | None:
    found: int | None = chunk["choices"][0]["index"] if chunk.get("choices") else None
    return found


def taken_apart(chunks: Chunks) -> Run:
    """One choice's chunks by what they are for; a head that comes with the role gets a chunk of its own."""
    before: Chunks = []
    calls: list[Chunks] = []
    after: Chunks = []
    for chunk in chunks:
        delta = delta_of(chunk)
        pieces = delta.get("tool_calls")
        if not pieces:
            (after if calls else before).append(chunk)
            continue
        if "role" in delta:
            before.append(with_delta(chunk, {key: value for key, value in delta.items() if key != "tool_calls"}))
        for one in pieces:
            alone = with_delta(chunk, {"tool_calls": [one]})
            if inner(one).get("name") is not None or not calls:
                calls.append([alone])
            else:
                calls[-1].append(alone)
    return Run(before, calls, after)


def speaks(chunk: JsonObject) -> bool:
    """Whether a chunk says something of a choice; some have no choice, and some providers' choices no delta."""
    return bool(chunk.get("choices")) and "delta" in chunk["choices"][0]


def delta_of(chunk: JsonObject) -> JsonObject:
    """What a chunk says of its choice."""
    found: JsonObject = chunk["choices"][0].get("delta") or {}
    return found


def with_delta(chunk: JsonObject, delta: JsonObject) -> JsonObject:
    """The chunk saying something else."""
    return {**chunk, "choices": [{**chunk["choices"][0], "delta": delta}]}


def finishing(chunk: JsonObject) -> bool:
    """Whether the chunk brings a finish reason."""
    return bool(chunk.get("choices")) and chunk["choices"][0].get("finish_reason") is not None


def piece(chunk: JsonObject) -> JsonObject:
    """The piece of a call in a chunk that has one."""
    found: JsonObject = delta_of(chunk)["tool_calls"][0]
    return found


def kind_of(call: JsonObject) -> str:
    """The key of the object that holds a call's name and what it is given: function or custom."""
    return "custom" if "custom" in call and "function" not in call else "function"


def argument_key(call: JsonObject) -> str:
    """The key of what a call is given, in that object."""
    return _ARGUMENTS[kind_of(call)]


def inner(call: JsonObject) -> JsonObject:
    """The object that holds a call's name and what it is given."""
    found: JsonObject = call.get(kind_of(call)) or {}
    return found


def text_of(chunk: JsonObject) -> str:
    """The arguments in a chunk of a call."""
    call = piece(chunk)
    text = inner(call).get(argument_key(call))
    return text if isinstance(text, str) else ""


def with_text(chunk: JsonObject, text: str) -> JsonObject:
    """The chunk of a call with other arguments."""
    call = piece(chunk)
    return with_delta(chunk, {"tool_calls": [{**call, kind_of(call): {**inner(call), argument_key(call): text}}]})


def whole(call: Chunks) -> JsonObject:
    """The chunks of one call as a single one."""
    return with_text(call[0], "".join([text_of(chunk) for chunk in call])) if len(call) > 1 else call[0]


def repeating_head(chunk: JsonObject, head: JsonObject, keys: tuple[str, ...]) -> JsonObject:
    """A later chunk of a call with the name of its head once more, and those keys of it."""
    call, kind = piece(chunk), kind_of(head)
    kept = {key: head[key] for key in keys if key in head}
    return with_delta(chunk, {"tool_calls": [{**call, **kept, kind: {"name": inner(head)["name"], **inner(call)}}]})
