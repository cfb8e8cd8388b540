"""Bodies of requests to the Responses API."""

import json
from typing import Any

from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.responses.parse import parse

SCHEMA: dict[str, Any] = {"type": "object", "properties": {"location": {"type": "string"}}}
WEATHER: dict[str, Any] = {"type": "function", "name": "get_current_weather", "parameters": SCHEMA}
GREP: dict[str, Any] = {"type": "custom", "name": "grep"}
HELLO: dict[str, Any] = {"role": "user", "content": "Hello"}


def body(**changes: Any) -> bytes:
    """A sound request with some keys changed; `...` leaves one out."""
    asked = {"model": "gpt-4o", "input": "Hello", **changes}
    return json.dumps({key: value for key, value in asked.items() if value is not ...}).encode()


def parsed(**changes: Any) -> ParsedRequest:
    """A sound request, parsed."""
    return parse(body(**changes))


def called(call_id: str, arguments: str = "{}", **more: Any) -> dict[str, Any]:
    """A call of the history."""
    return {"type": "function_call", "call_id": call_id, "name": "get_current_weather", "arguments": arguments, **more}


def result(call_id: str, output: Any = "21") -> dict[str, Any]:
    """The result of a call."""
    return {"type": "function_call_output", "call_id": call_id, "output": output}
