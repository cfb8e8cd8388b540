"""A hard session recorded with the official SDK, the upstream stopped, and the same session played again."""

import asyncio
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import openai
import pytest
from openai import OpenAI

from mockserver import MockLLM, Reply, call, refuse
from mockserver.chat import ApiError, Timing
from mockserver.scenario import load
from mockserver.server.proxy import recording
from mockserver.server.thread import Host
from mockserver.wire.chat_completions.render import render
from mockserver.wire.identity import Identity
from tests.laws.test_a_recorded_answer_is_sent_again import waited
from tests.replies import heard

CITIES = ("Oslo", "Paris", "Rome")
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS: Any = [{"type": "function", "function": {"name": "get_weather", "parameters": PARAMETERS}}]
PACE = Timing(first_token=0.04, gap=0.02)


class ParsedRequest(NamedTuple):
    """What an application heard in the course of the session; ids of calls are told by their order."""

    calls: list[tuple[str, str]]
    deltas: list[Any]
    usage: int
    answer: str
    error: tuple[int, str]
    retried: str
    partial: list[str]


def script(upstream: MockLLM) -> None:
    upstream.script(
        Reply(calls=[call("get_weather", city=city) for city in CITIES], fault="interleaved_calls", timing=PACE),
        Reply("Cold in Oslo, mild in Paris, warm in Rome.", timing=PACE),
        refuse(400, message="No such tool."),
        refuse(429, retry_after=0),
        "At last.",
        Reply("An answer that breaks off before it is over.", fault="cut_after_events:events=4"),
    )


def session(client: OpenAI) -> ParsedRequest:
    """Parallel calls in an interleaved stream, an answer with its usage, an error, a retry, and a cut."""
    create = client.chat.completions.create
    messages: list[Any] = [{"role": "user", "content": "How warm is it in Oslo, Paris and Rome?"}]
    chunks = list(create(model="gpt-4o", messages=messages, tools=TOOLS, stream=True))
    deltas = [chunk.choices[0].delta.model_dump(exclude_none=True) for chunk in chunks]
    made: dict[int, Any] = {}
    for piece in (piece for delta in deltas for piece in delta.get("tool_calls", ())):
        entry = made.setdefault(piece["index"], {"id": "", "name": "", "arguments": ""})
        entry["id"] += piece.pop("id", "")
        for key, text in piece["function"].items():
            entry[key] += text
    messages.append({"role": "assistant", "tool_calls": [as_call(each) for each in made.values()]})
    results = [{"role": "tool", "tool_call_id": each["id"], "content": '{"temperature": 7}'} for each in made.values()]
    messages += reversed(results)
    options: Any = {"stream": True, "stream_options": {"include_usage": True}}
    second = list(create(model="gpt-4o", messages=messages, tools=TOOLS, **options))
    with pytest.raises(openai.BadRequestError) as refused:
        create(model="gpt-4o", messages=[{"role": "user", "content": "Use another tool."}])
    retried = create(model="gpt-4o", messages=[{"role": "user", "content": "Try."}]).choices[0].message.content
    partial = broken_off(create(model="gpt-4o", messages=[{"role": "user", "content": "Go on."}], stream=True))
    return ParsedRequest(
        [(each["name"], each["arguments"]) for each in made.values()],
        deltas,
        second[-1].usage.total_tokens if second[-1].usage else 0,
        "".join(chunk.choices[0].delta.content or "" for chunk in second if chunk.choices),
        (refused.value.status_code, refused.value.message),
        retried or "",
        partial,
    )


def broken_off(stream: Any) -> list[str]:
    """What a stream said before its connection went away."""
    said: list[str] = []
    with pytest.raises(Exception, match=r"peer closed|incomplete|Connection error"):  # noqa: PT012
        for chunk in stream:
            said.append(chunk.choices[0].delta.content or "")  # noqa: PERF401 - what came before the error counts
    return said


def as_call(made: Any) -> Any:
    return {"id": made["id"], "type": "function", "function": {"name": made["name"], "arguments": made["arguments"]}}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The recorded session; its upstream is stopped by then."""
    return tmp_path / "session.yaml"


def test_a_recorded_session_is_played_as_it_was(file: Path) -> None:
    host = Host()
    with MockLLM(time_scale=1) as upstream:
        script(upstream)
        with recording(host, upstream.base_url, file), OpenAI(base_url=host.url, api_key="key-12345678") as client:
            recorded = session(client)
    host.close()

    with MockLLM(file) as replay, OpenAI(base_url=replay.base_url, api_key="another key") as client:
        played = session(client)
        replay.verify()

    assert played == recorded
    assert [name for name, _ in played.calls] == ["get_weather"] * 3
    assert played.partial
    gaps = [gap for turn in load(file).turns if isinstance(turn.say, Reply) for gap in recorded_gaps(turn.say)]
    assert 15 <= median(gap for gap in gaps if gap) <= 40
    for turn in load(file).turns:
        if isinstance(turn.say, Reply) and turn.heard is not None and turn.say.sent and turn.say.sent.chunks:
            counted = "usage" in [chunk.shape for chunk in turn.say.sent.chunks]
            options = {"stream_options": {"include_usage": counted}}
            asked = heard(replace(turn.heard, stream=True, options=options))
            steps = render([turn.say], asked, Identity("0", b"request", "session", 1), {}, time_scale=0.5)
            assert waited(steps) == pytest.approx([gap / 2000 for gap in turn.say.sent.gaps])


def recorded_gaps(reply: Reply) -> tuple[int, ...]:
    return reply.sent.gaps if reply.sent is not None and reply.timing is None else ()


def test_time_is_scaled(file: Path) -> None:
    host = Host()
    with MockLLM(time_scale=1) as upstream:
        upstream.script(Reply("One two three.", timing=Timing(gap=0.02)))
        with recording(host, upstream.base_url, file), OpenAI(base_url=host.url, api_key="key-12345678") as client:
            client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Count."}])
    host.close()

    with MockLLM(file, time_scale=20) as slow, OpenAI(base_url=slow.base_url, api_key="k") as client:
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Count."}])
        lasted = slow.journal[0].duration
    with MockLLM(file) as fast, OpenAI(base_url=fast.base_url, api_key="k") as client:
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Count."}])
        assert fast.journal[0].duration < lasted / 2
    assert lasted > 20 * 2 * 0.02


async def test_parallel_requests_in_reversed_order_get_their_own_answers(file: Path) -> None:
    host = Host()
    async with openai.AsyncOpenAI(base_url=host.url, api_key="key-12345678") as client:

        async def ask(city: str, client: openai.AsyncOpenAI) -> str | None:
            messages: Any = [{"role": "user", "content": f"How warm is it in {city}?"}]
            return (await client.chat.completions.create(model="gpt-4o", messages=messages)).choices[0].message.content

        with MockLLM() as upstream:
            upstream.when().reply(lambda request: f"Answer to: {request.user_text}")
            with recording(host, upstream.base_url, file):
                recorded = await asyncio.gather(*(ask(city, client) for city in CITIES))
    host.close()

    with MockLLM(file) as replay:
        async with openai.AsyncOpenAI(base_url=replay.base_url, api_key="k") as client:
            played = await asyncio.gather(*(ask(city, client) for city in reversed(CITIES)))

    assert played[::-1] == recorded
    assert len(set(recorded)) == 3


def test_a_miss_costs_the_sdk_one_request_and_says_what_differs(file: Path) -> None:
    host = Host()
    with MockLLM() as upstream:
        upstream.script("Cold.")
        with recording(host, upstream.base_url, file), OpenAI(base_url=host.url, api_key="key-12345678") as client:
            client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Oslo?"}])
    host.close()

    with MockLLM(file) as replay, OpenAI(base_url=replay.base_url, api_key="k") as client:
        with pytest.raises(openai.UnprocessableEntityError) as missed:
            client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Oslo?!"}])

        assert len(replay.journal) == 1
    for part in ("messages[0].content", "'Oslo?'", "'Oslo?!'", str(file), "mockserver record"):
        assert part in str(missed.value)
    assert isinstance(missed.value.body, dict)
    assert missed.value.body["code"] == "recording_miss"


def test_an_error_kept_in_a_recording_is_one_of_the_api(file: Path) -> None:
    host = Host()
    with MockLLM() as upstream:
        upstream.script(refuse(503))
        client = OpenAI(base_url=host.url, api_key="k", max_retries=0)
        with recording(host, upstream.base_url, file), client, pytest.raises(openai.InternalServerError):
            client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello"}])
    host.close()

    said = load(file).turns[0].say
    assert isinstance(said, ApiError)
    assert said.status == 503
