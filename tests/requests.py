"""Bodies of requests, as applications send them."""

import json
from typing import Any

ASK: dict[str, Any] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}
SCHEMA: dict[str, Any] = {"type": "object", "properties": {}}
WEATHER: dict[str, Any] = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
GREP: dict[str, Any] = {"type": "custom", "custom": {"name": "grep", "description": "Search with a pattern."}}


def body(**changes: Any) -> bytes:
    """A sound request with some keys changed; `...` leaves one out."""
    return json.dumps({key: value for key, value in {**ASK, **changes}.items() if value is not ...}).encode()


def called(*ids: str, name: str = "weather", arguments: Any = "{}") -> dict[str, Any]:
    """An assistant message with a call for each id."""
    function = {"name": name, "arguments": arguments}
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": each, "type": "function", "function": function} for each in ids],
    }


def result(call_id: str, content: str = "21") -> dict[str, str]:
    """The result of a call."""
    return {"role": "tool", "tool_call_id": call_id, "content": content}
