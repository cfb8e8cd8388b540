"""A fault that means the same in several APIs works on one of another spelling through nothing but its parts."""

import json
from typing import Any

import pytest

from mockserver.faults import CATALOGUE, DueFault, Injection, NotApplicable, fault_spec
from mockserver.simulate.invent import invent
from mockserver.steps import Drop, Send, Step
from tests.faulty import PARALLEL, SINGLE, asked
from tests.test_faults.toy_api import Json, ToyParts, toy_body, toy_events, toy_steps


def faulty(name: str, value: Any, *, stream: bool = False, **given: Any) -> Any:
    """A value of the fault's layer with the fault, in the toy API; the reply is that of three calls."""
    request = asked(stream=stream)
    due = [DueFault(fault_spec(name, **given))]
    _, injection = Injection(due=due, request=request, seed="0", invent=invent).apply(PARALLEL, "reply")
    changed, after = injection.apply(value, CATALOGUE[name].layer, parts=ToyParts())
    assert after.names == (name,)
    return changed


def calls(name: str, **given: Any) -> list[Json]:
    """The calls of the toy's body with a fault."""
    body = faulty(name, toy_body(PARALLEL), **given)
    return [step["do"] for step in body["steps"] if "do" in step]


def events(name: str) -> list[Json]:
    """The toy's events with a fault, which are numbered in order whatever it did."""
    found: list[Json] = faulty(name, toy_events(PARALLEL), stream=True)
    assert [event["seq"] for event in found] == list(range(len(found)))
    return [{key: value for key, value in event.items() if key != "seq"} for event in found]


def kinds(found: list[Json]) -> list[str]:
    """What each event is, and of which call."""
    return [f"{event['t']}{event.get('slot', '')}" for event in found]


SOUND = [{key: value for key, value in event.items() if key != "seq"} for event in toy_events(PARALLEL)]


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("missing_id", [None] * 3),
        ("null_id", [None] * 3),
        ("empty_id", [""] * 3),
        ("id_reused_across_turns", ["call_earlier", "k1", "k2"]),
    ],
)
def test_ids_go_wrong(name: str, keys: list[str | None]) -> None:
    found = calls(name)

    assert [call.get("key") for call in found] == keys
    assert all(("key" in call) == (name != "missing_id") for call in found)


def test_ids_are_doubled_lengthened_and_styled() -> None:
    assert len({call["key"] for call in calls("duplicate_ids")}) == 2
    assert {len(call["key"]) for call in calls("overlong_id", length=64)} == {64}
    assert calls("foreign_id_style", style="kimi")[1]["key"] == "functions.get_current_weather:1"


def test_one_call_is_picked_by_its_number() -> None:
    assert [call["key"] for call in calls("empty_id", call=2)] == ["k0", "", "k2"]


def test_the_name_and_the_arguments_of_one_call_go_wrong() -> None:
    assert [call["tool"] for call in calls("null_name")].count(None) == 1
    assert [call["with"] for call in calls("arguments_json_null")].count(None) == 1
    assert sum("with" not in call for call in calls("arguments_missing")) == 1
    assert [type(call["with"]) for call in calls("arguments_as_object")].count(dict) == 1


def test_the_text_and_the_end_of_the_answer_go_wrong() -> None:
    assert faulty("finish_null", toy_body(PARALLEL))["end"] is None
    assert faulty("content_empty", toy_body(PARALLEL))["steps"][0] == {"say": ""}
    assert faulty("reasoning_leak", toy_body(PARALLEL))["steps"][0]["say"].startswith("<think>")
    assert faulty("non_standard_envelope", toy_body(SINGLE)) == {"data": toy_body(SINGLE), "success": True}


@pytest.mark.parametrize(
    ("name", "indices"),
    [("index_always_zero", {0}), ("index_offset", {1, 2, 3}), ("index_gap", {0, 2, 4}), ("index_as_string", {*"012"})],
)
def test_the_index_of_calls_goes_wrong(name: str, indices: set[Any]) -> None:
    assert {event["slot"] for event in events(name) if "slot" in event} == indices


def test_events_lose_their_index() -> None:
    assert not [event for event in events("index_missing") if "slot" in event]


def test_events_of_calls_change_places() -> None:
    mixed, turned, late = events("interleaved_calls"), events("calls_out_of_order"), events("arguments_before_name")

    assert kinds(mixed)[:4] == ["open0", "open1", "open2", "more0"]
    assert kinds(turned)[0] == "open2"
    assert kinds(late)[:2] == ["more0", "open0"]
    assert sorted(map(json.dumps, mixed)) == sorted(map(json.dumps, turned)) == sorted(map(json.dumps, SOUND))


def said(found: list[Json]) -> dict[int, list[str]]:
    """The pieces of arguments by call."""
    pieces: dict[int, list[str]] = {}
    for event in found:
        if event["t"] == "more":
            pieces.setdefault(event["slot"], []).append(event["piece"])
    return pieces


def test_pieces_of_arguments_are_repeated_or_cut_in_another_way() -> None:
    whole = {slot: "".join(pieces) for slot, pieces in said(SOUND).items()}

    assert {slot: pieces[-1] for slot, pieces in said(events("cumulative_arguments")).items()} == whole
    assert {slot: pieces[-1] for slot, pieces in said(events("final_arguments_resent")).items()} == whole
    assert {slot: "".join(pieces) for slot, pieces in said(events("one_char_per_chunk")).items()} == whole
    assert {slot: "".join(pieces) for slot, pieces in said(events("whole_call_in_one_chunk")).items()} == whole
    assert {len(piece) for pieces in said(events("one_char_per_chunk")).values() for piece in pieces} == {1}


def test_every_piece_says_again_whose_it_is() -> None:
    found = kinds(events("id_name_every_chunk"))

    assert found.count("open1") == 1 + found.count("more1")


def test_the_end_of_the_stream_goes_wrong() -> None:
    assert kinds(events("double_finish"))[-2:] == ["over", "over"]
    assert "over" not in kinds(events("no_finish"))
    assert kinds(events("finish_before_last_delta"))[-3:] == ["over", "more2", "shut2"]
    assert len(events("empty_deltas")) == 2 * len(SOUND) - 1


def steps(name: str, *, stream: bool = True) -> list[Step]:
    sound = toy_steps(toy_events(PARALLEL) if stream else toy_body(PARALLEL))
    found: list[Step] = faulty(name, sound, stream=stream)
    return found


def lines(found: list[Step]) -> list[Any]:
    return [json.loads(line) for step in found if isinstance(step, Send) for line in step.data.splitlines()]


def test_an_error_stands_in_the_middle_of_the_stream_as_the_api_says_it() -> None:
    assert lines(steps("error_event"))[-1]["t"] == "trouble"


def test_the_connection_closes_inside_a_piece_of_arguments() -> None:
    *_, cut, drop = steps("disconnect_mid_arguments")

    assert isinstance(drop, Drop)
    assert isinstance(cut, Send)
    assert b'"t": "more"' in cut.data
    assert not cut.data.endswith(b"\n")


def test_an_answer_comes_in_the_other_form() -> None:
    (body,) = lines(steps("json_instead_of_sse"))

    assert body == toy_body(PARALLEL)
    assert kinds(lines(steps("sse_instead_of_json", stream=False)))[:3] == ["open0", "more0", "shut0"]


@pytest.mark.parametrize("name", ["no_done", "role_missing", "legacy_function_call", "name_split"])
def test_a_fault_that_the_api_does_not_have_says_so(name: str) -> None:
    value: Any = toy_body(PARALLEL) if CATALOGUE[name].layer == "body" else toy_events(PARALLEL)
    with pytest.raises(NotApplicable, match="it exists in chat completions only, and this is toy"):
        faulty(name, value, stream=True)


def test_a_fault_of_what_the_api_has_no_place_for_says_so() -> None:
    with pytest.raises(NotApplicable, match="this API has no list of choices"):
        faulty("choices_empty", toy_body(PARALLEL))
    with pytest.raises(NotApplicable, match="this API does not stream server-sent events"):
        steps("bad_sse_framing")
    with pytest.raises(NotApplicable, match="this API has no types of calls"):
        faulty("wrong_type", toy_body(PARALLEL))
