"""Ordering of recorded turns: their order, names and ids follow from their content, not from the time."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from mockserver.chat import ChatRequest, Message, Reply, Tool
from mockserver.scenario import Recording, Scenario, Turn, answered
from mockserver.scenario.canonical import canonical, canonical_messages, in_order

_WORDS = re.compile(r"\w+")
_NAME_WORDS = 5
_LONGEST_NAME = 40


def ordered_scenario(name: str, recording: Recording, turns: Iterable[Turn]) -> Scenario:
    """The scenario of these turns.

    A turn stands after the one that it continues; equal requests keep their order. The same turns give the same
    scenario, in whatever order different requests came.
    """
    named = tuple(_named(_linked(sorted(turns, key=_sort_key))))
    return Scenario(name, tools=tuple(_tools(named)), turns=named, recording=recording)


def _sort_key(turn: Turn) -> tuple[Any, ...]:
    """Sorts a conversation's requests one after the other, and different conversations by what they say."""
    assert turn.heard is not None, "only recorded turns are ordered_scenario"
    form = canonical(turn.heard)
    return tuple(map(_text, form.pop("messages"))), _text(form)


def _linked(turns: Sequence[Turn]) -> Iterator[Turn]:
    """The turns with the history of each as it was recorded, where it was, and with ids by their place."""
    by_conversation: dict[bytes, list[Turn]] = {}
    for turn in map(_renumbered, turns):
        heard = turn.heard
        assert heard is not None, "only recorded turns are ordered_scenario"
        digests = list(_digests(heard))
        ends = [end for end, message in enumerate(heard.messages) if message.role == "assistant"]
        parents = next((by_conversation[digests[end]] for end in reversed(ends) if digests[end] in by_conversation), [])
        if parents:
            parent = _most_alike(parents, heard)
            history = answered(parent)
            heard = replace(heard, messages=(*history, *heard.messages[len(history) :]))
        linked = replace(turn, heard=heard)
        yield linked
        if conversation := answered(linked):
            digest = list(_digests(replace(heard, messages=conversation)))[-1]
            by_conversation.setdefault(digest, []).append(linked)


def _digests(request: ChatRequest) -> Iterator[bytes]:
    """For each message a digest of the conversation up to it."""
    before = b""
    for form in canonical_messages(request):
        before = blake2b(before + _text(form).encode("ascii"), digest_size=16).digest()
        yield before


def _most_alike(turns: Sequence[Turn], request: ChatRequest) -> Turn:
    """Of several turns with the same conversation the one whose request is most alike; the first of equals."""

    def likeness(turn: Turn) -> int:
        other = turn.heard or request
        return sum((other.model == request.model, other.tools == request.tools, other.options == request.options))

    return max(turns, key=likeness)


def _renumbered(turn: Turn) -> Turn:
    """The turn with its calls called `call_1`, `call_2` …; results point to theirs and come in their order."""
    heard = turn.heard
    assert heard is not None, "only recorded turns are ordered_scenario"
    count = 0
    new_ids: dict[str, str] = {}
    messages = []
    for message in in_order(heard.messages):
        if message.tool_calls:
            count, fresh, numbered = _numbered(message, count)
            new_ids |= fresh
            messages.append(numbered)
        elif message.tool_call_id:  # an empty one belongs to a call without an id, and stays
            messages.append(replace(message, tool_call_id=new_ids.get(message.tool_call_id, "call_unknown")))
        else:
            messages.append(message)
    say = turn.say
    if isinstance(say, Reply) and say.calls:
        answer = _numbered(Message("assistant", None, tuple(say.calls)), count)[2]
        say = replace(say, calls=answer.tool_calls)
    return replace(turn, say=say, heard=replace(heard, messages=tuple(messages)))


def _numbered(message: Message, count: int) -> tuple[int, dict[str, str], Message]:
    """The calls numbered on from `count`; two with the same id keep having the same."""
    fresh: dict[str, str] = {}
    calls = []
    for call in message.tool_calls:
        count += 1
        named = fresh.setdefault(call.id, f"call_{count}") if call.id else None
        calls.append(replace(call, id=named))
    return count, fresh, replace(message, tool_calls=tuple(calls))


def _named(turns: Iterable[Turn]) -> Iterator[Turn]:
    """The turns named after the last message of each request, with a number where that is not unique."""
    counts: Counter[str] = Counter()
    for turn in turns:
        plain = _slug(turn.heard.messages[-1]) if turn.heard is not None and turn.heard.messages else "nothing"
        counts[plain] += 1
        yield replace(turn, name=plain if counts[plain] == 1 else f"{plain}-{counts[plain]}")


def _slug(message: Message) -> str:
    if message.role in ("tool", "function"):
        return "results"
    words = _WORDS.findall((message.content or "").lower())[:_NAME_WORDS]
    return "-".join(words)[:_LONGEST_NAME].strip("-") or message.role


def _tools(turns: Iterable[Turn]) -> Iterator[Tool]:
    """Every tool that was offered, once; one that came in several forms stands with the first, the others in place."""
    seen = set()
    for turn in turns:
        for tool in turn.heard.tools if turn.heard is not None else ():
            if tool.name not in seen:
                seen.add(tool.name)
                yield tool


def _text(form: Any) -> str:
    return json.dumps(form, sort_keys=True)
