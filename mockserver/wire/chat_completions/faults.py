"""Faults that exist in chat completions alone: the old form of a call, lists without calls, roles, `[DONE]`."""

from typing import Any

from mockserver.chat import ApiError, Reply
from mockserver.faults.advice import ACCUMULATE, FAILED
from mockserver.faults.fault import Context, DoesNotApply, Promises
from mockserver.faults.parts import BodyParts, Events, Run
from mockserver.faults.register import Register
from mockserver.faults.wire_layers import (
    Steps,
    answers_with_calls,
    events_of,
    on_body,
    on_events,
    on_runs,
    on_streamed_calls,
    other_events,
)
from mockserver.steps import Step
from mockserver.wire.chat_completions.deltas import (
    delta_of,
    finishing,
    inner,
    kind_of,
    piece,
    speaks,
    with_delta,
)
from mockserver.wire.streaming import DONE

JsonObject = dict[str, Any]

API = "chat completions"
_ANY_LIST = "Test whether there are calls, not whether there is a list."

of_reply = Register("envelope", "reply", api=API)
of_body = Register("envelope", "body", adapt=on_body, api=API)
of_calls = Register("stream", "chunks", needs=("call", "stream"), robust=ACCUMULATE, adapt=on_streamed_calls, api=API)
of_chunks = Register("stream", "chunks", needs=("stream",), robust=ACCUMULATE, adapt=on_events, api=API)
of_steps = Register(
    "stream", "steps", needs=("stream",), promises=Promises(complete="broken"), robust=FAILED, api=API
)  # fmt: skip

REGISTERS = (of_body, of_reply, of_calls, of_chunks, of_steps)
"""What the catalogue takes up."""


@of_body(
    "legacy_function_call",
    "The call comes as `function_call`, the form before `tool_calls`.",
    needs=("call",),
    source="old servers; known from experience, no report read",
    robust="Accept both forms.",
)
def _legacy_function_call(parts: BodyParts, context: Context) -> None:
    answers_with_calls(parts)
    for choice in parts.body["choices"]:
        message = choice["message"]
        calls = message.get("tool_calls")
        if not calls:
            continue
        if len(calls) > 1:
            raise DoesNotApply("the old form holds one call, and the reply has several")
        if "function" not in calls[0]:
            raise DoesNotApply("the old form holds functions only, and the reply calls a custom tool")
        del message["tool_calls"]
        message["function_call"] = calls[0]["function"]
        choice["finish_reason"] = "function_call"


def _without_calls(parts: BodyParts) -> list[JsonObject]:
    """The messages without a call."""
    found = [choice["message"] for choice in parts.body["choices"] if not choice["message"].get("tool_calls")]
    if not found:
        raise DoesNotApply("the reply calls a tool, and this fault shows an empty list of calls")
    return found


@of_body(
    "empty_tool_calls_list",
    "A reply without calls has an empty list of them.",
    source="seen to be harmless for three clients; Argo's gateway",
    robust=_ANY_LIST,
)
def _empty_tool_calls_list(parts: BodyParts, context: Context) -> None:
    for message in _without_calls(parts):
        message["tool_calls"] = []


@of_body(
    "null_tool_calls",
    "A reply without calls has null for the list of them.",
    source="seen to be harmless for three clients; Argo's gateway",
    robust=_ANY_LIST,
)
def _null_tool_calls(parts: BodyParts, context: Context) -> None:
    for message in _without_calls(parts):
        message["tool_calls"] = None


@of_reply(
    "tool_use_failed_400",
    "The server refuses the model's own call: status 400, code `tool_use_failed`, the text in `failed_generation`.",
    needs=("call",),
    promises=Promises(types="open", complete="open"),
    source="Groq (groq/groq-typescript#28, huggingface/smolagents#1119, pipecat-ai/pipecat#1168)",
    robust=f"{FAILED} Never parse the text and run it.",
)
def _tool_use_failed(reply: Reply, context: Context) -> ApiError:
    call = reply.calls[0]
    return ApiError(
        400,
        "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.",
        code="tool_use_failed",
        extra={"failed_generation": f"<function={call.name}>{call.arguments}</function>"},
    )


@of_calls(
    "name_split",
    "The name comes in two pieces.",
    source="Mistral (openclaw/openclaw#130532). The AI SDK sees two unknown tools",
)
def _name_split(call: Events, context: Context) -> Events:
    head = piece(call[0])
    kind, name = kind_of(head), inner(head)["name"]
    if len(name) < 2:
        raise DoesNotApply("a name of one letter has no two pieces")
    place = context.chance.randrange(1, len(name))
    first = with_delta(call[0], {"tool_calls": [{**head, kind: {**head[kind], "name": name[:place]}}]})
    kept = {key: head[key] for key in ("index",) if key in head}
    rest = with_delta(call[0], {"tool_calls": [{**kept, kind: {"name": name[place:]}}]})
    return [first, rest, *call[1:]]


@of_calls(
    "finish_chunk_carries_call",
    "The last delta of a call and the finish reason come in one chunk.",
    adapt=on_runs,
    source="known from experience, no report read",
)
def _finish_chunk_carries_call(run: Run, context: Context) -> Events:
    *chunks, last = [chunk for call in run.calls for chunk in call]
    reason = next((chunk["choices"][0]["finish_reason"] for chunk in run.after if finishing(chunk)), None)
    if reason is None:
        raise DoesNotApply("no chunk after the calls brings a finish reason")
    finished = {**last, "choices": [{**last["choices"][0], "finish_reason": reason}]}
    return [*run.before, *chunks, *[c for c in run.after if not finishing(c)], finished]


@of_chunks(
    "role_missing",
    "No delta has a role.",
    source="seen to be survived by three clients",
)
def _role_missing(chunks: Events, context: Context) -> Events:
    for chunk in filter(speaks, chunks):
        delta_of(chunk).pop("role", None)
    return chunks


@of_chunks(
    "role_every_chunk",
    "Every delta has the role.",
    source="OpenRouter; seen to be survived by three clients",
)
def _role_every_chunk(chunks: Events, context: Context) -> Events:
    return [with_delta(chunk, {"role": "assistant", **delta_of(chunk)}) if speaks(chunk) else chunk for chunk in chunks]


@of_chunks(
    "usage_chunk_empty_choices",
    "A last chunk has the usage and an empty list of choices, though it was not requested.",
    source="allowed where it was asked for; breaks clients that read `choices[0]`",
    robust="Skip chunks without a run.",
)
def _usage_chunk_empty_choices(chunks: Events, context: Context) -> Events:
    last = chunks[-1]
    if not last.get("choices"):
        raise DoesNotApply("the usage was requested, so its chunk is there already")
    asked = sum([len(message.content or "") // 4 + 1 for message in context.request.messages])
    spoken = len([*filter(speaks, chunks)])
    usage = {"prompt_tokens": asked, "completion_tokens": spoken, "total_tokens": asked + spoken}
    return [*chunks, {**last, "choices": [], "usage": usage}]


@of_steps(
    "no_done",
    "Everything comes but `[DONE]`.",
    source="seen to be noticed by none of three clients",
    robust="Take the finish reason for the end of the answer, and `[DONE]` for the end of the stream.",
)
def _no_done(steps: Steps, context: Context) -> list[Step]:
    return other_events(steps, [event for event in events_of(steps, context) if event != DONE])


@of_steps(
    "only_done",
    "Nothing comes but `[DONE]`.",
    source="known from experience, no report read",
)
def _only_done(steps: Steps, context: Context) -> list[Step]:
    events_of(steps, context)
    return other_events(steps, [DONE])
