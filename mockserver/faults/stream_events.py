"""Stream faults in the events: unexpected events, another order, calls split in another way."""

from copy import deepcopy
from itertools import accumulate, chain, zip_longest
from typing import Any

from mockserver.faults.advice import ACCUMULATE, FAILED, ONCE
from mockserver.faults.fault import Context, DoesNotApply, Promises
from mockserver.faults.parts import Events, JsonObject, Run, Slot
from mockserver.faults.register import Register
from mockserver.faults.wire_layers import call_in, on_events, on_runs, on_streamed_calls, required

_UNINDEXED = Promises(types="broken")
_RUINED = Promises(parses="open", validates="open")

_CUT_SHORT = Promises(complete="broken")
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 29

entry = Register("stream", "chunks", needs=("call", "stream"), robust=ACCUMULATE, adapt=on_streamed_calls)
of_events = Register("stream", "chunks", needs=("stream",), robust=ACCUMULATE, adapt=on_events)


def _pieces(call: Events) -> Events:
    """The events of a call after its opening."""
    if len(call) < 2:
        raise DoesNotApply("the call has no arguments that would come after its head")
    return call[1:]


@entry(
    "id_name_every_chunk",
    "Id, type and name are in every delta of a call.",
    source="Fireworks glm-5p2 (SillyTavern/SillyTavern#5948); MiniMax on NVIDIA NIM "
    "(NousResearch/hermes-agent#11984). The openai SDK's stream helper and LangChain join them to one long name",
)
def _id_name_every_chunk(call: Events, context: Context) -> Events:
    return [call[0], *chain.from_iterable(context.lenses.opened_again(call[0], event) for event in _pieces(call))]


def _indices(call: Events, context: Context) -> list[Slot]:
    """Where the index of a call stands, event by event."""
    return [required(call_in(event, context).index, "index of calls") for event in call]


def _index(call: Events, context: Context) -> int:
    """The index of a call."""
    first = _indices(call, context)[0]
    if not first.present:
        raise DoesNotApply("the deltas have no index already")
    return int(first.get())


def _indexed(call: Events, index: Any, context: Context) -> Events:
    """The events of a call with another index."""
    for slot in _indices(call, context):
        slot.set(index)
    return call


@entry(
    "index_missing",
    "The deltas have no index.",
    promises=_UNINDEXED,
    source="Ollama before 0.4.7 (ollama/ollama#7881). The openai SDK's stream helper raises a TypeError",
)
def _index_missing(call: Events, context: Context) -> Events:
    _index(call, context)
    for slot in _indices(call, context):
        slot.delete()
    return call


@entry(
    "index_always_zero",
    "The index is 0 for every call.",
    needs=("several calls", "stream"),
    promises=Promises(parses="open", validates="open", offered="open", ids="open"),
    source="Ollama 0.20 (ollama/ollama#15457, vercel/ai#14277); Dynamo (ai-dynamo/dynamo#4723); LiteLLM; gateways to "
    "Gemini. The openai SDK's stream helper merges the calls into one",
)
def _index_always_zero(call: Events, context: Context) -> Events:
    return _indexed(call, 0, context)


@entry(
    "index_offset",
    "The index starts at 1.",
    source="known from experience, no report read. The openai SDK's stream helper raises an IndexError",
)
def _index_offset(call: Events, context: Context) -> Events:
    return _indexed(call, _index(call, context) + 1, context)


@entry(
    "index_gap",
    "The index leaves numbers out: 0, then 2.",
    needs=("several calls", "stream"),
    source="known from experience, no report read. The openai SDK's stream helper raises an IndexError",
)
def _index_gap(call: Events, context: Context) -> Events:
    return _indexed(call, _index(call, context) * 2, context)


@entry(
    "index_as_string",
    "The index is a text.",
    promises=_UNINDEXED,
    source="known from experience, no report read",
)
def _index_as_string(call: Events, context: Context) -> Events:
    return _indexed(call, str(_index(call, context)), context)


@entry(
    "interleaved_calls",
    "The deltas of the calls are mixed, which is allowed.",
    needs=("several calls", "stream"),
    adapt=on_runs,
    source="seen to be survived by three clients",
)
def _interleaved_calls(run: Run, context: Context) -> Run:
    mixed = [event for event in chain.from_iterable(zip_longest(*run.calls)) if event is not None]
    return run._replace(calls=[mixed])


@entry(
    "calls_out_of_order",
    "The last call comes first: its index is higher than that of the next.",
    needs=("several calls", "stream"),
    adapt=on_runs,
    source="known from experience, no report read",
)
def _calls_out_of_order(run: Run, context: Context) -> Run:
    return run._replace(calls=run.calls[::-1])


@entry(
    "arguments_before_name",
    "The first delta of a call has arguments only; id, type and name come after it.",
    source="known from experience, no report read",
)
def _arguments_before_name(call: Events, context: Context) -> Events:
    first, *rest = _pieces(call)
    return [first, call[0], *rest]


@entry(
    "cumulative_arguments",
    "Every delta repeats all of the arguments so far.",
    promises=_RUINED,
    source="Anthropic's C# adapter (anthropics/anthropic-sdk-csharp#53)",
)
def _cumulative_arguments(call: Events, context: Context) -> Events:
    pieces = _argument_events(call, context)
    if len(pieces) < 2:
        raise DoesNotApply("the arguments come in one piece")
    for event, grown in zip(pieces, accumulate([_text(event, context) for event in pieces]), strict=True):
        call_in(event, context).arguments.set(grown)
    return call


def _text(event: JsonObject, context: Context) -> str:
    """The piece of arguments in an event of a call."""
    return call_in(event, context).text


def _argument_events(call: Events, context: Context) -> Events:
    """The events after a call's opening that bring a piece of its arguments."""
    found = [event for event in _pieces(call) if call_in(event, context).arguments.present]
    if not found:
        raise DoesNotApply("the call has no arguments that would come after its head")
    return found


@entry(
    "final_arguments_resent",
    "The whole arguments come once more at the end.",
    promises=Promises(parses="broken", validates="open"),
    source="known from experience, no report read",
)
def _final_arguments_resent(call: Events, context: Context) -> Events:
    pieces = _argument_events(call, context)
    again = deepcopy(pieces[-1])
    call_in(again, context).arguments.set("".join([_text(event, context) for event in pieces]))
    return [one for event in call for one in ([event, again] if event is pieces[-1] else [event])]


@entry(
    "placeholder_then_real",
    "The arguments begin as `{}`, and the real ones follow.",
    promises=Promises(parses="broken", validates="open"),
    source="known from experience, no report read",
)
def _placeholder_then_real(call: Events, context: Context) -> Events:
    _pieces(call)
    opened = [event for event in call if call_in(event, context).arguments.present]
    if not opened:
        raise DoesNotApply("the call has no place for its arguments")
    call_in(opened[0], context).arguments.set("{}")
    return call


@entry(
    "null_fields",
    "The later deltas of a call have null for id, type and name.",
    source="SGLang and SiliconFlow (langgenius/dify-plugin-sdks#82)",
)
def _null_fields(call: Events, context: Context) -> Events:
    for event in _pieces(call):
        later = call_in(event, context)
        for slot in (later.id, later.type, later.name):
            required(slot, "such fields").set(None)
    return call


@entry(
    "whole_call_in_one_chunk",
    "Every call comes whole in one delta, which is allowed.",
    source="Ollama, Gemini, Groq and Mistral",
)
def _whole_call_in_one_chunk(call: Events, context: Context) -> Events:
    return context.lenses.whole(call)


@entry(
    "finish_before_last_delta",
    "The finish reason comes before the last delta of the arguments.",
    adapt=on_runs,
    source="known from experience, no report read",
)
def _finish_before_last_delta(run: Run, context: Context) -> Events:
    events = [event for call in run.calls for event in call]
    spoken = [place for place, event in enumerate(events) if _text(event, context)]
    place = spoken[-1] if spoken else len(events) - 1
    return [*run.before, *events[:place], *run.after, *events[place:]]


@of_events(
    "empty_deltas",
    "Between the others there are chunks with an empty delta, and some with an empty list of calls.",
    source="allowed; seen to be survived by three clients",
)
def _empty_deltas(events: Events, context: Context) -> Events:
    found: Events = []
    for event in events:
        found.append(event)
        seen = context.lenses.event(event)
        if seen.speaks and not seen.finishes:
            found.append(context.chance.choice(context.lenses.empty(event)))
    return found


@of_events(
    "one_char_per_chunk",
    "Text and arguments come one character at a time, which is allowed.",
    source="allowed; the finest way to cut",
)
def _one_char_per_chunk(events: Events, context: Context) -> Events:
    return [one for event in events for one in _letters(event, context)]


def _letters(event: JsonObject, context: Context) -> Events:
    """The event once for every letter of its text; as it is where it has none."""
    text = context.lenses.event(event).text
    if text is None:
        return [event]
    letters = [(letter, deepcopy(event)) for letter in text.get()]
    for letter, copied in letters:
        slot = context.lenses.event(copied).text
        assert slot is not None, "a copy has the text of the original"
        slot.set(letter)
    return [copied for _, copied in letters]


@of_events(
    "double_finish",
    "The finish reason comes in two chunks.",
    source="OpenRouter (skye-harris/hass_local_openai_llm#92): the call ran twice. LangChain joins them to "
    "`tool_callstool_calls`",
    robust=f"Take the first finish reason. {ONCE}",
)
def _double_finish(events: Events, context: Context) -> Events:
    return [
        one
        for event in events
        for one in ([event, deepcopy(event)] if context.lenses.event(event).finishes else [event])
    ]


@of_events(
    "no_finish",
    "The chunk with the finish reason is missing; `[DONE]` comes.",
    promises=_CUT_SHORT,
    source="seen to be noticed by one client of three",
    robust=FAILED,
)
def _no_finish(events: Events, context: Context) -> Events:
    return [event for event in events if not context.lenses.event(event).finishes]


@of_events(
    "chunk_id_changes",
    "Every chunk has another id and another moment of creation.",
    source="LiteLLM's ollama_chat (BerriAI/litellm#37792)",
)
def _chunk_id_changes(events: Events, context: Context) -> Events:
    identified = [(place, context.lenses.event(event)) for place, event in enumerate(events)]
    if all(seen.id is None for _, seen in identified):
        raise DoesNotApply("no event says which response it belongs to")
    for place, seen in identified:
        if seen.id is not None:
            style, _, own = (seen.id.get() or "").rpartition("-")
            drawn = "".join(context.chance.choices(_LETTERS, k=len(own) or _LENGTH))
            seen.id.set(f"{style}-{drawn}" if style else drawn)
        if seen.created is not None:
            seen.created.set(seen.created.get() + place)
    return events
