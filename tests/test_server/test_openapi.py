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
from mockserver.wire.chat_completions.parameters import PARAMETERS
from mockserver.wire.refusal import Refused
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


PROBES: list[Any] = [
    True, 0, 1, -1, 2, -2, 3, 8, 20, 21, 128, 129, 20_000, 0.5, 2.1, "", "a", "auto", "low", "text", "x" * 64, "x" * 65,
    [], ["a"], ["a"] * 4, ["a"] * 5, ["text"], ["text", "audio"], [1], {}, {"a": "b"}, {"a": 1}, {"a": "x" * 513},
    {"x" * 65: "a"}, {f"k{number}": "v" for number in range(17)}, {"50256": -100}, {"50256": 101}, {"type": "text"},
    {"type": "json_object"}, {"type": "json_schema"}, {"type": "json_schema", "json_schema": {"name": "x"}},
    {"type": "json_schema", "json_schema": {"name": "x" * 65}}, {"type": "json_schema", "json_schema": {"schema": {}}},
    {"type": "content", "content": "a"}, {"type": "content", "content": 1}, {"type": "content", "content": None},
    {"include_usage": True}, {"include_usage": 1}, {"include_usage": None}, {"other": True}, {"model": "m"},
    {"model": None}, {"voice": "alloy", "format": "wav"}, {"voice": "alloy"}, {"voice": None, "format": "mp3"},
    {"mode": "implicit", "ttl": "1h"}, {"mode": "never"}, {"search_context_size": "low", "user_location": {}},
]  # fmt: skip


@pytest.mark.parametrize("key", PARAMETERS)
def test_the_document_and_the_checks_say_the_same_of_a_parameter(key: str) -> None:
    said_of = SCHEMAS["ChatRequest"]["properties"][key]
    fits = jsonschema_rs.Draft202012Validator(said_of).is_valid

    for probe in PROBES:
        assert (probe, fits(probe)) == (probe, accepts(key, probe))
    assert fits(None)


def accepts(key: str, value: Any) -> bool:
    try:
        PARAMETERS[key](key, value)
    except Refused:
        return False
    return True
