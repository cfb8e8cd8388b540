"""The API's checks of content blocks: each message by itself, without the rules that tie calls and results together."""

from collections.abc import Callable, Mapping
from typing import Any

from mockserver.wire.messages.families import ClaudeFamily
from mockserver.wire.messages.refusal import (
    at,
    extra,
    list_at,
    mismatch,
    missing_tag,
    not_one_of,
    object_at,
    refused,
    required,
    text_at,
    unknown_tag,
)
from mockserver.wire.messages.versions import Version
from mockserver.wire.refusal import Refused

JsonObject = dict[str, Any]

_ID, _ID_PATTERN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"), "^[a-zA-Z0-9_-]+$"
_MOST_NAME = 200
_ANY = frozenset({"type", "cache_control"})
_KEYS: Mapping[str, frozenset[str]] = {
    "text": _ANY | {"text", "citations"},
    "tool_use": _ANY | {"id", "name", "input", "caller", "toolset_name"},
    "tool_result": _ANY | {"tool_use_id", "content", "is_error", "browser_state"},
    "thinking": frozenset({"type", "thinking", "signature"}),
    "redacted_thinking": frozenset({"type", "data"}),
}
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "text": ("text",),
    "image": ("source",),
    "document": ("source",),
    "search_result": ("content", "source", "title"),
    "tool_use": ("id", "input", "name"),
    "tool_result": ("tool_use_id",),
    "thinking": ("signature", "thinking"),
    "redacted_thinking": ("data",),
}
_TYPES = (
    "bash_code_execution_tool_result", "code_execution_tool_result", "compaction", "container_upload", "document",
    "fallback", "image", "mcp_tool_result", "mcp_tool_use", "redacted_thinking", "search_result", "server_tool_use",
    "text", "text_editor_code_execution_tool_result", "thinking", "tool_addition", "tool_removal", "tool_result",
    "tool_search_tool_result", "tool_use", "web_fetch_tool_result", "web_search_tool_result",
)  # fmt: skip
_IN_RESULTS = ("text", "image", "search_result", "document", "tool_reference")
_ROLES = ("user", "assistant")
_NEWEST_ROLES = (*_ROLES, "system")
_MOST_MESSAGES = 100_000


def check_messages(value: Any, family: ClaudeFamily, version: Version) -> None:
    """The rules for each message by itself.

    Raises:
        Refused: a message breaks them.
    """
    messages = list_at("messages", value)
    if not messages:
        raise at("messages", "at least one message is required")
    if len(messages) > _MOST_MESSAGES:
        raise at("messages", f"List should have at most {_MOST_MESSAGES} items after validation, not {len(messages)}")
    for index, message in enumerate(messages):
        path = f"messages.{index}"
        object_at(path, message)
        for key in ("content", "role"):
            if message.get(key) is None:
                raise required(f"{path}.{key}")
        _check_role(path, message["role"], family)
        for key in message:
            if key not in ("role", "content"):
                raise extra(f"{path}.{key}")
        _check_content(path, message["content"], message["role"], version)


def _check_role(path: str, role: Any, family: ClaudeFamily) -> None:
    if role == "system" and not family.system_messages:
        raise at("messages", 'Unexpected role "system". The Messages API accepts a top-level `system` parameter, not '
                 '"system" as an input message role.')  # fmt: skip
    if role not in _NEWEST_ROLES:
        raise not_one_of(f"{path}.role", _NEWEST_ROLES if family.system_messages else _ROLES)


def _check_content(path: str, content: Any, role: str, version: Version) -> None:
    if isinstance(content, str):
        return
    if not isinstance(content, list):
        raise _not_a_content(f"{path}.content")
    for place, block in enumerate(content):
        check_block(f"{path}.content.{place}", block, role, version)


def _not_a_content(path: str) -> Refused:
    """A content is neither a text nor a list."""
    return at(path, "Input should be a valid string or a list of content blocks")


def check_block(path: str, block: Any, role: str, version: Version) -> None:
    """The rules for one block, whatever stands around it.

    Raises:
        Refused: the block breaks them.
    """
    kind = object_at(path, block).get("type")
    if kind is None:
        raise missing_tag(path)
    if kind not in _TYPES:
        raise unknown_tag(path, kind, _TYPES)
    inside = f"{path}.{kind}"
    for key in _NEEDED.get(kind, ()):
        if block.get(key) is None:
            raise required(f"{inside}.{key}")
    for key in block:
        if kind in _KEYS and key not in _KEYS[kind]:
            raise extra(f"{inside}.{key}")
    if kind == "document" and role == "assistant" and version.is_newer:
        raise at(path, "`document` blocks are not permitted in an `assistant` message")
    if kind == "text" and version.is_newer and role == "user" and block.get("citations"):
        raise at(f"{inside}.citations", "citations are not permitted on text blocks of a user message")
    if kind in _CHECKS:
        _CHECKS[kind](inside, block, role)


def _check_text(path: str, block: JsonObject, _: str) -> None:
    if not text_at(f"{path}.text", block["text"]):
        raise at("messages", "text content blocks must be non-empty")


def _check_call(path: str, block: JsonObject, role: str) -> None:
    if role != "assistant":
        raise at(path.rpartition(".")[0], f"`tool_use` blocks can only be in `assistant` messages, not in `{role}`")
    _check_id(f"{path}.id", block["id"])
    if len(text_at(f"{path}.name", block["name"], 1)) > _MOST_NAME:
        raise at(f"{path}.name", f"String should have at most {_MOST_NAME} characters")
    object_at(f"{path}.input", block["input"])
    caller = block.get("caller")
    if caller is not None and object_at(f"{path}.caller", caller).get("type") is None:
        raise missing_tag(f"{path}.caller")


def _check_result(path: str, block: JsonObject, role: str) -> None:
    if role != "user":
        raise at(path.rpartition(".")[0], f"`tool_result` blocks can only be in `user` messages, not in `{role}`")
    _check_id(f"{path}.tool_use_id", block["tool_use_id"])
    if not isinstance(block.get("is_error"), bool | None):
        raise at(f"{path}.is_error", "Input should be a valid boolean")
    content = block.get("content")
    if content is None or isinstance(content, str):
        return
    if not isinstance(content, list):
        raise _not_a_content(f"{path}.content")
    for place, part in enumerate(content):
        inner = f"{path}.content.{place}"
        kind = object_at(inner, part).get("type")
        if kind is None:
            raise missing_tag(inner)
        if kind not in _IN_RESULTS:
            raise unknown_tag(inner, kind, _IN_RESULTS)
        if kind == "text":
            text_at(f"{inner}.text.text", part.get("text"))


def _check_thinking(path: str, block: JsonObject, role: str) -> None:
    if role != "assistant":
        raise at(path.rpartition(".")[0], f"`thinking` blocks can only be in `assistant` messages, not in `{role}`")
    text_at(f"{path}.thinking", block["thinking"])
    text_at(f"{path}.signature", block["signature"])


_CHECKS: Mapping[str, Callable[[str, JsonObject, str], None]] = {
    "text": _check_text,
    "tool_use": _check_call,
    "tool_result": _check_result,
    "thinking": _check_thinking,
}


def _check_id(path: str, value: Any) -> None:
    if not set(text_at(path, value)) <= _ID or not value:
        raise mismatch(path, _ID_PATTERN)


def check_system(value: Any) -> None:
    """The rules for the system prompt: a text, or text blocks.

    Raises:
        Refused: it is something else.
    """
    if isinstance(value, str):
        return
    for place, block in enumerate(list_at("system", value)):
        path = f"system.{place}"
        kind = object_at(path, block).get("type")
        if kind != "text":
            raise not_one_of(f"{path}.type", ("text",)) if kind is not None else required(f"{path}.type")
        text_at(f"{path}.text", block.get("text"))
        if not block["text"]:
            raise at("system", "text content blocks must be non-empty")


def check_cache_marks(data: JsonObject) -> None:
    """The number of cache marks in a request.

    Raises:
        Refused: there are more than four.
    """
    most = 4
    marks = _marks(data.get("tools")) + _marks(data.get("system"))
    for message in data["messages"]:
        marks += _marks(message["content"])
    if marks > most:
        raise refused(f"A maximum of {most} blocks with cache_control may be provided. Found {marks}.")


def _marks(blocks: Any) -> int:
    found = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    return sum([(block.get("cache_control") is not None) + _marks(block.get("content")) for block in found])
