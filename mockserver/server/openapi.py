"""The OpenAPI document of our own routes, made from the very table that routes them."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mockserver.server.routing import Operation
from mockserver.server.schemas import SCHEMAS, ref

JsonObject = dict[str, Any]

_ABOUT = (
    "A mock of the chat-completions API with tool calls. Every path under `/v1` is served without it, too, and behind "
    "`/openai/v1`, `/api/v1`, `/inference/v1` and `/v1/v1`."
)
_OF_ANOTHER_API = re.compile(r"^/messages|^/api/|\{model\}:|^/\{version\}/")
"""Paths of APIs whose errors have another shape than OpenAI's."""
_MEDIA = {"ScenarioFile": "application/yaml"}
_STREAMED = "ChatCompletion"
_NUMBERS = {"limit": {"type": "integer", "minimum": 1, "maximum": 100}}
_LABELS = {"style": "deepObject", "explode": True}
_KEY = {"key": {"type": "http", "scheme": "bearer", "description": "Any key, unless the server wants a certain one."}}


def document(operations: Iterable[Operation]) -> JsonObject:
    """The whole document."""
    paths: dict[str, JsonObject] = {}
    for operation in operations:
        paths.setdefault(operation.shown_path, {})[operation.method.lower()] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "mockserver", "version": _version(), "description": _ABOUT},
        "paths": paths,
        "components": {"schemas": dict(SCHEMAS), "securitySchemes": _KEY},
    }


def _described(operation: Operation) -> JsonObject:
    found: JsonObject = {
        "operationId": "_".join([operation.method.lower(), *_words(operation.shown_path)]),
        "summary": operation.about,
        "responses": _responses(operation),
    }
    parameters = [*map(_in_path, operation.names), *map(_in_query, operation.query)]
    if parameters:
        found["parameters"] = parameters
    if operation.takes is not None:
        media = _MEDIA.get(operation.takes, "application/json")
        found["requestBody"] = {"required": True, "content": {media: {"schema": ref(operation.takes)}}}
    if operation.keyed:
        found["security"] = [{"key": []}, {}]
    return found


def _words(path: str) -> list[str]:
    return [word.strip("{}").replace(".", "_").strip("_") for word in path.split("/") if word]


def _responses(operation: Operation) -> JsonObject:
    content: JsonObject = {"application/json": {"schema": ref(operation.gives)}}
    if (operation.gives == _STREAMED and operation.takes == "ChatRequest") or operation.path.endswith("/responses"):
        content["text/event-stream"] = {"schema": {"type": "string"}}
    shape = {"type": "object"} if _OF_ANOTHER_API.search(operation.path) else ref("Error")
    error = {"application/json": {"schema": shape}}
    refusals = {
        str(status): {"description": HTTPStatus(status).phrase, "content": error} for status in operation.errors
    }
    if operation.gives == "ModelList":
        refusals["304"] = {"description": "Nothing has changed since the entity tag that was given."}
    rest = {"description": "Any other refusal, in the API's shape.", "content": error}
    return {"200": {"description": "OK", "content": content}, **refusals, "default": rest}


def _in_path(name: str) -> JsonObject:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _in_query(name: str) -> JsonObject:
    if name == "metadata":
        labels = {"type": "object", "additionalProperties": {"type": "string"}}
        return {"name": name, "in": "query", "schema": labels, **_LABELS}
    if name == "order":
        return {"name": name, "in": "query", "schema": {"type": "string", "enum": ["asc", "desc"]}}
    return {"name": name, "in": "query", "schema": _NUMBERS.get(name, {"type": "string"})}


def _version() -> str:
    try:
        return version("toolcall-mockserver")
    except PackageNotFoundError:
        return "unknown"
