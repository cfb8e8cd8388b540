"""The models over HTTP: as OpenAI lists them, as AI/ML API does, and what each of them can do."""

import re
from pathlib import Path
from typing import Any

import pytest
from openai import NotFoundError, OpenAI

from mockserver import MockLLM
from mockserver.wire.models import catalogue
from tests.test_server.conftest import get, said

NAMED_BY_THE_DOCUMENT = """
claude-3-5-sonnet-20240620 claude-3-5-sonnet-20241022 claude-3-haiku-20240307 claude-3-opus-20240229
claude-3-sonnet-20240229 qwen-max qwen-max-2025-01-25 qwen-plus qwen-turbo Qwen/Qwen3-235B-A22B-fp8-tput
gemini-1.5-flash gemini-1.5-pro gemini-2.0-flash-exp google/gemini-2.0-flash-thinking-exp-01-21
google/gemini-2.5-flash-preview gemini-2.5-pro-exp-03-25 google/gemini-2.5-pro-preview google/gemma-3-1b-it
google/gemma-3-4b-it google/gemma-3-12b-it google/gemma-3-27b-it meta-llama/Llama-3.2-11B-Vision-Instruct-Turbo
meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo meta-llama/Llama-Guard-3-11B-Vision-Turbo meta-llama/Llama-Vision-Free
meta-llama/llama-4-scout meta-llama/llama-4-maverick MiniMax-Text-01 abab6.5s-chat chatgpt-4o-latest gpt-4-turbo
gpt-4-turbo-2024-04-09 gpt-4o gpt-4o-2024-05-13 gpt-4o-2024-08-06 gpt-4o-mini gpt-4o-mini-2024-07-18
openai/gpt-4.1-2025-04-14 openai/gpt-4.1-mini-2025-04-14 openai/gpt-4.1-nano-2025-04-14 openai/o4-mini-2025-04-16
""".split()


def listed(query: str = "") -> list[dict[str, Any]]:
    with MockLLM() as llm:
        found: list[dict[str, Any]] = said(llm.base_url, get(f"/v1/models{query}")).json["data"]
        return found


@pytest.mark.parametrize("model", NAMED_BY_THE_DOCUMENT)
def test_every_model_that_the_document_lists_calls_functions(model: str) -> None:
    assert catalogue()[model].calls_functions


def test_the_official_client_lists_and_retrieves_models() -> None:
    with MockLLM() as llm, OpenAI(base_url=llm.base_url, api_key="k") as client:
        models = list(client.models.list())
        one = client.models.retrieve("openai/gpt-4.1-2025-04-14")
        with pytest.raises(NotFoundError) as raised:
            client.models.retrieve("nobody/knows")

    assert len(models) > 200
    assert one in models
    assert (one.object, one.owned_by) == ("model", "openai")
    assert (raised.value.code, raised.value.param) == ("model_not_found", "model")


def test_an_entry_has_the_keys_of_both_lists() -> None:
    entry = next(entry for entry in listed() if entry["id"] == "gpt-4o")

    assert {"id", "object", "created", "owned_by"} <= entry.keys()
    assert {"id", "aliases", "type", "info", "tags", "capabilities"} <= entry.keys()
    assert {"name", "developer", "description", "contextLength", "outputMax", "url", "docsUrl"} <= entry["info"].keys()
    assert entry["function_calling"] is True
    assert "function_calling" in entry["capabilities"]


def test_a_model_that_calls_no_functions_says_so() -> None:
    entry = next(entry for entry in listed() if entry["id"] == "o1-mini")

    assert entry["function_calling"] is False
    assert "function_calling" not in entry["capabilities"]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("?id=GPT-4o", ["gpt-4o"]),
        ("?id=gpt-4o,o1-mini&capabilities=function_calling", ["gpt-4o"]),
        ("?id=gpt-4o&id=o1-mini", ["gpt-4o", "o1-mini"]),
        ("?id=magnum-v4", ["anthracite-org/magnum-v4-72b"]),
        ("?id=gpt-4o&type=openai/chat-completions&tags=chat&modalities=text&input_modalities=text", ["gpt-4o"]),
        ("?id=gpt-4o&output_modalities=video", []),
    ],
)
def test_the_list_is_filtered_as_aimlapi_does(query: str, ids: list[str]) -> None:
    assert [entry["id"] for entry in listed(query)] == ids


@pytest.mark.parametrize("query", ["?id=gpt-4o&include=pricing,modalities", "?id=gpt-4o&include=all", "?details=true"])
def test_more_sections_come_when_they_are_asked_for(query: str) -> None:
    assert {"pricing", "modalities"} <= listed(query)[0].keys()
    assert not {"pricing", "modalities"} & listed("?include=unheard-of")[0].keys()


def test_a_list_that_has_not_changed_is_not_sent_again() -> None:
    with MockLLM() as llm:
        tag = said(llm.base_url, get("/v1/models")).headers["etag"]
        again = said(llm.base_url, get("/v1/models", if_none_match=tag))

    assert re.fullmatch('W/"[0-9a-f]+"', tag)
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("path", ["/v1/models/magnum-v4", "/models/anthracite-org%2Fmagnum-v4-72b"])
def test_a_model_is_found_under_each_of_its_names(path: str) -> None:
    with MockLLM() as llm:
        assert said(llm.base_url, get(path)).json["id"] == "anthracite-org/magnum-v4-72b"


def test_aimlapi_asks_for_one_model_in_another_way() -> None:
    with MockLLM() as llm:
        answer = said(llm.base_url, get("/model/openai/gpt-5")).json

    assert (answer["object"], answer["data"]["id"]) == ("model", "openai/gpt-5")


def test_the_list_of_models_has_each_name_once() -> None:
    lines = (Path(__file__).parents[2] / "mockserver" / "wire" / "models.txt").read_text().splitlines()
    names = [word.removeprefix("=") for line in lines for word in line.split() if word != "-functions"]

    assert len(names) == len(set(names))
