"""What faults of the wire are named for in the Messages API: bodies and events beside those without the fault."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from mockserver.steps import Drop, Head, Send, Step

Json = dict[str, Any]
Predicate = Callable[["Wire", "Wire"], bool]
PIECES = ("text", "partial_json", "thinking")


class Wire(NamedTuple):
    """A response as a stranger reads it: the body of a plain one, the events of a streamed one."""

    steps: Sequence[Step]
    streamed: bool

    @property
    def data(self) -> bytes:
        return b"".join([step.data for step in self.steps if isinstance(step, Send)])

    @property
    def events(self) -> list[Json]:
        """The events of a stream, pings aside."""
        found = [json.loads(block.partition(b"data: ")[2]) for block in self.data.split(b"\n\n") if b"data: {" in block]
        return [event for event in found if event.get("type") != "ping"]

    @property
    def message(self) -> Json:
        """The body, or what the events say that it begins and ends with, its blocks as they start."""
        if not self.streamed:
            body: Json = json.loads(self.data)
            return body
        start = next(event["message"] for event in self.events if event["type"] == "message_start")
        blocks = [event["content_block"] for event in self.events if event["type"] == "content_block_start"]
        ends = [event for event in self.events if event["type"] == "message_delta"]
        return {**start, **(ends[-1]["delta"] if ends else {}), "content": blocks}

    @property
    def calls(self) -> list[Json]:
        return [block for block in self.message["content"] if block.get("type") not in ("text", "thinking")]

    @property
    def texts(self) -> list[Any]:
        """The texts, joined where they come in pieces."""
        if not self.streamed:
            return [block.get("text") for block in self.message["content"] if block.get("type") == "text"]
        return ["".join([event["delta"].get("text", "") for event in self.events if "delta" in event])]


def each_call(rule: Callable[[Json, Json], bool]) -> Predicate:
    """Every call is changed as the rule says."""
    return lambda old, new: (
        bool(new.calls) and all(rule(before, after) for before, after in zip(old.calls, new.calls, strict=True))
    )


def one_call(rule: Callable[[Json, Json], bool]) -> Predicate:
    """Exactly one call is changed as the rule says."""

    def judged(old: Wire, new: Wire) -> bool:
        pairs = list(zip(old.calls, new.calls, strict=True))
        return [rule(before, after) for before, after in pairs].count(True) == 1

    return judged


def without(block: Json, *keys: str) -> Json:
    return {key: value for key, value in block.items() if key not in keys}


def id_is(value: Any) -> Predicate:
    """The ids of all calls are this, and nothing else of them is another."""
    return each_call(lambda old, new: new.get("id", "absent") == value and without(old, "id") == without(new, "id"))


def by_call(wire: Wire) -> list[list[Json]]:
    """The events of each call, told apart by their index."""
    opened = [
        event["index"]
        for event in wire.events
        if event["type"] == "content_block_start" and event["content_block"].get("type") == "tool_use"
    ]
    return [[event for event in wire.events if event.get("index") == index] for index in opened]


def events_of_calls(wire: Wire) -> list[Json]:
    texts = {
        event.get("index")
        for event in wire.events
        if event["type"] == "content_block_start" and event["content_block"].get("type") in ("text", "thinking")
    }
    return [
        event for event in wire.events if event["type"].startswith("content_block") and event.get("index") not in texts
    ]


def index_is(change: Callable[[int], Any]) -> Predicate:
    """The index of every event of a call is another, and nothing else is."""

    def judged(old: Wire, new: Wire) -> bool:
        before, after = events_of_calls(old), events_of_calls(new)
        wanted = [change(event["index"]) for event in before]
        found = [event.get("index", "absent") for event in after]
        return found == wanted and [without(event, "index") for event in before] == [
            without(event, "index") for event in after
        ]

    return judged


def pieces(events: Sequence[Json]) -> list[str]:
    return [event["delta"]["partial_json"] for event in events if "delta" in event and "partial_json" in event["delta"]]


def inputs(rule: Callable[[list[str], list[str]], bool]) -> Predicate:
    """The pieces of every call's input are others, as the rule says."""
    return lambda old, new: (
        len(by_call(old)) == len(by_call(new)) > 0
        and all(rule(pieces(before), pieces(after)) for before, after in zip(by_call(old), by_call(new), strict=True))
    )


def kinds(wire: Wire) -> list[str]:
    return [event["type"] for event in wire.events]


def finishes(count: int) -> Predicate:
    return lambda old, new: kinds(new).count("message_delta") == count != kinds(old).count("message_delta")


def is_quiet(event: Json) -> bool:
    """Whether a delta brings nothing."""
    return event["type"] == "content_block_delta" and not any(event["delta"].get(key) for key in PIECES)


def said(wire: Wire) -> list[Json]:
    return [event for event in wire.events if not is_quiet(event)]


def shuffled(old: Wire, new: Wire) -> bool:
    """The same events in another order, those of each call in the same."""
    return (
        old.events != new.events
        and sorted(map(str, old.events)) == sorted(map(str, new.events))
        and sorted(map(str, by_call(old))) == sorted(map(str, by_call(new)))
    )


def _error(wire: Wire, kind: str) -> bool:
    last = wire.events[-1]
    return bool(last["type"] == "error" and last["error"]["type"] == kind)


def _first_is_delta(new: Wire) -> bool:
    seen: dict[Any, str] = {}
    for event in events_of_calls(new):
        seen.setdefault(event["index"], event["type"])
    return bool(seen) and set(seen.values()) == {"content_block_delta"}


def _split(new: Wire) -> bool:
    return all(
        len(event["delta"][key]) <= 1
        for event in new.events
        if event["type"] == "content_block_delta"
        for key in PIECES
        if key in event["delta"]
    )


MESSAGE_PREDICATES: Mapping[str, Predicate] = {
    "null_name": one_call(lambda old, new: new["name"] is None and without(old, "name") == without(new, "name")),
    "arguments_json_null": one_call(lambda _, new: new.get("input", "absent") is None),
    "arguments_missing": one_call(lambda _, new: "input" not in new),
    "duplicate_ids": lambda old, new: len({call["id"] for call in new.calls}) == len(old.calls) - 1,
    "id_reused_across_turns": lambda old, new: new.calls[0]["id"] != old.calls[0]["id"],
    "missing_id": id_is("absent"),
    "null_id": id_is(None),
    "empty_id": id_is(""),
    "overlong_id": each_call(lambda old, new: len(new["id"]) == 80 and without(old, "id") == without(new, "id")),
    "foreign_id_style": each_call(lambda old, new: new["id"].startswith("call_") and old["id"] != new["id"]),
    "missing_type": each_call(lambda old, new: "type" not in new and new == without(old, "type")),
    "wrong_type": each_call(lambda old, new: new["type"] == "tool_call" and new == {**old, "type": "tool_call"}),
    "finish_null": lambda old, new: new.message["stop_reason"] is None is not old.message["stop_reason"],
    "content_array": lambda old, new: [] in [block.get("text") for block in new.message["content"]],
    "content_empty": lambda old, new: new.texts == [""] and len(new.message["content"]) > len(old.message["content"]),
    "non_standard_envelope": lambda old, new: b'"success":true' in new.data.replace(b" ", b""),
    "reasoning_leak": lambda old, new: bool(new.texts) and new.texts[0].startswith("<think>\n"),
    "signature_missing": lambda old, new: "signature" not in new.message["content"][0],
    "thinking_dropped": lambda old, new: "thinking" not in [block["type"] for block in new.message["content"]],
    "usage_missing": lambda old, new: "usage" not in new.message and "usage" in old.message,
    "input_as_string": each_call(
        lambda old, new: isinstance(new["input"], str) and json.loads(new["input"]) == old["input"]
    ),
    "id_name_every_chunk": lambda old, new: (
        kinds(new).count("content_block_start")
        == kinds(old).count("content_block_start") + sum(len(pieces(call)) for call in by_call(old))
    ),
    "index_missing": index_is(lambda _: "absent"),
    "index_always_zero": index_is(lambda _: 0),
    "index_offset": index_is(lambda index: index + 1),
    "index_gap": index_is(lambda index: index * 2),
    "index_as_string": index_is(str),
    "interleaved_calls": shuffled,
    "calls_out_of_order": shuffled,
    "arguments_before_name": lambda old, new: _first_is_delta(new) and not _first_is_delta(old),
    "cumulative_arguments": inputs(
        lambda old, new: new == ["".join(old[: place + 1]) for place in range(len(old))] != old
    ),
    "final_arguments_resent": inputs(lambda old, new: new == [*old, "".join(old)]),
    "placeholder_then_real": inputs(lambda old, new: new == ["{}", *old[1:]]),
    "null_fields": lambda old, new: all(
        event["delta"].get("id", 0) is None is event["delta"].get("name", 0)
        for event in events_of_calls(new)
        if event["type"] == "content_block_delta"
    ),
    "whole_call_in_one_chunk": inputs(lambda old, new: new == ["".join(old)] != old),
    "finish_before_last_delta": lambda old, new: (
        "content_block_delta" in kinds(new)[kinds(new).index("message_delta") :]
    ),
    "empty_deltas": lambda old, new: said(new) == said(old) and len(new.data) > len(old.data),
    "one_char_per_chunk": lambda old, new: _split(new) and not _split(old),
    "double_finish": finishes(2),
    "no_finish": finishes(0),
    "input_in_block_start": lambda old, new: all(call["input"] for call in new.calls) and not old.calls[0]["input"],
    "error_event": lambda _, new: _error(new, "api_error"),
    "overloaded_mid_stream": lambda _, new: _error(new, "overloaded_error"),
    "disconnect_mid_arguments": lambda old, new: (
        isinstance(new.steps[-1], Drop)
        and b'"partial_json":"' in new.data.rpartition(b"data: ")[2]
        and old.data.startswith(new.data)
    ),
    "event_line_missing": lambda old, new: b"event:" not in new.data and new.events == old.events,
    "done_sent": lambda old, new: new.data == old.data + b"data: [DONE]\n\n",
    "json_instead_of_sse": lambda old, new: _type(new) == "application/json" and json.loads(new.data)["content"] != [],
    "sse_instead_of_json": lambda old, new: b"event: message_stop" in new.data and _type(new) == "text/event-stream",
}
"""What each fault of body, events and steps is named for; faults of the bytes alone are judged as in every API."""


def _type(wire: Wire) -> str:
    head = next(step for step in wire.steps if isinstance(step, Head))
    return dict(head.headers)["content-type"].partition(";")[0]
