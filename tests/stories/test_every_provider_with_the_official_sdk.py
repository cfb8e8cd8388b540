"""Every provider's manner, heard by the official SDK: the document's conversation, plain and streamed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from mockserver import MockLLM
from mockserver.scenario import ScenarioErrors
from mockserver.wire.chat_completions.providers import PROVIDERS
from tests.stories.conftest import CITIES, get_current_weather, locations

SOUND = [name for name, provider in PROVIDERS.items() if not provider.faults]
MODELS = {"deepseek": "deepseek-reasoner", "gemini": "gemini-3-pro", "openrouter": "anthropic/claude-opus-4.6"}


@pytest.fixture(scope="module")
def shared() -> Iterator[MockLLM]:
    with MockLLM() as running:
        yield running


def client(llm: MockLLM, provider: str) -> openai.OpenAI:
    headers = {"x-mock-provider": provider}
    return openai.OpenAI(base_url=llm.base_url, api_key="any", max_retries=0, default_headers=headers)


def answered(messages: list[Any], said: Any, calls: Any) -> list[Any]:
    """The conversation as an application keeps it: the message as it came, and a result for every call."""
    results = [
        {
            "role": "tool",
            "tool_call_id": call.id,
            "content": get_current_weather(**json.loads(call.function.arguments)),
        }
        for call in calls
    ]
    return [*messages, said, *results]


@pytest.mark.parametrize("provider", SOUND)
def test_the_conversation_goes_on_in_every_manner(shared: MockLLM, asked: dict[str, Any], provider: str) -> None:
    asked["model"] = MODELS.get(provider, "gpt-4o")
    with client(shared, provider) as sdk:
        said = sdk.chat.completions.create(**asked).choices[0].message
        assert said.tool_calls
        history = answered(asked["messages"], said.model_dump(exclude_unset=True), said.tool_calls)
        last = sdk.chat.completions.create(**{**asked, "messages": history}).choices[0]

    assert locations(said.tool_calls) == list(CITIES)
    assert last.finish_reason == "stop"
    assert last.message.content
    assert all(city in last.message.content for city in CITIES)


@pytest.mark.parametrize("provider", SOUND)
def test_a_stream_says_what_the_plain_answer_says(shared: MockLLM, asked: dict[str, Any], provider: str) -> None:
    asked["model"] = MODELS.get(provider, "gpt-4o")
    with client(shared, provider) as sdk:
        said = sdk.chat.completions.create(**asked).choices[0].message
        chunks = list(sdk.chat.completions.create(**asked, stream=True))

    assert gathered(chunks) == [json.loads(call.function.arguments) for call in said.tool_calls or ()]


def gathered(chunks: list[Any]) -> list[Any]:
    """The arguments of every call, whatever the manner: a piece with a new id, or a first one, opens a call."""
    calls: list[tuple[Any, list[Any]]] = []
    for chunk in chunks:
        delta = chunk.choices[0].delta if chunk.choices else None
        for piece in (delta.tool_calls or []) if delta is not None else []:
            if not calls or (piece.id and piece.id not in [known for known, _ in calls]):
                calls.append((piece.id, []))
            if piece.function is not None and piece.function.arguments:
                calls[-1][1].append(piece.function.arguments)
    texts = ["".join(map(str, told)) if isinstance(told[0], str) else told[0] for _, told in calls]
    return [json.loads(text) if isinstance(text, str) else text for text in texts]


def test_a_model_picks_its_provider(shared: MockLLM, asked: dict[str, Any]) -> None:
    with client(shared, "auto") as sdk:
        ids = {
            model: sdk.chat.completions.create(**{**asked, "model": model}).choices[0].message.tool_calls[0].id
            for model in ("gpt-4o", "mistralai/mistral-nemo", "claude-3-opus-20240229", "deepseek/deepseek-r1")
        }

    assert ids["gpt-4o"].startswith("call_")
    assert len(ids["mistralai/mistral-nemo"]) == 9
    assert ids["claude-3-opus-20240229"].startswith("toolu_01")
    assert ids["deepseek/deepseek-r1"].startswith("call_00_")


def test_a_scenario_names_its_provider(asked: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "short.yaml"
    file.write_text(
        "scenario: short ids\nprovider: mistral\nrules:\n  - calls: [{call: get_current_weather}]\n", "utf-8"
    )
    with MockLLM(file) as llm, openai.OpenAI(base_url=llm.base_url, api_key="any") as sdk:
        short = sdk.chat.completions.create(**asked).choices[0].message.tool_calls or []
        headers = {"x-mock-provider": "openai"}
        usual = sdk.chat.completions.create(**asked, extra_headers=headers).choices[0].message.tool_calls or []

    assert (len(short[0].id), usual[0].id[:5]) == (9, "call_")


def test_a_scenario_with_an_unknown_provider_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("scenario: wrong\nprovider: mistrall\nrules: [{text: Hello.}]\n", "utf-8")

    with pytest.raises(
        ScenarioErrors, match=r"wrong.yaml:2:11: .*no provider is called 'mistrall'. Did you mean 'mistral'"
    ):
        MockLLM(file)


def test_azures_own_client_finds_its_paths(asked: dict[str, Any]) -> None:
    with MockLLM(require_key="secret") as llm:
        endpoint = llm.base_url.removesuffix("/v1")
        with openai.AzureOpenAI(azure_endpoint=endpoint, api_key="secret", api_version="2024-10-21") as azure:
            said = azure.chat.completions.create(**asked)
            first, *_ = azure.chat.completions.create(**asked, stream=True)
        with (
            openai.AzureOpenAI(azure_endpoint=endpoint, api_key="wrong", api_version="2024-10-21") as azure,
            pytest.raises(openai.AuthenticationError) as refused,
        ):
            azure.chat.completions.create(**asked)

    assert (said.choices[0].model_extra or {})["content_filter_results"] == {}
    assert (first.choices, first.id) == ([], "")
    assert refused.value.body == {"code": "401", "message": refused.value.body["message"]}  # type: ignore[index]  # the body of an error is a table


def test_headers_of_openai_come_from_openai_alone(shared: MockLLM, asked: dict[str, Any]) -> None:
    with client(shared, "openai") as openai_sdk, client(shared, "groq") as groq:
        own, other = (sdk.chat.completions.with_raw_response.create(**asked).headers for sdk in (openai_sdk, groq))

    assert "openai-processing-ms" in own
    assert not [name for name in other if name.startswith("openai-")]


def test_the_journal_knows_the_ids_that_were_sent(asked: dict[str, Any]) -> None:
    with MockLLM(provider="mistral") as llm, openai.OpenAI(base_url=llm.base_url, api_key="any") as sdk:
        said = sdk.chat.completions.create(**asked).choices[0].message
        (exchange,) = llm.journal

    assert [call.id for call in exchange.reply.calls] == [call.id for call in said.tool_calls or ()]  # type: ignore[union-attr]  # a reply, as nothing failed


def test_a_fault_is_shown_in_the_providers_manner(shared: MockLLM, asked: dict[str, Any]) -> None:
    with client(shared, "mistral") as sdk:
        raw = sdk.chat.completions.with_raw_response.create(**asked, extra_headers={"x-mock-fault": "duplicate_ids"})
        ids = [call.id for call in raw.parse().choices[0].message.tool_calls or ()]
        with pytest.raises(openai.RateLimitError) as limited:
            sdk.chat.completions.create(**asked, extra_headers={"x-mock-fault": "http_status:status=429"})

    assert raw.headers["x-mock-fault"] == "duplicate_ids"
    assert {len(one) for one in ids} == {9}
    assert len(set(ids)) == len(ids) - 1
    assert limited.value.response.json()["object"] == "error"


def test_groq_refuses_what_a_fault_made_of_a_call(shared: MockLLM, asked: dict[str, Any]) -> None:
    with client(shared, "groq") as sdk, pytest.raises(openai.BadRequestError) as refused:
        sdk.chat.completions.create(**asked, extra_headers={"x-mock-fault": "truncated_json"})

    assert refused.value.code == "tool_use_failed"
    assert refused.value.response.headers["x-mock-fault"] == "truncated_json"


def test_a_provider_shows_its_habits_at_their_rate(asked: dict[str, Any]) -> None:
    with MockLLM(provider="deepseek_v4_selfhosted") as llm, openai.OpenAI(base_url=llm.base_url, api_key="k") as sdk:
        for number in range(40):
            sdk.chat.completions.create(**asked, user=f"user {number}")
        struck = [exchange for exchange in llm.journal if exchange.faults]

    assert 0 < len(struck) < 40
    assert {name for exchange in struck for name in exchange.faults} == {"text_dsml"}
