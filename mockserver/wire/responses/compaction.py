"""Compaction: a conversation in fewer items, what the model and its tools said sealed in one of them."""

from typing import Any

from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.responses.encrypted_content import sealed
from mockserver.wire.responses.item_ids import ResponseIds
from mockserver.wire.responses.items import kind_of
from mockserver.wire.responses.stored import own_items, with_ids
from mockserver.wire.tokens import counter

JsonObject = dict[str, Any]


def compacted(parsed: ParsedRequest, identity: Identity) -> JsonObject:
    """The object of `POST /v1/responses/compact`: the user's messages, and an item that stands for all else."""
    held = parsed.held.items if parsed.held is not None else ()
    items = with_ids([*held, *own_items(parsed)], parsed.fingerprint)
    kept = [item for item in items if kind_of(item) == "message" and item.get("role") == "user"]
    said = [f"{message.role}: {message.content}" for message in parsed.request.messages if message.content]
    ids = ResponseIds(identity, parsed)
    summary = "\n".join(said)
    spent = counter(parsed.request.model).count(summary)
    return {
        "id": ids.response,
        "object": "response.compaction",
        "created_at": ids.created,
        "output": [*kept, {"id": ids.item("cmp", 0), "type": "compaction", "encrypted_content": sealed(summary)}],
        "usage": {
            "input_tokens": parsed.prompt_tokens,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": spent,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": parsed.prompt_tokens + spent,
        },
    }
