"""Recorded answers of odd services: understood, asked for the other way, and generalised without loss."""

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver import MockLLM
from mockserver.chat import Reply, ToolCall
from mockserver.recording.generalise import generalise
from mockserver.recording.imports import import_turns
from mockserver.recording.ordering import ordered_scenario
from mockserver.redaction import Sanitiser
from mockserver.scenario import Recording, Turn, dump, parse
from tests.test_recording.asking import TOOLS, Got, ask, body

USAGE = {"prompt_tokens": 71, "completion_tokens": 12, "total_tokens": 83, "queue_time": 0.25, "cost": 0.001}
CITATION = {"type": "url_citation", "url_citation": {"url": "https://x.example", "title": "X", "start_index": 0}}
CALL = {"id": "911ra51k8", "type": "function", "function": {"name": "look_up", "arguments": '{"city": "Oslo"}'}}


def answer(message: dict[str, Any], finish: str = "stop", **more: Any) -> dict[str, Any]:
    choices = [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}]
    return {"id": "u1", "object": "chat.completion", "created": 1, "model": "up", "choices": choices, **more}


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    choices = [{"index": 0, "delta": delta, "finish_reason": finish, **more.pop("choice", {})}]
    return {"id": "u1", "object": "chat.completion.chunk", "created": 1, "model": "up", "choices": choices, **more}


def stream(*chunks: dict[str, Any], end: str = "data: [DONE]\n\n") -> str:
    return "".join(f"data: {json.dumps(each)}\n\n" for each in chunks) + end


def turns(*exchanges: tuple[dict[str, Any], Any]) -> list[Turn]:
    rows = [json.dumps({"request": request, "response": response}) for request, response in exchanges]
    return import_turns("\n".join(rows), Sanitiser(), model="m")


def turn(response: Any, **request: Any) -> Turn:
    return turns((body(**request), response))[0]


def replayed(recorded: list[Turn], request: dict[str, Any], tmp_path: Path) -> Got:
    """The answer to a request, after the recording was in a file."""
    file = tmp_path / "session.yaml"
    file.write_text(dump(ordered_scenario("session", Recording(), recorded)), encoding="utf-8")
    with MockLLM(checks="lenient") as llm:
        llm.load(file)
        return ask(llm.base_url, request)


def plainly(response: Any, tmp_path: Path) -> Got:
    """What was recorded as a stream, asked for without one."""
    return replayed([turn(response, stream=True)], body(), tmp_path)


def streamed(response: Any, tmp_path: Path) -> Got:
    """What was recorded as a plain answer, asked for as a stream with its usage."""
    return replayed([turn(response)], body(stream=True, stream_options={"include_usage": True}), tmp_path)


@pytest.mark.parametrize(
    "response",
    [
        answer({"tool_calls": [CALL]}, "tool_calls", x_groq={"id": "req_1"}),
        answer({"content": None, "tool_calls": [CALL]}, "tool_calls", x={"id": "a", "deep": [{"id": "b"}]}),
        answer({"content": None, "refusal": "", "function_call": {}, "tool_calls": [CALL]}, "tool_calls"),
    ],
    ids=["an id behind the choices", "several ids of the vendor's own", "empty refusal and function_call"],
)
def test_calls_are_taken_apart_whatever_the_vendor_adds(response: dict[str, Any], tmp_path: Path) -> None:
    recorded = turn(response, tools=TOOLS)
    got = replayed([recorded], body(tools=TOOLS, stream=True), tmp_path)

    assert isinstance(recorded.say, Reply)
    assert [(call.name, call.arguments) for call in recorded.say.calls] == [("look_up", '{"city": "Oslo"}')]
    assert any(each["choices"][0]["delta"].get("tool_calls") for each in got.chunks)


def test_a_text_with_empty_fields_beside_it_is_a_text(tmp_path: Path) -> None:
    response = answer({"content": "Cold.", "refusal": "", "function_call": {"name": "", "arguments": ""}})
    recorded = turn(response)

    assert isinstance(recorded.say, Reply)
    assert (recorded.say.text, recorded.say.refusal, recorded.say.calls) == ("Cold.", None, ())
    assert replayed([recorded], body(), tmp_path).value["choices"] == response["choices"]


@pytest.mark.parametrize("count", [1, 2])
def test_calls_with_empty_ids_and_their_results_are_matched(count: int, tmp_path: Path) -> None:
    calls = [{**CALL, "id": "", "function": {"name": "look_up", "arguments": f'{{"n": {n}}}'}} for n in range(count)]
    said = {"role": "assistant", "content": None, "tool_calls": calls}
    results = [{"role": "tool", "tool_call_id": "", "content": f"{n} degrees"} for n in range(count)]
    first = body(tools=TOOLS)
    second = {**first, "messages": [*first["messages"], said, *results]}
    recorded = turns((first, answer(said, "tool_calls")), (second, answer({"content": "Cold."})))

    message = replayed(recorded, first, tmp_path).value["choices"][0]["message"]

    assert replayed(recorded, second, tmp_path).text == "Cold."
    assert [call["id"] for call in message["tool_calls"]] == [""] * count


@pytest.mark.parametrize("key", ["reasoning", "reasoning_content"])
def test_reasoning_is_there_both_ways_under_its_own_key(key: str, tmp_path: Path) -> None:
    pieces = [
        chunk({"role": "assistant", "content": "", key: "Two "}),
        chunk({key: "and two."}),
        chunk({"content": "4"}),
    ]
    whole = plainly(stream(*pieces, chunk({}, "stop")), tmp_path).value["choices"][0]["message"]
    cut = streamed(answer({"content": "4", key: "Two and two."}), tmp_path).chunks

    assert (whole["content"], whole[key]) == ("4", "Two and two.")
    assert "".join(each["choices"][0]["delta"].get(key) or "" for each in cut if each["choices"]) == "Two and two."


def test_details_of_the_reasoning_are_put_together(tmp_path: Path) -> None:
    def detail(text: str) -> dict[str, Any]:
        return {"reasoning_details": [{"type": "reasoning.text", "index": 0, "text": text}]}

    pieces = [
        chunk({"role": "assistant", **detail("Two ")}),
        chunk(detail("and two.")),
        chunk({"content": "4"}, "stop"),
    ]
    message = plainly(stream(*pieces), tmp_path).value["choices"][0]["message"]

    assert message["reasoning_details"] == [{"type": "reasoning.text", "index": 0, "text": "Two and two."}]


def test_usage_is_the_recorded_one_and_there_once(tmp_path: Path) -> None:
    pieces = [
        chunk({"role": "assistant", "content": "4"}),
        chunk({}, "stop"),
        {**chunk({}), "choices": [], "usage": USAGE},
    ]
    cut = streamed(answer({"content": "4"}, usage=USAGE), tmp_path).chunks

    assert plainly(stream(*pieces), tmp_path).value["usage"] == USAGE
    assert [each["usage"] for each in cut if each.get("usage")] == [USAGE]


def test_annotations_are_there_both_ways(tmp_path: Path) -> None:
    pieces = [chunk({"role": "assistant", "content": "4"}), chunk({"annotations": [CITATION]}), chunk({}, "stop")]
    cut = streamed(answer({"content": "4", "annotations": [CITATION]}), tmp_path).chunks

    assert plainly(stream(*pieces), tmp_path).value["choices"][0]["message"]["annotations"] == [CITATION]
    assert [each["choices"][0]["delta"]["annotations"] for each in cut[:1]] == [[CITATION]]


@pytest.mark.parametrize(
    ("failed", "status"),
    [
        (stream(chunk({"content": "Fo"}), {**chunk({}, "error"), "error": {"message": "Limit", "code": 400}}), 400),
        (stream(chunk({"content": "Fo"}), {"error": {"message": "Limit", "type": "server_error"}}), 500),
        (
            stream(
                chunk({"content": "Fo"}),
                end='event: error\ndata: {"error": {"message": "Limit", "status_code": 429}}\n\n',
            ),
            429,
        ),
    ],
    ids=["in a chunk", "a chunk of its own", "an event of its own"],
)
def test_a_stream_that_failed_is_an_error_where_it_is_asked_for_plainly(
    failed: str, status: int, tmp_path: Path
) -> None:
    got = plainly(failed, tmp_path)

    assert (got.status, got.value["error"]["message"]) == (status, "Limit")


def test_a_stream_without_any_finish_reason_keeps_its_text(tmp_path: Path) -> None:
    said = {"role": "assistant", "refusal": "", "tool_calls": None}
    got = plainly(stream(chunk({**said, "content": "Fo"}), chunk({**said, "content": "ur."})), tmp_path)

    assert got.text == "Four."


def test_texts_beside_the_deltas_are_passed_over(tmp_path: Path) -> None:
    pieces = [chunk({"token_id": n, "content": text}, choice={"text": text}) for n, text in enumerate(("Fo", "ur."))]
    message = plainly(stream(*pieces, chunk({}, "stop")), tmp_path).value["choices"][0]["message"]

    assert message["content"] == "Four."
    assert "token_id" not in message


@pytest.mark.parametrize(
    ("response", "why"),
    [
        (stream(chunk({"content": "Fo"}), {"error": {"message": "Limit"}}), "the stream ended in an error"),
        (answer({"content": "4", "reasoning": "Two and two."}), "the answer shows reasoning or annotations"),
        (answer({"content": "4", "annotations": [CITATION]}), "the answer shows reasoning or annotations"),
    ],
)
def test_what_no_rule_can_give_stays_a_recorded_turn(response: Any, why: str) -> None:
    recorded = ordered_scenario("session", Recording(), [turn(response, stream=isinstance(response, str))])
    made, notes = generalise(recorded)

    assert [each.say for each in made.turns] == [each.say for each in recorded.turns]
    assert notes == (f"hello: stays as it was recorded, as {why}",)


def test_a_plain_answer_still_becomes_a_rule() -> None:
    made, _ = generalise(ordered_scenario("session", Recording(), [turn(answer({"content": "4", "annotations": []}))]))

    assert (len(made.rules), made.turns) == (1, ())
    assert parse(dump(made)).rules[0].say == Reply("4")


def test_calls_of_a_recording_are_told_from_the_vendors_own_ids() -> None:
    recorded = turn(answer({"tool_calls": [CALL]}, "tool_calls", x_groq={"id": "req_1"}), tools=TOOLS)

    assert isinstance(recorded.say, Reply)
    assert recorded.say.calls == (ToolCall("look_up", '{"city": "Oslo"}', "911ra51k8"),)
    assert recorded.say.sent is not None
    assert recorded.say.sent.envelope["x_groq"] == {"id": "req_1"}
