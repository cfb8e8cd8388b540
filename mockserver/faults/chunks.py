"""The chunks of a streamed answer as their faults see them: taken apart by what they are for."""

from collections.abc import Callable
from copy import deepcopy
from itertools import groupby
from typing import Any, NamedTuple

from mockserver.faults.fault import Apply, Context, DoesNotApply

JsonObject = dict[str, Any]
Chunks = list[JsonObject]


class Choice(NamedTuple):
    """The chunks of one choice: those before its calls, those of each call (its head first), those after."""

    before: Chunks
    calls: list[Chunks]
    after: Chunks

    def together(self) -> Chunks:
        """All chunks in order."""
        return [*self.before, *[chunk for call in self.calls for chunk in call], *self.after]


def on_copies(change: Callable[[Chunks, Context], Chunks]) -> Apply:
    """A fault of the chunks, from a function that may change what it is given."""

    def apply(chunks: Chunks, context: Context) -> Chunks:
        return change(deepcopy(chunks), context)

    return apply


def each_choice(chunks: Chunks, change: Callable[[Choice], Choice | Chunks]) -> Chunks:
    """The chunks with every choice changed by itself; a chunk without a choice stays as it is."""
    found: Chunks = []
    for index, grouped in groupby(chunks, _choice_of):
        run = list(grouped)
        now = change(taken_apart(run)) if index is not None else run
        found += now.together() if isinstance(now, Choice) else now
    return found


def on_choices(change: Callable[[Choice, Context], Choice | Chunks]) -> Apply:
    """A fault of the calls in a stream, from a function that changes one choice which has calls."""

    def apply(chunks: Chunks, context: Context) -> Chunks:
        if not any(delta_of(chunk).get("tool_calls") for chunk in chunks if chunk.get("choices")):
            raise DoesNotApply("the reply calls no tool")
        return each_choice(deepcopy(chunks), lambda choice: change(choice, context) if choice.calls else choice)

    return apply


def on_calls(change: Callable[[Chunks, Context], Chunks]) -> Apply:
    """A fault of single calls in a stream, from a function that changes the chunks of one, its head first."""

    def changed(choice: Choice, context: Context) -> Choice:
        target = context.target
        struck = [
            place
            for place, call in enumerate(choice.calls)
            if target.call in (None, place + 1) and target.tool in (None, inner(piece(call[0]))["name"])
        ]
        if not struck:
            raise DoesNotApply("no call of the reply is the one that was picked")
        calls = [change(call, context) if place in struck else call for place, call in enumerate(choice.calls)]
        return choice._replace(calls=calls)

    return on_choices(changed)


def _choice_of(chunk: JsonObject) -> int | None:
    found: int | None = chunk["choices"][0]["index"] if chunk.get("choices") else None
    return found


def taken_apart(chunks: Chunks) -> Choice:
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
    return Choice(before, calls, after)


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


def inner(call: JsonObject) -> JsonObject:
    """The object that holds a call's name and what it is given."""
    found: JsonObject = call["function"] if "function" in call else call["custom"]
    return found


def text_of(chunk: JsonObject) -> str:
    """The arguments in a chunk of a call."""
    found = inner(piece(chunk))
    text = found.get("arguments", found.get("input"))
    return text if isinstance(text, str) else ""


def with_text(chunk: JsonObject, text: str) -> JsonObject:
    """The chunk of a call with other arguments."""
    call = piece(chunk)
    kind, key = ("function", "arguments") if "function" in call else ("custom", "input")
    return with_delta(chunk, {"tool_calls": [{**call, kind: {**call[kind], key: text}}]})
