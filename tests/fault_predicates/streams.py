"""What faults of a stream are named for: its chunks, piece by piece, beside those without the fault."""

import re
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any

from mockserver.steps import Drop, Send, Wait
from tests.fault_answers import Answer, Case, gathered, strictly
from tests.fault_predicates.changes import Predicate

Atom = tuple[str, Any]
"""One thing that a chunk says: its kind (role, content, …, call, finish) and what it is."""


def atoms(answer: Answer) -> list[Atom]:
    """All that the chunks of a stream say, in order, however it is dealt out over chunks; `null` and "" say nothing."""
    found: list[Atom] = []
    for chunk in answer.chunks or ():
        for choice in chunk.get("choices") or ():
            for key, value in (choice.get("delta") or {}).items():
                if key == "tool_calls":
                    found += [("call", piece) for piece in value or ()]
                elif value:
                    found.append((key, value))
            if choice.get("finish_reason") is not None:
                found.append(("finish", choice["finish_reason"]))
    return found


def pieces(answer: Answer) -> list[Any]:
    """The pieces of calls, in order."""
    return [piece for kind, piece in atoms(answer) if kind == "call"]


def arguments(piece: Any) -> str:
    """The text of a piece."""
    return str(piece["function"].get("arguments") or "")


def by_call(answer: Answer) -> list[list[Any]]:
    """The pieces of each call, its head first, told apart by their index."""
    found: dict[Any, list[Any]] = {}
    for piece in pieces(answer):
        found.setdefault(piece.get("index"), []).append(piece)
    return list(found.values())


def each_piece(change: Callable[[Any], Any]) -> Predicate:
    """Every piece of a call has this change, and all else is the same, in the same order."""

    def judged(case: Case) -> bool:
        expected = [(kind, change(said) if kind == "call" else said) for kind, said in atoms(case.before)]
        return atoms(case.after) == expected != atoms(case.before)

    return judged


def calls(rule: Callable[[list[Any], list[Any]], bool]) -> Predicate:
    """The pieces of the calls are others, call by call as the rule says; what is said beside them is the same."""

    def judged(case: Case) -> bool:
        old, new = by_call(case.before), by_call(case.after)
        told = [[atom for atom in atoms(answer) if atom[0] != "call"] for answer in (case.before, case.after)]
        return told[0] == told[1] and len(old) == len(new) and bool(old) and all(map(rule, old, new))

    return judged


def same_in_other_order(rule: Callable[[Case], bool]) -> Predicate:
    """The very same is said, in an order that the rule judges."""

    def judged(case: Case) -> bool:
        old, new = (sorted(map(repr, atoms(answer))) for answer in (case.before, case.after))
        return old == new and rule(case)

    return judged


def _heads(old: list[Any], new: list[Any]) -> bool:
    head = new[0]
    told = (head["id"], head["type"], head["function"]["name"])
    every = [(piece.get("id"), piece.get("type"), piece["function"].get("name")) for piece in new]
    return len(new) > 1 and every == [told] * len(new) and list(map(arguments, old)) == list(map(arguments, new))


def _split(old: list[Any], new: list[Any]) -> bool:
    names = [piece["function"]["name"] for piece in new if "name" in piece["function"]]
    return len(names) == 2 and all(names) and "".join(names) == old[0]["function"]["name"] and _text(old) == _text(new)


def _text(call: Sequence[Any]) -> str:
    return "".join(map(arguments, call))


def _late(old: list[Any], new: list[Any]) -> bool:
    return "name" not in new[0]["function"] and new[1] == old[0] and [new[1], new[0], *new[2:]] == old


def _cumulative(old: list[Any], new: list[Any]) -> bool:
    grown = list(accumulate(map(arguments, old[1:])))
    return new[0] == old[0] and list(map(arguments, new[1:])) == grown and len(grown) > 1


def _nulls(old: list[Any], new: list[Any]) -> bool:
    nulled = [{**p, "id": None, "type": None, "function": {**p["function"], "name": None}} for p in old[1:]]
    return new == [old[0], *nulled] and bool(nulled)


def _whole(old: list[Any], new: list[Any]) -> bool:
    return len(new) == 1 < len(old) and arguments(new[0]) == _text(old) and new[0]["id"] == old[0]["id"]


def _mixed(case: Case) -> bool:
    places = [piece["index"] for piece in pieces(case.after)]
    turns = sum(one != other for one, other in pairwise(places))
    return turns > len(set(places)) - 1 and by_call(case.after) == by_call(case.before)


def _backwards(case: Case) -> bool:
    places = [piece["index"] for piece in pieces(case.after)]
    return len(set(places)) > 1 and places == sorted(places, reverse=True)


def _finish_with_call(case: Case) -> bool:
    found = [
        c["choices"][0] for c in case.after.chunks or () if c.get("choices") and c["choices"][0].get("finish_reason")
    ]
    return atoms(case.before) == atoms(case.after) and len(found) == 1 and bool(found[0]["delta"].get("tool_calls"))


def _early_finish(case: Case) -> bool:
    *_, finish, last = atoms(case.after)
    return finish[0] == "finish" and last[0] == "call" and bool(arguments(last[1]))


def same_said(rule: Callable[[Case], bool]) -> Predicate:
    """The chunks add up to the very same answer, and are what the rule says."""

    def judged(case: Case) -> bool:
        old, new = (gathered(answer.chunks or ()) for answer in (case.before, case.after))
        return old == new and case.before.chunks != case.after.chunks and rule(case)

    return judged


def _deltas(answer: Answer) -> list[Any]:
    return [choice["delta"] for chunk in answer.chunks or () for choice in chunk.get("choices") or ()]


def _empty_between(case: Case) -> bool:
    sound = case.before.chunks or []
    more = [chunk for chunk in case.after.chunks or () if chunk not in sound]
    said = [chunk for chunk in case.after.chunks or () if chunk in sound]
    return said == sound and bool(more) and all(d in ({}, {"tool_calls": []}) for d in _deltas(Answer(more)))


def _letters(case: Case) -> bool:
    texts = [value for kind, value in atoms(case.after) if kind == "content"]
    texts += [arguments(piece) for piece in pieces(case.after)]
    return all(len(one) <= 1 for one in texts)


def _finished_twice(case: Case) -> bool:
    old = atoms(case.before)
    return (
        atoms(case.after) == [one for atom in old for one in ([atom, atom] if atom[0] == "finish" else [atom])] != old
    )


def _unfinished(case: Case) -> bool:
    old = atoms(case.before)
    ended = not case.after.steps or case.after.events[-1] == "[DONE]"
    return atoms(case.after) == [atom for atom in old if atom[0] != "finish"] != old and ended


def _roles(wanted: Callable[[list[Any]], bool]) -> Predicate:
    def judged(case: Case) -> bool:
        old, new = ([atom for atom in atoms(answer) if atom[0] != "role"] for answer in (case.before, case.after))
        return old == new and atoms(case.before) != atoms(case.after) and wanted(_deltas(case.after))

    return judged


def _changing(case: Case) -> bool:
    chunks = case.after.chunks or []
    kept = [[{**chunk, "id": 0, "created": 0} for chunk in answer.chunks or ()] for answer in (case.before, case.after)]
    moments = {chunk["created"] for chunk in chunks}
    return kept[0] == kept[1] and len({chunk["id"] for chunk in chunks}) == len(chunks) == len(moments)


def _usage(case: Case) -> bool:
    *told, last = case.after.chunks or [{}]
    return told == case.before.chunks and last.get("choices") == [] and last["usage"]["total_tokens"] > 0


def raw(answer: Answer) -> list[Any]:
    """Status, headers and the bytes that are sent: all but the pauses."""
    return [answer.status, answer.headers, answer.bytes]


def _without_done(case: Case) -> bool:
    return case.before.events[-1:] == ["[DONE]"] and case.after.events == case.before.events[:-1] and _same_head(case)


def _same_head(case: Case) -> bool:
    return (case.before.status, case.before.headers) == (case.after.status, case.after.headers)


def _error_within(case: Case) -> bool:
    *told, last = case.after.events or [None]
    error = last["error"] if isinstance(last, dict) and "error" in last else {}
    whole = case.before.events
    return _same_head(case) and error.get("type") == "server_error" and told == whole[: len(told)] != whole


def _disconnected(case: Case) -> bool:
    before, after = case.before.bytes, case.after.bytes
    within = re.search(rb'"arguments":"(?:\\.|[^"\\])+$', after.rpartition(b"\n\n")[2]) is not None
    return _same_head(case) and case.after.steps[-1] == Drop() and before.startswith(after) and within


def silent(within: bool) -> Predicate:
    """The same bytes with one long silence, before all of them or among them."""

    def judged(case: Case) -> bool:
        silence = Wait(case.parameters["seconds"])
        steps = case.after.steps
        if (
            steps.count(silence) != 1
            or raw(case.before) != raw(case.after)
            or any(isinstance(one, Drop) for one in steps)
        ):
            return False
        before, after = steps[: steps.index(silence)], steps[steps.index(silence) + 1 :]
        sends = [any(isinstance(step, Send) for step in part) for part in (before, after)]
        return sends == [True, True] if within else not before

    return judged


def _framed(case: Case) -> bool:
    heard = [event for event in case.after.events if event is not None]
    return _same_head(case) and heard == case.before.events and case.before.bytes != case.after.bytes


def _plain_form(case: Case) -> bool:
    was_stream = case.before.headers["content-type"].startswith("text/event-stream")
    body = strictly(case.after.bytes)
    return (
        was_stream
        and case.after.headers["content-type"] == "application/json"
        and body["object"] == "chat.completion"
        and case.before.said == case.after.said
    )


def _streamed_form(case: Case) -> bool:
    was_plain = case.before.headers["content-type"].startswith("application/json")
    return was_plain and case.after.events[-1:] == ["[DONE]"] and case.before.said == case.after.said


PREDICATES: dict[str, Predicate] = {
    "id_name_every_chunk": calls(_heads),
    "name_split": calls(_split),
    "index_missing": each_piece(lambda piece: {key: value for key, value in piece.items() if key != "index"}),
    "index_always_zero": each_piece(lambda piece: {**piece, "index": 0}),
    "index_offset": each_piece(lambda piece: {**piece, "index": piece["index"] + 1}),
    "index_gap": each_piece(lambda piece: {**piece, "index": piece["index"] * 2}),
    "index_as_string": each_piece(lambda piece: {**piece, "index": str(piece["index"])}),
    "interleaved_calls": same_in_other_order(_mixed),
    "calls_out_of_order": same_in_other_order(_backwards),
    "arguments_before_name": calls(_late),
    "cumulative_arguments": calls(_cumulative),
    "final_arguments_resent": calls(lambda old, new: new[:-1] == old and arguments(new[-1]) == _text(old)),
    "placeholder_then_real": calls(
        lambda old, new: arguments(new[0]) == "{}" and new[1:] == old[1:] and new[0]["id"] == old[0]["id"]
    ),
    "null_fields": calls(_nulls),
    "whole_call_in_one_chunk": calls(_whole),
    "finish_chunk_carries_call": _finish_with_call,
    "finish_before_last_delta": same_in_other_order(_early_finish),
    "empty_deltas": _empty_between,
    "one_char_per_chunk": same_said(_letters),
    "double_finish": _finished_twice,
    "no_finish": _unfinished,
    "role_missing": _roles(lambda deltas: not any("role" in delta for delta in deltas)),
    "role_every_chunk": _roles(lambda deltas: all(delta.get("role") == "assistant" for delta in deltas)),
    "chunk_id_changes": _changing,
    "usage_chunk_empty_choices": _usage,
    "no_done": _without_done,
    "only_done": lambda case: case.after.events == ["[DONE]"] and _same_head(case),
    "error_event": _error_within,
    "disconnect_mid_arguments": _disconnected,
    "stall": silent(within=True),
    "slow_first_byte": silent(within=False),
    "bad_sse_framing": _framed,
    "json_instead_of_sse": _plain_form,
    "sse_instead_of_json": _streamed_form,
}
