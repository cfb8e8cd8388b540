"""The API's rules for a conversation: calls and their results, thinking that must come back, how it may end."""

from collections import Counter
from typing import Any

from mockserver.wire.messages.content import blocks_of
from mockserver.wire.messages.families import ClaudeFamily
from mockserver.wire.messages.refusal import at, refused
from mockserver.wire.messages.thinking import judge

JsonObject = dict[str, Any]

_ORPHANED = "Each `tool_result` block must have a corresponding `tool_use` block in the previous message."
_UNANSWERED = "Each `tool_use` block must have a corresponding `tool_result` block in the next message."
_NOT_FIRST = (
    "When `thinking` is enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost "
    "set of `tool_use` and `tool_result` blocks). We recommend you include thinking blocks from previous turns. To "
    "avoid this requirement, disable `thinking`. Please consult our documentation at "
    "https://docs.claude.com/en/docs/build-with-claude/extended-thinking"
)
_MODIFIED = (
    "`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks must "
    "remain as they were in the original response."
)


def check_conversation(data: JsonObject, family: ClaudeFamily) -> None:
    """The rules that tie the messages together.

    Raises:
        Refused: they do not go together.
    """
    messages = _merged(data["messages"])
    tools = data.get("tools")
    if not tools and any(
        block["type"] in ("tool_use", "tool_result") for _, _, found in messages for _, block in found
    ):
        raise refused("Requests which include `tool_use` or `tool_result` blocks must define tools.")
    _check_filled(messages)
    open_calls: list[str] = []
    asked_at = 0
    for index, role, blocks in messages:
        if role == "system":
            continue
        results = [(path, block["tool_use_id"]) for path, block in blocks if block["type"] == "tool_result"]
        _check_answered(open_calls, [call for _, call in results], asked_at)
        _check_results(results, open_calls)
        _check_unique(blocks)
        open_calls = [block["id"] for _, block in blocks if block["type"] == "tool_use"]
        asked_at = index
    _check_answered(open_calls, [], asked_at)
    _check_end(messages, family)
    _check_thinking(messages, data)


Block = tuple[str, JsonObject]
Turn = tuple[int, str, list[Block]]
"""A message: its place in the request, its role, and its blocks, each with its path."""


def _merged(messages: list[JsonObject]) -> list[Turn]:
    """The messages with those of one role in a row put together."""
    found: list[Turn] = []
    for index, message in enumerate(messages):
        content = message["content"]
        paths = [f"messages.{index}.content.{place}" for place in range(len(content))]
        blocks = list(zip(paths, content, strict=True)) if isinstance(content, list) else []
        if isinstance(content, str):
            blocks = [(f"messages.{index}.content", block) for block in blocks_of(content)]
        if found and found[-1][1] == message["role"]:
            found[-1][2].extend(blocks)
        else:
            found.append((index, message["role"], blocks))
    return found


def _check_filled(messages: list[Turn]) -> None:
    for place, (index, role, blocks) in enumerate(messages):
        last = place == len(messages) - 1
        if any(block.get("text", True) for _, block in blocks):
            continue
        if not (last and role == "assistant"):
            raise at(
                f"messages.{index}",
                "all messages must have non-empty content except for the optional final assistant message",
            )


def _check_answered(calls: list[str], results: list[str], asked_at: int) -> None:
    missing = [call for call in calls if call not in results]
    if missing:
        raise at(
            f"messages.{asked_at}",
            f"`tool_use` ids were found without `tool_result` blocks immediately after: {', '.join(missing)}. "
            f"{_UNANSWERED}",
        )


def _check_results(results: list[tuple[str, str]], calls: list[str]) -> None:
    counted = Counter(call for _, call in results)
    for path, call in results:
        if call not in calls:
            raise at(path, f"unexpected `tool_use_id` found in `tool_result` blocks: {call}. {_ORPHANED}")
        if counted[call] > 1:
            raise at(
                path, f"each tool_use must have a single result. Found multiple `tool_result` blocks with id: {call}"
            )


def _check_unique(blocks: list[Block]) -> None:
    seen: set[str] = set()
    for path, block in blocks:
        if block["type"] == "tool_use":
            if block["id"] in seen:
                raise at(path, "`tool_use` ids must be unique")
            seen.add(block["id"])


def _check_end(messages: list[Turn], family: ClaudeFamily) -> None:
    _, role, blocks = messages[-1]
    if role != "assistant":
        return
    if not family.prefill:
        raise refused(
            "This model does not support assistant message prefill. The conversation must end with a user message."
        )
    text = blocks[-1][1].get("text") if blocks else None
    if isinstance(text, str) and text != text.rstrip():
        raise at("messages", "final assistant content cannot end with trailing whitespace")


def _check_thinking(messages: list[Turn], data: JsonObject) -> None:
    """Thinking of the turn that goes on must come back as it was; that of earlier turns is not looked at but signed."""
    config = data.get("thinking")
    kind = config.get("type") if isinstance(config, dict) else None
    for place, (_, role, blocks) in enumerate(messages):
        if role != "assistant":
            continue
        latest = not any(role == "assistant" for _, role, _ in messages[place + 1 :])
        for path, block in blocks:
            if block["type"] != "thinking":
                continue
            verdict = judge(block["thinking"], block["signature"])
            if verdict == "changed" and latest:
                raise at(path, _MODIFIED)
            if verdict != "sound":
                raise at(path, "Invalid `signature` in `thinking` block")
        if kind == "enabled" and latest and _goes_on(messages, place):
            _check_first(blocks)


def _goes_on(messages: list[Turn], place: int) -> bool:
    """Whether the last thing that came are the results of this message's calls."""
    return any(block["type"] == "tool_use" for _, block in messages[place][2]) and place < len(messages) - 1


def _check_first(blocks: list[Block]) -> None:
    path, first = blocks[0]
    if first["type"] not in ("thinking", "redacted_thinking"):
        raise at(
            f"{path}.type",
            f"Expected `thinking` or `redacted_thinking`, but found `{first['type']}`. {_NOT_FIRST}",
        )
