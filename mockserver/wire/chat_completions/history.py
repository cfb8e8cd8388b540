"""The API's checks of the calls that an assistant message of the history holds."""

from typing import Any

from mockserver.wire.chat_completions.tools import KINDS, check_name
from mockserver.wire.families import Family
from mockserver.wire.refusal import empty_array, missing, not_supported, too_long, wrong_type

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
