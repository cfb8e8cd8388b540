"""The API's checks of the items of an input: each by itself, then calls and results, and reasoning, together."""

from collections.abc import Iterable, Sequence
from typing import Any

from mockserver.chat import ApiError
from mockserver.wire.refusal import Refused, invalid, missing, not_supported, shortened, too_long, wrong_type
from mockserver.wire.responses.encrypted_content import opened
from mockserver.wire.responses.items import CALLS, RESULTS, ROLES, kind_of

JsonObject = dict[str, Any]

ID_LENGTH = 64
ITEMS = (
    "message", "function_call", "function_call_output", "reasoning", "custom_tool_call", "custom_tool_call_output",
    "item_reference", "additional_tools", "compaction", "compaction_trigger", "web_search_call", "file_search_call",
    "computer_call", "computer_call_output", "code_interpreter_call", "image_generation_call", "local_shell_call",
    "local_shell_call_output", "shell_call", "shell_call_output", "apply_patch_call", "apply_patch_call_output",
    "mcp_list_tools", "mcp_approval_request", "mcp_approval_response", "mcp_call", "tool_search_call",
    "tool_search_output", "program", "program_output",
)  # fmt: skip
_INPUT_PARTS = ("input_text", "input_image", "output_text", "refusal", "input_file", "computer_screenshot",
                "summary_text")  # fmt: skip
_ASSISTANT_PARTS = ("output_text", "refusal")
_TEXT_OF = {"input_text": "text", "output_text": "text", "summary_text": "text", "refusal": "refusal"}
_ID_PREFIXES = {"message": "msg", "function_call": "fc", "reasoning": "rs", "custom_tool_call": "ctc"}
_NEEDED = {
    "function_call": ("call_id", "name", "arguments"),
    "function_call_output": ("call_id", "output"),
    "custom_tool_call": ("call_id", "name", "input"),
    "custom_tool_call_output": ("call_id", "output"),
    "reasoning": ("summary",),
    "item_reference": ("id",),
}
_RESULT_OF = {"function_call": "function call", "custom_tool_call": "custom tool call"}


def check_input(value: Any) -> None:
    """The rules for each item by itself.

    Raises:
        Refused: an item breaks them.
    """
    if isinstance(value, str):
        return
    if not isinstance(value, list):
        raise wrong_type("input", "one of a string or array of input items", value)
    for index, item in enumerate(value):
        path = f"input[{index}]"
        if not isinstance(item, dict):
            raise wrong_type(path, "an object", item)
        _check_item(path, item)


def _check_item(path: str, item: JsonObject) -> None:
    kind = kind_of(item)
    if kind not in ITEMS:
        raise not_supported(f"{path}.type" if "type" in item else path, kind, ITEMS)
    for key in _NEEDED.get(kind, ()):
        if item.get(key) is None:
            raise missing(f"{path}.{key}")
    for key in ("id", "call_id"):
        _check_id(f"{path}.{key}", item.get(key))
    prefix, own = _ID_PREFIXES.get(kind), item.get("id")
    is_ours = kind != "message" or item.get("role") == "assistant"
    if prefix is not None and own is not None and is_ours and not own.startswith(prefix):
        text = f"Invalid '{path}.id': '{shortened(own)}'. Expected an ID that begins with '{prefix}'."
        raise invalid(text, f"{path}.id", "invalid_value")
    if kind == "message":
        _check_message(path, item)
    elif kind in CALLS:
        for key in ("name", CALLS[kind]):
            if not isinstance(item[key], str):
                raise wrong_type(f"{path}.{key}", "a string", item[key])
    elif kind in RESULTS:
        _check_content(f"{path}.output", item["output"], _INPUT_PARTS)
    elif kind == "reasoning":
        _check_reasoning(path, item)


def _check_id(path: str, value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        raise wrong_type(path, "a string", value)
    if len(value) > ID_LENGTH:
        raise too_long(path, "string", ID_LENGTH, len(value))


def _check_message(path: str, item: JsonObject) -> None:
    role = item.get("role")
    if role is None:
        raise missing(f"{path}.role")
    if not isinstance(role, str):
        raise wrong_type(f"{path}.role", "a string", role)
    if role not in ROLES:
        raise not_supported(f"{path}.role", role, ROLES)
    if item.get("content") is None:
        raise missing(f"{path}.content")
    _check_content(f"{path}.content", item["content"], _ASSISTANT_PARTS if role == "assistant" else _INPUT_PARTS)


def _check_content(path: str, content: Any, kinds: Sequence[str]) -> None:
    if isinstance(content, str):
        return
    if not isinstance(content, list):
        raise wrong_type(path, "one of an array of objects or string", content)
    for index, part in enumerate(content):
        where = f"{path}[{index}]"
        if not isinstance(part, dict):
            raise wrong_type(where, "an object", part)
        kind = part.get("type")
        if kind is None:
            raise missing(f"{where}.type")
        if kind not in kinds:
            raise not_supported(where, kind, kinds)
        key = _TEXT_OF.get(kind)
        if key is not None and part.get(key) is None:
            raise missing(f"{where}.{key}")
        if key is not None and not isinstance(part[key], str):
            raise wrong_type(f"{where}.{key}", "a string", part[key])


def _check_reasoning(path: str, item: JsonObject) -> None:
    if not isinstance(item["summary"], list):
        raise wrong_type(f"{path}.summary", "an array of objects", item["summary"])
    encrypted = item.get("encrypted_content")
    if encrypted is None:
        return
    if not isinstance(encrypted, str):
        raise wrong_type(f"{path}.encrypted_content", "a string", encrypted)
    if opened(encrypted) is None:
        shown = encrypted if len(encrypted) <= 8 else f"{encrypted[:4]}...{encrypted[-4:]}"
        text = f"The encrypted content {shown} could not be verified."
        raise invalid(text, None, "invalid_encrypted_content")


def check_conversation(items: Sequence[JsonObject]) -> None:
    """The rules for the items together: a result for each call, a call for each result, reasoning with what follows it.

    Raises:
        Refused: they do not go together.
    """
    calls = {item["call_id"]: kind for item in items if (kind := kind_of(item)) in CALLS}
    answered = {item["call_id"] for item in items if kind_of(item) in RESULTS}
    for item in items:
        kind = kind_of(item)
        if kind in RESULTS and item["call_id"] not in calls:
            what = _RESULT_OF[kind.removesuffix("_output")]
            raise invalid(f"No tool call found for {what} output with call_id {item['call_id']}.", "input")
    for call_id, kind in calls.items():
        if call_id not in answered:
            raise invalid(f"No tool output found for {_RESULT_OF[kind]} {call_id}.", "input")
    _check_followed(items)


def _check_followed(items: Sequence[JsonObject]) -> None:
    """After a reasoning item there is something else that the model said."""
    for item, after in zip(items, [*items[1:], None], strict=True):
        if kind_of(item) == "reasoning" and (after is None or _is_input(after)):
            text = f"Item '{item.get('id')}' of type 'reasoning' was provided without its required following item."
            raise invalid(text, "input")


def _is_input(item: JsonObject) -> bool:
    kind = kind_of(item)
    return kind in RESULTS or (kind == "message" and item.get("role") != "assistant")


def check_stored(items: Iterable[JsonObject], known: "frozenset[str] | set[str]") -> None:
    """Items that are named by their id alone must be known: references, and reasoning without its sealed text.

    Raises:
        Refused: with 404.
    """
    for item in items:
        kind, own = kind_of(item), item.get("id")
        by_id = kind == "item_reference" or (kind == "reasoning" and item.get("encrypted_content") is None)
        if by_id and isinstance(own, str) and own not in known:
            text = f"Item with id '{own}' not found. Items are not persisted when `store` is set to false. Try again "
            text += "with `store` set to true, or remove this item from your input."
            raise Refused(ApiError(404, text, param="input"))
