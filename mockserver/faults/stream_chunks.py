"""The chunks of a stream are others than the API sends, or come in another order."""

from typing import Any

from mockserver.faults.chunks import Chunks, delta_of, finishing, on_copies, speaks, with_delta
from mockserver.faults.fault import Context, DoesNotApply, Promises
from mockserver.faults.register import Register
from mockserver.faults.robust import ACCUMULATE, FAILED, ONCE

_CUT_SHORT = Promises(complete="broken")
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

entry = Register("stream", "chunks", needs=("stream",), robust=ACCUMULATE, adapt=on_copies)


def _spoken(chunks: Chunks) -> Chunks:
    """The chunks that say something."""
    return [chunk for chunk in chunks if speaks(chunk)]


@entry(
    "empty_deltas",
    "Between the others there are chunks with an empty delta, and some with an empty list of calls.",
    source="allowed; seen to be survived by three clients",
)
def _empty_deltas(chunks: Chunks, context: Context) -> Chunks:
    found: Chunks = []
    for chunk in chunks:
        found.append(chunk)
        if speaks(chunk) and not finishing(chunk):
            found.append(with_delta(chunk, context.chance.choice(({}, {"tool_calls": []}))))
    return found


@entry(
    "one_char_per_chunk",
    "Text and arguments come one character at a time, which is allowed.",
    source="allowed; the finest way to cut",
)
def _one_char_per_chunk(chunks: Chunks, context: Context) -> Chunks:
    return [one for chunk in chunks for one in (_letters(chunk) if speaks(chunk) else [chunk])]


def _letters(chunk: dict[str, Any]) -> Chunks:
    """A chunk's text, letter by letter."""
    delta = delta_of(chunk)
    if len(delta) == 1 and isinstance(text := next(iter(delta.values())), str):
        return [with_delta(chunk, {key: letter}) for key in delta for letter in text]
    pieces = delta.get("tool_calls")
    if len(delta) != 1 or not pieces or len(pieces) != 1 or "id" in pieces[0]:
        return [chunk]
    call = pieces[0]
    kind, key = ("function", "arguments") if "function" in call else ("custom", "input")
    if not isinstance(call[kind].get(key), str):
        return [chunk]
    return [with_delta(chunk, {"tool_calls": [{**call, kind: {key: letter}}]}) for letter in call[kind][key]]


@entry(
    "double_finish",
    "The finish reason comes in two chunks.",
    source="OpenRouter (skye-harris/hass_local_openai_llm#92): the call ran twice. LangChain joins them to "
    "`tool_callstool_calls`",
    robust=f"Take the first finish reason. {ONCE}",
)
def _double_finish(chunks: Chunks, context: Context) -> Chunks:
    return [one for chunk in chunks for one in ([chunk, chunk] if finishing(chunk) else [chunk])]


@entry(
    "no_finish",
    "The chunk with the finish reason is missing; `[DONE]` comes.",
    promises=_CUT_SHORT,
    source="seen to be noticed by one client of three",
    robust=FAILED,
)
def _no_finish(chunks: Chunks, context: Context) -> Chunks:
    return [chunk for chunk in chunks if not finishing(chunk)]


@entry(
    "role_missing",
    "No delta has a role.",
    source="seen to be survived by three clients",
)
def _role_missing(chunks: Chunks, context: Context) -> Chunks:
    for chunk in _spoken(chunks):
        delta_of(chunk).pop("role", None)
    return chunks


@entry(
    "role_every_chunk",
    "Every delta has the role.",
    source="OpenRouter; seen to be survived by three clients",
)
def _role_every_chunk(chunks: Chunks, context: Context) -> Chunks:
    return [with_delta(chunk, {"role": "assistant", **delta_of(chunk)}) if speaks(chunk) else chunk for chunk in chunks]


@entry(
    "chunk_id_changes",
    "Every chunk has another id and another moment of creation.",
    source="LiteLLM's ollama_chat (BerriAI/litellm#37792)",
)
def _chunk_id_changes(chunks: Chunks, context: Context) -> Chunks:
    for place, chunk in enumerate(chunks):
        chunk["id"] = f"chatcmpl-{''.join(context.chance.choices(_LETTERS, k=29))}"
        chunk["created"] += place
    return chunks


@entry(
    "usage_chunk_empty_choices",
    "A last chunk has the usage and no choice, though nobody asked for it.",
    source="allowed where it was asked for; breaks whoever reads `choices[0]`",
    robust="Skip chunks without a choice.",
)
def _usage_chunk_empty_choices(chunks: Chunks, context: Context) -> Chunks:
    last = chunks[-1]
    if not last.get("choices"):
        raise DoesNotApply("the usage was asked for, so that its chunk is there already")
    asked = sum([len(message.content or "") // 4 + 1 for message in context.request.messages])
    told = len(_spoken(chunks))
    usage = {"prompt_tokens": asked, "completion_tokens": told, "total_tokens": asked + told}
    return [*chunks, {**last, "choices": [], "usage": usage}]
