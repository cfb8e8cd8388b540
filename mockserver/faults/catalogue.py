"""Every fault by its name, in the order of the categories."""

from collections.abc import Mapping

from mockserver.faults import (
    args_schema_limits,
    args_schema_names,
    args_schema_types,
    args_semantic_invented,
    args_semantic_mistaken,
    args_text_syntax,
    args_text_values,
    callset,
    dialogue_deeds,
    dialogue_loops,
    dialogue_results,
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
    args_schema_names.entry,
    args_schema_types.entry,
    args_schema_limits.entry,
    args_semantic_invented.entry,
    args_semantic_mistaken.entry,
    name.entry,
    callset.entry,
    args_text_syntax.entry,
    args_text_values.entry,
    envelope_calls.entry,
    envelope_finish.entry,
    envelope_content.entry,
    envelope_content.of_reply,
    text_call.entry,
    stream_calls.entry,
    stream_chunks.entry,
    stream_steps.entry,
    dialogue_loops.entry,
    dialogue_results.entry,
    dialogue_deeds.entry,
    transport.entry,
)
