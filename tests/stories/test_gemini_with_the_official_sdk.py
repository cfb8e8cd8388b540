"""Google's own SDK, unmodified: automatic function calling, chats, streams, tokens, models, errors, recordings."""

from collections.abc import Iterator
from typing import Any

import pytest

from mockserver import MockLLM, Reply, call, refuse

genai: Any = pytest.importorskip("google.genai")
types: Any = pytest.importorskip("google.genai.types")

MODELS = ("gemini-2.5-flash", "gemini-3-pro-preview")
QUESTION = "Temperature of New York, San Francisco, and Chicago?"
CITIES = ["New York, NY", "San Francisco, CA", "Chicago, IL"]
SUMMARY = "Mild in New York, cool in San Francisco, windy in Chicago."
CALLS = [call("get_current_weather", location=city) for city in CITIES]


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


def client(url: str, **more: Any) -> Any:
    options = types.HttpOptions(base_url=url.removesuffix("/v1"), **more)
    CLIENTS.append(genai.Client(api_key="mock", http_options=options))
    return CLIENTS[-1]


def four_steps(url: str, model: str, *, stream: bool) -> tuple[list[str], str]:
    """The question, three parallel calls, a local function that the SDK runs, the summary."""
    asked: list[str] = []

    def get_current_weather(location: str) -> dict[str, Any]:
        """Get the current weather in a given location."""
        asked.append(location)
        return {"location": location, "temperature": 20}

    config = types.GenerateContentConfig(tools=[get_current_weather])
    sdk = client(url)
    if not stream:
        return asked, sdk.models.generate_content(model=model, contents=QUESTION, config=config).text
    chunks = [*sdk.models.generate_content_stream(model=model, contents=QUESTION, config=config)]
    return asked, "".join(chunk.text or "" for chunk in chunks)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_the_four_steps_with_three_parallel_calls(llm: MockLLM, model: str, stream: bool) -> None:
    llm.script(CALLS, SUMMARY)

    assert four_steps(llm.base_url, model, stream=stream) == (CITIES, SUMMARY)
    llm.verify()


@pytest.mark.parametrize("model", MODELS)
def test_the_simulated_model_calls_for_each_city(model: str) -> None:
    with MockLLM(fallback="simulate") as llm:
        asked, text = four_steps(llm.base_url, model, stream=False)

    assert len(asked) == 3
    assert text


def test_the_thoughts_and_the_tokens_are_told(llm: MockLLM) -> None:
    llm.script(Reply("Cold.", thinking="Hm, Oslo."))
    config = types.GenerateContentConfig(thinking_config=types.ThinkingConfig(include_thoughts=True))
    sdk = client(llm.base_url)
    answer = sdk.models.generate_content(model=MODELS[0], contents="Oslo?", config=config)

    assert [(part.text, part.thought) for part in answer.candidates[0].content.parts] == [
        ("Hm, Oslo.", True), ("Cold.", None)
    ]  # fmt: skip
    assert answer.usage_metadata.thoughts_token_count > 0


def test_a_typed_answer_is_parsed(llm: MockLLM) -> None:
    llm.script('{"city": "Oslo"}')
    schema = {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}}
    config = types.GenerateContentConfig(response_mime_type="application/json", response_schema=schema)

    sdk = client(llm.base_url)
    assert sdk.models.generate_content(model=MODELS[0], contents="x", config=config).parsed == {"city": "Oslo"}


def test_tokens_are_counted_and_models_listed(llm: MockLLM) -> None:
    sdk = client(llm.base_url)

    assert sdk.models.count_tokens(model=MODELS[0], contents="Hello there").total_tokens > 0
    assert f"models/{MODELS[0]}" in [model.name for model in sdk.models.list()]
    assert sdk.models.get(model="gemini-any").name == "models/gemini-any"


@pytest.mark.parametrize(("status", "word"), [(429, "RESOURCE_EXHAUSTED"), (503, "UNAVAILABLE")])
def test_errors_are_those_of_the_sdk(llm: MockLLM, status: int, word: str) -> None:
    llm.script(refuse(status))
    sdk = client(llm.base_url)
    with pytest.raises(genai.errors.APIError) as failed:
        sdk.models.generate_content(model=MODELS[0], contents="Hi")

    assert (failed.value.code, failed.value.status) == (status, word)


def test_a_key_is_required_and_never_told() -> None:
    with MockLLM(require_key="right", fallback="simulate") as llm:
        sdk = client(llm.base_url)
        with pytest.raises(genai.errors.ClientError, match="API key not valid"):
            sdk.models.generate_content(model=MODELS[0], contents="Hi")
        assert "mock" not in [exchange.session for exchange in llm.journal]
