"""The deltas of a call arrive in another way than the API sends them."""

from itertools import accumulate, chain, zip_longest
from typing import Any

from mockserver.faults.chunks import (
    Choice,
    Chunks,
    finishing,
    inner,
    on_calls,
    on_choices,
    piece,
    text_of,
    with_delta,
    with_text,
)
from mockserver.faults.fault import Context, DoesNotApply, Promises
from mockserver.faults.register import Register
from mockserver.faults.robust import ACCUMULATE

_UNINDEXED = Promises(types="broken")
_RUINED = Promises(parses="open", validates="open")

entry = Register("stream", "chunks", needs=("call", "stream"), robust=ACCUMULATE, adapt=on_calls)


def _pieces(call: Chunks) -> Chunks:
    """The chunks of a call after its head."""
    if len(call) < 2:
        raise DoesNotApply("the call has no arguments that would come after its head")
    return call[1:]


@entry(
    "id_name_every_chunk",
    "Id, type and name are in every delta of a call.",
    source="Fireworks glm-5p2 (SillyTavern/SillyTavern#5948); MiniMax on NVIDIA NIM "
    "(NousResearch/hermes-agent#11984). The openai SDK's stream helper and LangChain join them to one long name",
)
def _id_name_every_chunk(call: Chunks, context: Context) -> Chunks:
    head, name = piece(call[0]), inner(piece(call[0]))["name"]
    kind = "function" if "function" in head else "custom"
    again = [
        with_delta(chunk, {"tool_calls": [{**head, kind: {"name": name, **inner(piece(chunk))}}]})
        for chunk in _pieces(call)
    ]
    return [call[0], *again]


@entry(
    "name_split",
    "The name comes in two pieces.",
    source="Mistral (openclaw/openclaw#130532). The AI SDK sees two unknown tools",
)
def _name_split(call: Chunks, context: Context) -> Chunks:
    head = piece(call[0])
    kind, name = ("function" if "function" in head else "custom"), inner(head)["name"]
    if len(name) < 2:
        raise DoesNotApply("a name of one letter has no two pieces")
    place = context.chance.randrange(1, len(name))
    first = with_delta(call[0], {"tool_calls": [{**head, kind: {**head[kind], "name": name[:place]}}]})
    kept = {key: head[key] for key in ("index",) if key in head}
    rest = with_delta(call[0], {"tool_calls": [{**kept, kind: {"name": name[place:]}}]})
    return [first, rest, *call[1:]]


def _index(call: Chunks) -> int:
    """The index of a call."""
    head = piece(call[0])
    if "index" not in head:
        raise DoesNotApply("the deltas have no index already")
    return int(head["index"])


def _indexed(call: Chunks, index: Any) -> Chunks:
    """The chunks of a call with another index."""
    return [with_delta(chunk, {"tool_calls": [{**piece(chunk), "index": index}]}) for chunk in call]


@entry(
    "index_missing",
    "The deltas have no index.",
    promises=_UNINDEXED,
    source="Ollama before 0.4.7 (ollama/ollama#7881). The openai SDK's stream helper raises a TypeError",
)
def _index_missing(call: Chunks, context: Context) -> Chunks:
    _index(call)
    for chunk in call:
        del piece(chunk)["index"]
    return call


@entry(
    "index_always_zero",
    "The index is 0 for every call.",
    needs=("several calls", "stream"),
    promises=Promises(parses="open", validates="open", offered="open", ids="open"),
    source="Ollama 0.20 (ollama/ollama#15457, vercel/ai#14277); Dynamo (ai-dynamo/dynamo#4723); LiteLLM; gateways to "
    "Gemini. The openai SDK's stream helper merges the calls into one",
)
def _index_always_zero(call: Chunks, context: Context) -> Chunks:
    return _indexed(call, 0)


@entry(
    "index_offset",
    "The index starts at 1.",
    source="known from experience, no report read. The openai SDK's stream helper raises an IndexError",
)
def _index_offset(call: Chunks, context: Context) -> Chunks:
    return _indexed(call, _index(call) + 1)


@entry(
    "index_gap",
    "The index leaves numbers out: 0, then 2.",
    needs=("several calls", "stream"),
    source="known from experience, no report read. The openai SDK's stream helper raises an IndexError",
)
def _index_gap(call: Chunks, context: Context) -> Chunks:
    return _indexed(call, _index(call) * 2)


@entry(
    "index_as_string",
    "The index is a text.",
    promises=_UNINDEXED,
    source="known from experience, no report read",
)
def _index_as_string(call: Chunks, context: Context) -> Chunks:
    return _indexed(call, str(_index(call)))


@entry(
    "interleaved_calls",
    "The deltas of the calls are mixed, which is allowed.",
    needs=("several calls", "stream"),
    adapt=on_choices,
    source="seen to be survived by three clients",
)
def _interleaved_calls(choice: Choice, context: Context) -> Choice:
    mixed = [chunk for chunk in chain.from_iterable(zip_longest(*choice.calls)) if chunk is not None]
    return choice._replace(calls=[mixed])


@entry(
    "calls_out_of_order",
    "The last call comes first: its index is higher than that of the next.",
    needs=("several calls", "stream"),
    adapt=on_choices,
    source="known from experience, no report read",
)
def _calls_out_of_order(choice: Choice, context: Context) -> Choice:
    return choice._replace(calls=choice.calls[::-1])


@entry(
    "arguments_before_name",
    "The first delta of a call has arguments only; id, type and name come after it.",
    source="known from experience, no report read",
)
def _arguments_before_name(call: Chunks, context: Context) -> Chunks:
    first, *rest = _pieces(call)
    return [first, call[0], *rest]


@entry(
    "cumulative_arguments",
    "Every delta repeats all of the arguments so far.",
    promises=_RUINED,
    source="Anthropic's C# adapter (anthropics/anthropic-sdk-csharp#53)",
)
def _cumulative_arguments(call: Chunks, context: Context) -> Chunks:
    pieces = _pieces(call)
    if len(pieces) < 2:
        raise DoesNotApply("the arguments come in one piece")
    grown = accumulate([text_of(chunk) for chunk in pieces])
    return [call[0], *[with_text(chunk, text) for chunk, text in zip(pieces, grown, strict=True)]]


@entry(
    "final_arguments_resent",
    "The whole arguments come once more at the end.",
    promises=Promises(parses="broken", validates="open"),
    source="known from experience, no report read",
)
def _final_arguments_resent(call: Chunks, context: Context) -> Chunks:
    pieces = _pieces(call)
    return [*call, with_text(pieces[-1], "".join([text_of(chunk) for chunk in pieces]))]


@entry(
    "placeholder_then_real",
    "The arguments begin as `{}`, and the real ones follow.",
    promises=Promises(parses="broken", validates="open"),
    source="known from experience, no report read",
)
def _placeholder_then_real(call: Chunks, context: Context) -> Chunks:
    _pieces(call)
    return [with_text(call[0], "{}"), *call[1:]]


@entry(
    "null_fields",
    "The later deltas of a call have null for id, type and name.",
    source="SGLang and SiliconFlow (langgenius/dify-plugin-sdks#82)",
)
def _null_fields(call: Chunks, context: Context) -> Chunks:
    for chunk in _pieces(call):
        later = piece(chunk)
        later.update(id=None, type=None)
        inner(later)["name"] = None
    return call


@entry(
    "whole_call_in_one_chunk",
    "Every call comes whole in one delta, which is allowed.",
    source="Ollama, Gemini, Groq and Mistral",
)
def _whole_call_in_one_chunk(call: Chunks, context: Context) -> Chunks:
    return [with_text(call[0], "".join([text_of(chunk) for chunk in call]))]


@entry(
    "finish_chunk_carries_call",
    "The last delta of a call and the finish reason come in one chunk.",
    adapt=on_choices,
    source="known from experience, no report read",
)
def _finish_chunk_carries_call(choice: Choice, context: Context) -> Chunks:
    *chunks, last = [chunk for call in choice.calls for chunk in call]
    reason = next((chunk["choices"][0]["finish_reason"] for chunk in choice.after if finishing(chunk)), None)
    if reason is None:
        raise DoesNotApply("no chunk after the calls brings a finish reason")
    finished = {**last, "choices": [{**last["choices"][0], "finish_reason": reason}]}
    return [*choice.before, *chunks, *[c for c in choice.after if not finishing(c)], finished]


@entry(
    "finish_before_last_delta",
    "The finish reason comes before the last delta of the arguments.",
    adapt=on_choices,
    source="known from experience, no report read",
)
def _finish_before_last_delta(choice: Choice, context: Context) -> Chunks:
    *chunks, last = [chunk for call in choice.calls for chunk in call]
    return [*choice.before, *chunks, *choice.after, last]
