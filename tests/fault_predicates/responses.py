"""What faults are named for in the Responses API, where its form differs from that of chat completions."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from tests.fault_answers import Case, strictly
from tests.fault_predicates.changes import Predicate

Json = dict[str, Any]
CALLS = ("function_call", "custom_tool_call")
TERMINAL = ("response.completed", "response.incomplete", "response.failed")


def events(answer: Any) -> list[Json]:
    found: list[Json] = answer.raw_events
    return found


def plain(answer: Any) -> Any:
    return strictly(answer.bytes.decode("utf-8", "replace"))


def whole(answer: Any) -> Any:
    """The object: plain, or that of the terminal event."""
    if answer.chunks is None:
        return plain(answer)
    return next((event["response"] for event in reversed(events(answer)) if event.get("type") in TERMINAL), None)


def object_becomes(change: Callable[[Json, Case], object]) -> Predicate:
    """The sound object with this change made to it is the faulty one."""

    def judged(case: Case) -> bool:
        expected = deepcopy(whole(case.before))
        change(expected, case)
        return bool(expected == whole(case.after) != whole(case.before))

    return judged


def events_become(change: Callable[[list[Json]], Any]) -> Predicate:
    """The sound events with this change made to them are the faulty ones."""

    def judged(case: Case) -> bool:
        return bool(change(deepcopy(events(case.before))) == events(case.after) != events(case.before))

    return judged


def _calls(response: Json) -> list[Json]:
    return [item for item in response.get("output") or () if item.get("type") in CALLS or "call_id" in item]


def _each_call(change: Callable[[Json], object]) -> Predicate:
    def changed(response: Json, _: Case) -> None:
        for item in _calls(response):
            change(item)

    return object_becomes(changed)


def _first_id(response: Json, _: Case) -> None:
    for item in _calls(response):
        item["id"] = _calls(response)[0]["id"]


def _message(content: Any) -> Predicate:
    """A message item with this content is added before the calls; `...`: it has none."""

    def changed(response: Json, _: Case) -> None:
        item = {"id": response["id"].replace("resp_", "msg_"), "type": "message", "status": "completed"}
        item |= {} if content is ... else {"content": content}
        response["output"].insert(len(response["output"]) - len(_calls(response)), {**item, "role": "assistant"})

    return object_becomes(changed)


def _incomplete(response: Json, case: Case) -> None:
    response.update(status="incomplete", incomplete_details={"reason": case.parameters["reason"]})


def _failed(response: Json, case: Case) -> None:
    error = {"code": case.parameters["code"], "message": case.parameters["message"]}
    response.update(status="failed", error=error, output=[], usage=None, completed_at=None)


def _without_numbers(answer: Any) -> list[Json]:
    return [{key: value for key, value in event.items() if key != "sequence_number"} for event in events(answer)]


def _numbers(answer: Any) -> list[Any]:
    return [event.get("sequence_number") for event in events(answer)]


def _gap(case: Case) -> bool:
    steps = [new - old for old, new in zip(_numbers(case.before), _numbers(case.after), strict=True)]
    return (
        _without_numbers(case.before) == _without_numbers(case.after)
        and sorted(steps) == steps
        and set(steps) == {0, 1}
    )


def _rotates(case: Case) -> bool:
    old, new = ([{**event, "item_id": 0} if "item_id" in event else event for event in events(answer)]
                for answer in (case.before, case.after))  # fmt: skip
    named = [event["item_id"] for event in events(case.after) if "item_id" in event]
    return old == new and len(set(named)) > len(
        {event["item_id"] for event in events(case.before) if "item_id" in event}
    )


def _no_output(before: list[Json]) -> list[Json]:
    before[-1]["response"]["output"] = []
    return before


def _one_shorter(case: Case) -> bool:
    pairs = [(old, new) for old, new in zip(events(case.before), events(case.after), strict=True) if old != new]
    return len(pairs) == 1 and pairs[0][1] == {**pairs[0][0], "delta": pairs[0][0]["delta"][:-1]}


def _flat_error(case: Case) -> bool:
    *told, last = events(case.after)
    return told == events(case.before)[: len(told)] and last["type"] == "error" and "error" not in last


def _nested_error(case: Case) -> bool:
    *told, error, failed = events(case.after)
    nested = error["type"] == "error" and error["error"]["type"] == "server_error"
    return told == events(case.before)[: len(told)] and nested and failed["type"] == "response.failed"


def _done_too(case: Case) -> bool:
    return bool(case.after.bytes == case.before.bytes + b"data: [DONE]\n\n")


def _lost(case: Case) -> bool:
    return case.after.status == 400 and plain(case.after)["error"]["code"] == "previous_response_not_found"


def _without_end(before: list[Json]) -> list[Json]:
    return [event for event in before if event.get("type") not in TERMINAL]


def _wrapped(case: Case) -> bool:
    if case.after.chunks is None:
        return bool(plain(case.after) == {"data": plain(case.before), "success": True})
    enveloped = [{**event, "response": {"data": event["response"], "success": True}} if "response" in event else event
                 for event in events(case.before)]  # fmt: skip
    return enveloped == events(case.after)


def _of_calls(answer: Any) -> list[Json]:
    return [event for event in events(answer) if event.get("type", "").startswith("response.function_call")]


def _whole_calls(case: Case) -> bool:
    old, new = (
        [event["delta"] for event in _of_calls(answer) if event["type"].endswith("delta")]
        for answer in (case.before, case.after)
    )
    arguments = [item["arguments"] for item in _calls(whole(case.before)) if item["arguments"]]
    return new == arguments and old != new and whole(case.before) == whole(case.after)


def _added_again(case: Case) -> bool:
    found = _without_numbers(case.after)
    kinds = [event["type"] for event in found]
    doubled = kinds.count("response.output_item.added") > kinds.count("response.output_item.done")
    again = [
        place for place, event in enumerate(found) if kinds[place].endswith("item.added") and event in found[:place]
    ]
    return doubled and [event for place, event in enumerate(found) if place not in again] == _without_numbers(
        case.before
    )


def _nulls(case: Case) -> bool:
    null = {"call_id": None, "name": None, "namespace": None}
    stripped = [{key: value for key, value in event.items() if (key, value) not in null.items()}
                for event in _without_numbers(case.after)]  # fmt: skip
    return any(null.items() <= event.items() for event in events(case.after)) and _same_but_items(case, stripped)


def _same_but_items(case: Case, stripped: list[Json]) -> bool:
    kinds = [event["type"] for event in stripped]
    return kinds == [event["type"] for event in events(case.before)]


def _early_end(case: Case) -> bool:
    kinds = [event["type"] for event in events(case.after)]
    end = next(place for place, kind in enumerate(kinds) if kind in TERMINAL)
    return sorted(map(repr, _without_numbers(case.before))) == sorted(map(repr, _without_numbers(case.after))) and any(
        "arguments" in kind or "input" in kind for kind in kinds[end + 1 :]
    )


def _empty_between(case: Case) -> bool:
    empty = [event for event in _without_numbers(case.after) if event.get("delta") == ""]
    return bool(empty) and [
        event for event in _without_numbers(case.after) if event.get("delta") != ""
    ] == _without_numbers(case.before)


def _other_ids(case: Case) -> bool:
    def kept(answer: Any) -> list[Json]:
        return [{**event, "response": {**event["response"], "id": 0, "created_at": 0}} if "response" in event else event
                for event in events(answer)]  # fmt: skip

    ids = [event["response"]["id"] for event in events(case.after) if "response" in event]
    return kept(case.before) == kept(case.after) and len(set(ids)) == len(ids)


def _plain_form(case: Case) -> bool:
    was_stream = case.before.headers["content-type"].startswith("text/event-stream")
    return (
        was_stream and case.after.chunks is None and bool(plain(case.after)["output"] == whole(case.before)["output"])
    )


def _disconnected(case: Case) -> bool:
    last = case.after.bytes.rpartition(b"\n\n")[2]
    return bool(case.before.bytes.startswith(case.after.bytes)) and b"function_call_arguments.delta" in last


def _types(change: Callable[[Json], object]) -> Predicate:
    """In the object only: an event of such an item says no more than that it is there."""
    return _each_call(change)


OF_RESPONSES: dict[str, Predicate] = {
    "item_id_duplicate": object_becomes(_first_id),
    "item_id_missing": _each_call(lambda item: item.pop("id")),
    "status_incomplete": object_becomes(_incomplete),
    "response_failed": object_becomes(_failed),
    "previous_response_not_found": _lost,
    "item_id_rotates": _rotates,
    "sequence_gap": _gap,
    "sequence_missing": lambda case: (
        set(_numbers(case.after)) == {None} and _without_numbers(case.before) == events(case.after)
    ),
    "completed_empty_output": events_become(_no_output),
    "done_differs_from_deltas": _one_shorter,
    "error_event_flat": _flat_error,
    "error_event": _nested_error,
    "done_sent": _done_too,
    "no_finish": lambda case: _without_end(events(case.before)) == events(case.after),
    "non_standard_envelope": _wrapped,
    "content_missing": _message(...),
    "content_array": _message([]),
    "content_empty": _message([{"type": "output_text", "annotations": [], "logprobs": [], "text": ""}]),
    "missing_type": _types(lambda item: item.pop("type")),
    "wrong_type": _types(lambda item: item.update(type="tool_call")),
    "whole_call_in_one_chunk": _whole_calls,
    "id_name_every_chunk": _added_again,
    "null_fields": _nulls,
    "finish_before_last_delta": _early_end,
    "empty_deltas": _empty_between,
    "chunk_id_changes": _other_ids,
    "json_instead_of_sse": _plain_form,
    "disconnect_mid_arguments": _disconnected,
}
