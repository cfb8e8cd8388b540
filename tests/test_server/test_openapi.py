"""The OpenAPI document is made from the table of routes, so nothing is forgotten, and what it says is so."""

import json
from typing import Any

import jsonschema_rs
import pytest

from mockserver import MockLLM
from mockserver.engine import Engine, Settings
from mockserver.journal import Journal
from mockserver.server.openapi import document
from mockserver.server.operations import Operations
from mockserver.server.pipeline import Pipeline
from mockserver.server.schemas import SCHEMAS
from tests.test_server.conftest import HELLO, get, request, said

OPERATIONS = Operations(Pipeline(Engine(Settings()), Journal())).all
DOCUMENT = document(OPERATIONS)
ANSWERED = {
    "ModelList": get("/v1/models"),
    "Model": get("/v1/models/gpt-4o"),
    "OneModel": get("/model/gpt-4o"),
    "ChatCompletion": request(HELLO, connection="close"),
    "ChatCompletionList": get("/v1/chat/completions"),
    "Health": get("/_mock/health"),
    "Journal": get("/_mock/journal"),
    "Conduct": get("/_mock/conduct"),
    "Done": get("/_mock/reset", "POST"),
    "Played": get("/_mock/scenario", "DELETE"),
    "FaultCatalogue": get("/_mock/faults"),
    "FaultsInForce": get("/_mock/faults", "DELETE"),
    "Document": get("/_mock/openapi.json"),
    "Error": get("/v1/nowhere"),
}


def schema(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}


def test_every_route_is_in_the_document() -> None:
    routed = {(operation.shown_path, operation.method.lower()) for operation in OPERATIONS}

    assert {(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods} == routed
    assert {"/v1/chat/completions", "/chat/completions", "/_mock/openapi.json"} <= DOCUMENT["paths"].keys()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: f"{operation.method} {operation.path}")
def test_every_operation_names_schemas_that_there_are(operation: Any) -> None:
    assert {operation.gives, operation.takes or operation.gives} <= SCHEMAS.keys()
    assert operation.about.endswith(".")


def test_every_schema_is_sound_and_used() -> None:
    for name in SCHEMAS:
        jsonschema_rs.validator_for(schema(name))
    text = json.dumps(DOCUMENT)

    assert [name for name in SCHEMAS if text.count(f'schemas/{name}"') == 0] == []


def test_operations_have_names_of_their_own() -> None:
    names = [method["operationId"] for methods in DOCUMENT["paths"].values() for method in methods.values()]

    assert len(names) == len(set(names))


def test_the_document_is_served() -> None:
    with MockLLM() as llm:
        assert said(llm.base_url, get("/_mock/openapi.json")).json == DOCUMENT


@pytest.mark.parametrize(("name", "sent"), ANSWERED.items(), ids=ANSWERED)
def test_answers_are_as_the_document_says(name: str, sent: bytes) -> None:
    with MockLLM() as llm:
        said(llm.base_url, request({**HELLO, "store": True}, connection="close"))
        answer = said(llm.base_url, sent).json

    jsonschema_rs.validator_for(schema(name)).validate(answer)


def test_a_request_that_the_document_allows_is_answered() -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
    asked = {**HELLO, "tools": [tool], "tool_choice": "auto", "n": 2, "stop": ["x"], "metadata": {"a": "b"}}

    jsonschema_rs.validator_for(schema("ChatRequest")).validate(asked)
    with MockLLM() as llm:
        assert said(llm.base_url, request(asked, connection="close")).status == 200
