"""The usual forms of a stream's events, with holes for what the reply says.

A recording holds only the forms that differ from these.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from mockserver.chat.recorded_wire import Sent

JsonObject = dict[str, Any]

BODY = "body"
ANSWER_ID = "answer id"
"""The hole for the id that each message has of its own."""

_NAME = re.compile(r"(text|thinking|signature|call|input|stop)(?: start)? (\d+)(?: (\d+))?")


@lru_cache(maxsize=256)
def usual(name: str) -> JsonObject | None:
    """The event that goes by this name in a usual stream; None where there is none."""
    if name in ("ping", "message_stop"):
        return {"type": name}
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    index = int(found[2])
    if found[1] == "stop":
        return {"type": "content_block_stop", "index": index}
    if " start" in name:
        block = _STARTS.get(found[1])
        return block and {"type": "content_block_start", "index": index, "content_block": block(found[3] or "0")}
    delta = _DELTAS.get(found[1])
    return delta and {"type": "content_block_delta", "index": index, "delta": delta(found[3] or "0")}


_STARTS: Mapping[str, Callable[[str], JsonObject]] = {
    "text": lambda _: {"type": "text", "text": ""},
    "thinking": lambda _: {"type": "thinking", "thinking": "", "signature": ""},
    "call": lambda number: {
        "type": "tool_use",
        "id": f"<id {number}>",
        "name": f"<name {number}>",
        "input": {},
        "caller": {"type": "direct"},
    },
}
_DELTAS: Mapping[str, Callable[[str], JsonObject]] = {
    "text": lambda _: {"type": "text_delta", "text": "<text>"},
    "thinking": lambda _: {"type": "thinking_delta", "thinking": "<thinking>"},
    "signature": lambda _: {"type": "signature_delta", "signature": "<signature>"},
    "input": lambda number: {"type": "input_json_delta", "partial_json": f"<arguments {number}>"},
}


def shape_of(name: str, sent: Sent) -> Any:
    """The shape that an event names: the recording's own, or the usual one."""
    return sent.shapes[name] if name in sent.shapes else usual(name)
