"""The OpenAPI document of our own routes, made from the very table that routes them."""

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
_MEDIA = {"ScenarioFile": "application/yaml"}
_STREAMS = {
    "ChatCompletion": "text/event-stream",
    "Response": "text/event-stream",
    "Message": "text/event-stream",
    "GeminiResponse": "text/event-stream",
    "OllamaAnswer": "application/x-ndjson",
}
"""How a conversation's answer is sent when it is streamed, by the schema of the whole answer."""
_ERRORS = {"messages": "MessagesError", "gemini": "GeminiError", "ollama": "OllamaError"}
"""The schema of an API's errors, where it is not OpenAI's."""
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
    answer = ref(operation.gives)
    if operation.path.endswith(":streamGenerateContent"):
        answer = {"type": "array", "items": answer}
    content: JsonObject = {"application/json": {"schema": answer}}
    if operation.takes is not None and operation.gives in _STREAMS:
        content[_STREAMS[operation.gives]] = {"schema": {}}
    error = {"application/json": {"schema": ref(_ERRORS.get(operation.api, "Error"))}}
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
