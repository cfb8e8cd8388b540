"""The chunks of a stream are others than the API sends, or come in another order."""

from copy import deepcopy

from mockserver.faults.fault import Context, DoesNotApply, Promises
from mockserver.faults.on_parts import on_events
from mockserver.faults.parts import Events, JsonObject
from mockserver.faults.register import Register
from mockserver.faults.robust import ACCUMULATE, FAILED, ONCE

_CUT_SHORT = Promises(complete="broken")
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 29

entry = Register("stream", "chunks", needs=("stream",), robust=ACCUMULATE, adapt=on_events)


@entry(
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


@entry(
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


@entry(
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


@entry(
    "no_finish",
    "The chunk with the finish reason is missing; `[DONE]` comes.",
    promises=_CUT_SHORT,
    source="seen to be noticed by one client of three",
    robust=FAILED,
)
def _no_finish(events: Events, context: Context) -> Events:
    return [event for event in events if not context.lenses.event(event).finishes]


@entry(
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
