"""The catalogue: every fault by name, those that dialects register included."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import get_args

from mockserver.chat import ApiName
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
from mockserver.faults.parts import Parts
from mockserver.faults.register import Register, by_name

_DIALECTS = "mockserver.wire"
_ORDER: list[str] = list(get_args(ApiName))


def _of_dialects() -> Iterator[Register]:
    """The registers of faults that one API alone has: `REGISTERS` in the module `faults` of a dialect's folder.

    They are found by that name, so that nothing here knows of any API.
    """
    for module in iter_modules(import_module(_DIALECTS).__path__, f"{_DIALECTS}."):
        if module.ispkg and find_spec(f"{module.name}.faults") is not None:
            yield from import_module(f"{module.name}.faults").REGISTERS


@cache
def parts_of(api: str) -> Parts | None:
    """The lenses of an API by the name of its folder; None where it has none."""
    module = f"{_DIALECTS}.{api}.parts"
    if find_spec(f"{_DIALECTS}.{api}") is None or find_spec(module) is None:
        return None
    found: Parts = import_module(module).PARTS
    return found


def why_absent(fault: Fault, api: str) -> str | None:
    """Why a fault does not exist in an API; None where it does."""
    parts = parts_of(api)
    if parts is None:
        return None
    if fault.api is not None and fault.api != parts.api:
        return f"{parts.api} has nothing of the kind"
    return parts.absent.get(fault.name)


def is_streamed_only(fault: Fault, api: str) -> bool:
    """Whether only a stream of an API can show a fault."""
    streamed_only: frozenset[str] = getattr(parts_of(api), "streamed_only", frozenset())
    return fault.name in streamed_only


@cache
def apis() -> tuple[str, ...]:
    """The APIs in which there are faults, by the names of their folders."""
    names = [module.name for module in iter_modules(import_module(_DIALECTS).__path__) if module.ispkg]
    return tuple(sorted([name for name in names if parts_of(name) is not None], key=_ORDER.index))


def apis_of(fault: Fault) -> tuple[str, ...]:
    """The APIs in which a fault exists."""
    return tuple(api for api in apis() if why_absent(fault, api) is None)


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
