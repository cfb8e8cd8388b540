"""Ollama's own SDK, unmodified: chats with tools, streams, generation, lists, vectors, errors, recordings."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver import MockLLM, Reply, call, refuse
from mockserver.server.proxy import recording
from mockserver.server.thread import Host

ollama: Any = pytest.importorskip("ollama")

QUESTION = "Temperature of New York, San Francisco, and Chicago?"
CITIES = ["New York, NY", "San Francisco, CA", "Chicago, IL"]
SUMMARY = "Mild in New York, cool in San Francisco, windy in Chicago."
CALLS = [call("get_current_weather", location=city) for city in CITIES]


def get_current_weather(location: str) -> str:
    """Get the current weather in a given location.

    Args:
        location: The city and state
    """
    return f"20 degrees in {location}"


CLIENTS: list[Any] = []


@pytest.fixture(autouse=True)
def closed_clients() -> Iterator[None]:
    """No connection is left open behind a test."""
    yield
    while CLIENTS:
        CLIENTS.pop().close()


@pytest.fixture
def llm() -> Iterator[MockLLM]:
    with MockLLM() as running:
        yield running


def client(url: str) -> Any:
    CLIENTS.append(ollama.Client(host=url.removesuffix("/v1")))
    return CLIENTS[-1]


def chat(sdk: Any, messages: list[Any], *, stream: bool) -> Any:
    """One message, plain or put together from the lines of a stream."""
    if not stream:
        return sdk.chat("mock", messages, tools=[get_current_weather]).message
    parts = [part.message for part in sdk.chat("mock", messages, tools=[get_current_weather], stream=True)]
    calls = [made for part in parts for made in part.tool_calls or ()]
    text = "".join(part.content or "" for part in parts)
    return ollama.Message(role="assistant", content=text, tool_calls=calls or None)


def four_steps(url: str, *, stream: bool) -> tuple[list[str], str]:
    """The question, three parallel calls, a local function, the summary."""
    sdk, messages = client(url), [{"role": "user", "content": QUESTION}]
    said = chat(sdk, messages, stream=stream)
    messages.append(said)
    for made in said.tool_calls:
        result = get_current_weather(**made.function.arguments)
        messages.append({"role": "tool", "content": result, "tool_name": made.function.name})
    return [made.function.arguments["location"] for made in said.tool_calls], chat(sdk, messages, stream=stream).content


@pytest.mark.parametrize("stream", [False, True])
def test_the_four_steps_with_three_parallel_calls(llm: MockLLM, stream: bool) -> None:
    llm.script(CALLS, SUMMARY)

    assert four_steps(llm.base_url, stream=stream) == (CITIES, SUMMARY)
    llm.verify()


def test_the_simulated_model_calls_for_each_city() -> None:
    with MockLLM(fallback="simulate") as llm:
        asked, text = four_steps(llm.base_url, stream=True)

    assert len(asked) == 3
    assert text


def test_thinking_stands_beside_the_content(llm: MockLLM) -> None:
    llm.script(Reply("Cold.", thinking="Hm."), Reply("Cold.", thinking="Hm."))
    sdk, asked = client(llm.base_url), [{"role": "user", "content": "Oslo?"}]

    assert sdk.chat("mock", asked, think=True).message.thinking == "Hm."
    assert sdk.chat("mock", asked, think=False).message.thinking is None


def test_a_prompt_is_answered_by_the_script(llm: MockLLM) -> None:
    llm.script("Cold.", "Cold in Oslo.")
    sdk = client(llm.base_url)

    assert sdk.generate("mock", "Oslo?").response == "Cold."
    assert [part.response for part in sdk.generate("mock", "Oslo?", stream=True)] == ["Cold ", "in ", "Oslo.", ""]
    llm.verify()


def test_loading_a_model_spends_no_turn(llm: MockLLM) -> None:
    llm.script("Cold.")
    sdk = client(llm.base_url)

    assert (sdk.chat("mock", []).done_reason, sdk.generate("mock", keep_alive=0).done_reason) == ("load", "unload")
    assert sdk.generate("mock", "Oslo?").response == "Cold."


def test_models_are_listed_and_described(llm: MockLLM) -> None:
    sdk = client(llm.base_url)

    assert [model.model for model in sdk.list().models] == ["mock:latest"]
    assert sdk.ps().models[0].context_length
    assert "tools" in sdk.show("any").capabilities


def test_texts_that_are_alike_have_vectors_that_are_near(llm: MockLLM) -> None:
    first, again, near, far = (
        client(llm.base_url)
        .embed(
            "mock", ["the cat sat on a mat", "the cat sat on a mat", "a cat sits on the mat", "quarterly tax returns"]
        )
        .embeddings
    )

    assert first == again
    assert dot(first, near) > dot(first, far) + 0.2
    assert dot(first, first) == pytest.approx(1)


def dot(one: Any, other: Any) -> float:
    return float(sum(left * right for left, right in zip(one, other, strict=True)))


def test_errors_are_those_of_the_sdk(llm: MockLLM) -> None:
    llm.script(refuse(503))
    with pytest.raises(ollama.ResponseError, match="server busy") as failed:
        client(llm.base_url).chat("mock", [{"role": "user", "content": "Hi"}])

    assert failed.value.status_code == 503


@pytest.mark.parametrize("stream", [False, True])
def test_what_was_recorded_is_replayed(tmp_path: Path, stream: bool) -> None:
    file = tmp_path / "ollama.yaml"
    host = Host()
    try:
        with MockLLM() as upstream:
            upstream.script(CALLS, SUMMARY)
            with recording(host, upstream.base_url.removesuffix("/v1"), file):
                heard = four_steps(host.url, stream=stream)
    finally:
        host.close()

    with MockLLM(file) as llm:
        assert four_steps(llm.base_url, stream=stream) == heard == (CITIES, SUMMARY)
