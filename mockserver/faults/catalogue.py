"""Every fault by its name, in the order of the categories."""

from collections.abc import Mapping

from mockserver.faults import (
    args_schema,
    args_semantic,
    args_text,
    callset,
    dialogue,
    envelope_calls,
    envelope_content,
    envelope_finish,
    name,
    stream_calls,
    stream_chunks,
    stream_steps,
    text_call,
    transport,
)
from mockserver.faults.fault import Fault
from mockserver.faults.register import by_name

CATALOGUE: Mapping[str, Fault] = by_name(
    args_schema.entry,
    args_semantic.entry,
    name.entry,
    callset.entry,
    args_text.entry,
    envelope_calls.entry,
    envelope_finish.entry,
    envelope_content.entry,
    text_call.entry,
    stream_calls.entry,
    stream_chunks.entry,
    stream_steps.entry,
    dialogue.entry,
    transport.entry,
)
