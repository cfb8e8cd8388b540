"""The API's checks of the calls that an assistant message of the history holds."""

from collections.abc import Iterable, Sequence
from typing import Any

from mockserver.wire.chat_completions.tools import KINDS, check_name
from mockserver.wire.models import Family
from mockserver.wire.refusal import empty_array, invalid, missing, not_supported, too_long, wrong_type

ID_LENGTH = 40


def check_calls(path: str, entry: dict[str, Any], family: Family) -> None:
    """The rules for `tool_calls` and for `function_call`, the form before it.

    Raises:
        Refused: a call breaks them.
    """
    legacy = entry.get("function_call")
    if legacy is not None:
        _check_called(f"{path}.function_call", legacy, "arguments", family)
    calls = entry.get("tool_calls")
    if calls is None:
        return
    if not isinstance(calls, list):
        raise wrong_type(f"{path}.tool_calls", "an array of objects", calls)
    if not calls:
        raise empty_array(f"{path}.tool_calls")
    for index, call in enumerate(calls):
        _check_call(f"{path}.tool_calls[{index}]", call, family)


def _check_call(path: str, call: Any, family: Family) -> None:
    if not isinstance(call, dict):
        raise wrong_type(path, "an object", call)
    call_id, kind = call.get("id"), call.get("type")
    if call_id is None:
        raise missing(f"{path}.id")
    if not isinstance(call_id, str):
        raise wrong_type(f"{path}.id", "a string", call_id)
    if len(call_id) > ID_LENGTH:
        raise too_long(f"{path}.id", "string", ID_LENGTH, len(call_id))
    if kind is None:
        raise missing(f"{path}.type")
    if kind not in KINDS:
        raise not_supported(f"{path}.type", kind, KINDS)
    _check_called(f"{path}.{kind}", call.get(kind), "input" if kind == "custom" else "arguments", family)


def _check_called(path: str, called: Any, said: str, family: Family) -> None:
    """What is called, and with what: arguments and inputs are always text."""
    if called is None:
        raise missing(path)
    if not isinstance(called, dict):
        raise wrong_type(path, "an object", called)
    for key in ("name", said):
        if called.get(key) is None:
            raise missing(f"{path}.{key}")
    check_name(f"{path}.name", called["name"], family)
    if not isinstance(called[said], str):
        raise wrong_type(f"{path}.{said}", "a string", called[said])


_SAID_OTHERWISE = ("tool_calls", "function_call", "refusal", "audio")


def check_conversation(messages: Sequence[dict[str, Any]], family: Family) -> None:
    """Tool results follow the assistant message that asked for them, one for each id, before any other role.

    The API writes the paths of these faults with a dot before the bracket: `messages.[2].role`.

    Raises:
        Refused: a result answers nothing, answers twice, or is missing; a message says nothing.
    """
    open_ids: dict[str, None] = {}
    answered: dict[str, int] = {}
    for index, message in enumerate(messages):
        role = message["role"]
        if message.get("content") is None and family.older and not _may_be_silent(message):
            raise invalid("Invalid value for 'content': expected a string, got null.", f"messages.[{index}].content")
        if role == "tool":
            _answered_call(index, message, open_ids, answered)
            continue
        if open_ids:
            raise _unanswered(index, open_ids)
        if answered:
            answered = {}
        if role == "assistant" and message.get("tool_calls"):
            open_ids = {call["id"]: None for call in message["tool_calls"]}
        elif role == "function" and not message.get("name"):
            text = "Missing parameter 'name': messages with role 'function' must have a 'name'."
            raise invalid(text, f"messages.[{index}].name")
    if open_ids:
        raise _unanswered(len(messages), open_ids)


def _may_be_silent(message: dict[str, Any]) -> bool:
    """Whether a message says something without content; only a model's own message can."""
    role = message["role"]
    return role == "function" or (role == "assistant" and any(message.get(key) for key in _SAID_OTHERWISE))


def _answered_call(index: int, message: dict[str, Any], open_ids: dict[str, None], answered: dict[str, int]) -> None:
    if not open_ids and not answered:
        text = "Invalid parameter: messages with role 'tool' must be a response to a preceeding message "
        raise invalid(text + "with 'tool_calls'.", f"messages.[{index}].role")
    call_id = message.get("tool_call_id")
    if call_id is None:
        text = "Missing parameter 'tool_call_id': messages with role 'tool' must have a 'tool_call_id'."
        raise invalid(text, f"messages.[{index}].tool_call_id")
    if call_id in answered:
        text = f"Invalid parameter: Duplicate value for 'tool_call_id' of '{call_id}', "
        text += f"in messages[{answered[call_id]}] and messages[{index}]."
        raise invalid(text, f"messages.[{index}].tool_call_id")
    if call_id not in open_ids:
        text = f"Invalid parameter: 'tool_call_id' of '{call_id}' not found in 'tool_calls' of previous message."
        raise invalid(text, f"messages.[{index}].tool_call_id")
    del open_ids[call_id]
    answered[call_id] = index


def _unanswered(index: int, ids: Iterable[str]) -> Exception:
    text = "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
    text += "'tool_call_id'. The following tool_call_ids did not have response messages: "
    return invalid(text + ", ".join(ids), f"messages.[{index}].role")
