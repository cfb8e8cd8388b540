"""Bodies of requests to the Messages API."""

import json
from typing import Any

from mockserver.chat import ChatRequest
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.messages.parse import parse
from mockserver.wire.messages.versions import NEWER
from mockserver.wire.provider import Occasion

SCHEMA: dict[str, Any] = {"type": "object", "properties": {"location": {"type": "string"}}}
WEATHER: dict[str, Any] = {"name": "get_current_weather", "input_schema": SCHEMA}
HELLO: dict[str, Any] = {"role": "user", "content": "Hello"}
MODEL = "claude-opus-5-5"


def body(**changes: Any) -> bytes:
    """A sound request with some keys changed; `...` leaves one out."""
    asked = {"model": MODEL, "max_tokens": 1024, "messages": [HELLO], **changes}
    return json.dumps({key: value for key, value in asked.items() if value is not ...}).encode()


def parsed(*, version: str | None = NEWER, betas: str = "", strict: bool = True, **changes: Any) -> ParsedRequest:
    """A sound request with some keys changed, parsed."""
    headers = {"anthropic-version": version} if version is not None else {}
    headers |= {"anthropic-beta": betas} if betas else {}
    return parse(body(**changes), strict=strict, occasion=Occasion("/v1/messages", headers, Identity("", b"")))


def request(**changes: Any) -> ChatRequest:
    """The neutral reading of a request."""
    return parsed(**changes).request


def called(*ids: str, given: Any = None, text: str | None = None, **more: Any) -> dict[str, Any]:
    """An assistant message with a call for each id."""
    said = [{"type": "text", "text": text}] if text is not None else []
    calls = [
        {"type": "tool_use", "id": each, "name": "get_current_weather", "input": {} if given is None else given} | more
        for each in ids
    ]
    return {"role": "assistant", "content": [*said, *calls]}


def results(*ids: str, text: str | None = None) -> dict[str, Any]:
    """A user message with a result for each id."""
    said = [{"type": "text", "text": text}] if text is not None else []
    return {
        "role": "user",
        "content": [*[{"type": "tool_result", "tool_use_id": each, "content": "21"} for each in ids], *said],
    }
