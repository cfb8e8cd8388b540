"""The catalogue: every fault by name, those that dialects register included."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from mockserver.faults import (
    args_schema_limits,
    args_schema_names,
    args_schema_types,
    args_semantic_invented,
    args_semantic_mistaken,
    args_text_syntax,
    args_text_values,
    call_name,
    call_set,
    dialogue_actions,
    dialogue_results,
    envelope_answer,
    envelope_calls,
    stream_events,
    stream_steps,
    text_call,
    transport,
)
from mockserver.faults.fault import Fault
from mockserver.faults.register import Register, by_name

_DIALECTS = "mockserver.wire"


def _of_dialects() -> Iterator[Register]:
    """The registers of faults that one API alone has: `REGISTERS` in the module `faults` of a dialect's folder.

    They are found by that name, so that nothing here knows of any API.
    """
    for module in iter_modules(import_module(_DIALECTS).__path__, f"{_DIALECTS}."):
        if module.ispkg and find_spec(f"{module.name}.faults") is not None:
            yield from import_module(f"{module.name}.faults").REGISTERS


CATALOGUE: Mapping[str, Fault] = by_name(
    args_schema_names.entry,
    args_schema_types.entry,
    args_schema_limits.entry,
    args_semantic_invented.entry,
    args_semantic_mistaken.entry,
    call_name.entry,
    call_set.entry,
    args_text_syntax.entry,
    args_text_values.entry,
    envelope_calls.entry,
    envelope_answer.of_finish,
    envelope_answer.entry,
    envelope_answer.of_reply,
    text_call.entry,
    stream_events.entry,
    stream_events.of_events,
    stream_steps.entry,
    dialogue_results.entry,
    dialogue_actions.entry,
    transport.entry,
    *_of_dialects(),
)
