"""Faults of the catalogue that Ollama does not have: what they name is usual there, or there is nothing to break."""

from collections.abc import Mapping

from mockserver.faults.register import Register

REGISTERS: tuple[Register, ...] = ()
"""Faults that this API alone has."""

_WHOLE = "calls come whole in one line, which is usual in Ollama"

ABSENT: Mapping[str, str] = {
    "arguments_as_object": "arguments are an object, which is usual in Ollama",
    "content_empty": "an empty content beside calls is usual in Ollama",
    "content_with_calls": "a text beside calls is usual in Ollama",
    "finish_stop_with_calls": "`stop` beside calls is usual in Ollama",
    "finish_tool_calls_without_calls": "Ollama has no `done_reason` for calls",
    "interleaved_calls": _WHOLE,
    "parallel_despite_disabled": "Ollama has no `parallel_tool_calls`",
    "whole_call_in_one_chunk": _WHOLE,
}
"""Each with the reason, which completes "it does not apply here, because …"."""
