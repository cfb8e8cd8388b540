"""The doors: every path of the API is served behind each prefix that clients put before it."""

import pytest
from openai import AzureOpenAI, OpenAI

from mockserver import MockLLM
from mockserver.server.routing import door
from tests.test_server.conftest import HELLO, get, request, said

DOORS = ["", "/v1", "/openai/v1", "/api/v1", "/inference/v1", "/v1/v1", "/openai/deployments/gpt-4o"]
NAMELESS = {"messages": HELLO["messages"]}


@pytest.mark.parametrize("prefix", DOORS)
def test_every_path_is_served_behind_every_door(prefix: str) -> None:
    chat, stored = f"{prefix}/chat/completions", {**HELLO, "store": True}

    with MockLLM() as llm:
        answer = said(llm.base_url, request(stored, path=f"{chat}?api-version=1", connection="close"))
        one = said(llm.base_url, get(f"{chat}/{answer.json['id']}"))
        models = said(llm.base_url, get(f"{prefix}/models"))
        model = said(llm.base_url, get(f"{prefix}/models/openai%2Fgpt-5"))
        journal = llm.journal

    assert [heard.status for heard in (answer, one, models, model)] == [200, 200, 200, 200]
    assert [(exchange.path, exchange.served) for exchange in journal] == [(chat, True)]


@pytest.mark.parametrize("prefix", [door for door in DOORS if "deployments" not in door])
def test_the_official_client_streams_through_every_prefix(prefix: str) -> None:
    with MockLLM() as llm:
        llm.script("Hello.")
        root = llm.base_url.removesuffix("/v1")
        with OpenAI(base_url=root + prefix, api_key="any", max_retries=0) as client:
            chunks = client.chat.completions.create(model="gpt-4o", messages=HELLO["messages"], stream=True)
            text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)

    assert text == "Hello."


@pytest.mark.parametrize("provider", ["openai", "azure", "groq", "auto"])
def test_a_deployment_is_the_model_of_a_body_that_names_none(provider: str) -> None:
    path = "/openai/deployments/my-gpt/chat/completions"

    with MockLLM(provider=provider) as llm:
        nameless = said(llm.base_url, request(NAMELESS, path=path, connection="close"))
        named = said(llm.base_url, request(HELLO, path=path, connection="close"))
        asked = [sent.model for sent in llm.journal.requests]

    assert (nameless.status, named.status) == (200, 200)
    assert asked == ["my-gpt", "gpt-4o"]


def test_without_a_deployment_the_model_is_missing() -> None:
    with MockLLM() as llm:
        heard = said(llm.base_url, request(NAMELESS, path="/openai/v1/chat/completions", connection="close"))

    assert (heard.status, heard.error["message"]) == (400, "you must provide a model parameter")


def test_azures_client_finds_its_deployment() -> None:
    with MockLLM() as llm:
        llm.script("Hello.")
        root = llm.base_url.removesuffix("/v1")
        with AzureOpenAI(azure_endpoint=root, api_key="any", api_version="2025-01-01", max_retries=0) as client:
            answer = client.chat.completions.create(model="my-gpt", messages=HELLO["messages"])

    assert answer.choices[0].message.content == "Hello."


@pytest.mark.parametrize(
    ("path", "inner", "deployment"),
    [
        ("/v1/v1/models", "/models", None),
        ("/v1", "/v1", None),
        ("/v12/models", "/v12/models", None),
        ("/openai/deployments/a%2Fb/chat/completions", "/chat/completions", "a%2Fb"),
        ("/openai/deployments/a", "/openai/deployments/a", None),
        ("/api/tags", "/api/tags", None),
    ],
)
def test_what_stands_before_a_path_is_taken_away_once(path: str, inner: str, deployment: str | None) -> None:
    assert door(path) == (inner, deployment)
