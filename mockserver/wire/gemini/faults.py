"""Faults of the catalogue that Gemini does not have: what they name is usual there, or there is nothing to break."""

from collections.abc import Mapping

from mockserver.faults.register import Register

REGISTERS: tuple[Register, ...] = ()
"""Faults that this API alone has."""

_WHOLE = "calls come whole in one chunk, which is usual in Gemini"

ABSENT: Mapping[str, str] = {
    "arguments_as_object": "arguments are an object, which is usual in Gemini",
    "content_missing": "calls without a text are usual in Gemini",
    "content_with_calls": "a text beside calls is usual in Gemini",
    "finish_stop_with_calls": "STOP beside calls is usual in Gemini",
    "finish_tool_calls_without_calls": "Gemini has no finish reason for calls",
    "interleaved_calls": _WHOLE,
    "length_hidden_as_tool_calls": "arguments are whole objects in Gemini, and cannot be cut off",
    "missing_id": "calls without an id are usual in Gemini",
    "parallel_despite_disabled": "Gemini has no `parallel_tool_calls`",
    "whole_call_in_one_chunk": _WHOLE,
}
"""Each with the reason, which completes "it does not apply here, because …"."""
