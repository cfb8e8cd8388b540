"""Comparison of two recordings by meaning: requests added, removed or changed, and answers with other contents."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from mockserver.chat import ApiError, Reply
from mockserver.scenario import Say, Scenario, Turn
from mockserver.scenario.canonical import Canonical, canonical, key_of, parsed
from mockserver.scenario.request_matching import Difference, differences


class Change(NamedTuple):
    """One thing that is not as it was; `what` is "added", "removed", "request" or "answer"."""

    what: str
    turn: Turn
    differences: tuple[Difference, ...] = ()


def compare(old: Scenario, new: Scenario) -> list[Change]:
    """The changes from one recording to another; times, ids, token counts and the way of sending do not count.

    Equal requests are compared in their order. A request that is only in one of them is held against one of the other
    that goes by the same name.
    """
    before, after = _by_request(old.turns), _by_request(new.turns)
    changes: list[Change] = []
    removed: list[Turn] = []
    for key, turns in before.items():
        others = after.pop(key, [])
        changes += _answers(turns, others)
        removed += turns[len(others) :]
        after[key] = others[len(turns) :]
    added = [turn for turns in after.values() for turn in turns]
    by_name = {turn.name: turn for turn in added}
    for turn in removed:
        successor = by_name.pop(turn.name, None)
        if successor is None:
            changes.append(Change("removed", turn))
            continue
        added.remove(successor)
        changes.append(Change("request", successor, _requests(turn, successor)))
        changes += _answers([turn], [successor])
    return [*changes, *(Change("added", turn) for turn in added)]


def meaning(say: Say) -> Canonical:
    """The content of an answer, free of how it was sent."""
    if isinstance(say, ApiError):
        return {"error": {"status": say.status, "type": say.type, "code": say.code, "message": say.message}}
    if not isinstance(say, Reply):
        return {}
    found: dict[str, Any] = {
        "thinking": say.thinking,
        "text": say.text,
        "refusal": say.refusal,
        "calls": [{"name": call.name, "arguments": parsed(call.arguments)} for call in say.calls] or None,
        "finish_reason": say.finish_reason,
        "body": say.sent.body if say.sent is not None else None,
        "cut": True if say.sent is not None and say.sent.cut else None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _by_request(turns: Sequence[Turn]) -> dict[str, list[Turn]]:
    found: defaultdict[str, list[Turn]] = defaultdict(list)
    for turn in turns:
        if turn.heard is not None:
            found[key_of(canonical(turn.heard))].append(turn)
    return dict(found)


def _answers(old: Sequence[Turn], new: Sequence[Turn]) -> Iterator[Change]:
    for before, after in zip(old, new, strict=False):
        if found := tuple(differences(meaning(before.say), meaning(after.say))):
            yield Change("answer", after, found)


def _requests(old: Turn, new: Turn) -> tuple[Difference, ...]:
    if old.heard is None or new.heard is None:
        return ()
    return tuple(differences(canonical(old.heard), canonical(new.heard)))
