"""The finish reason does not tell what happened, or what happened is that the model was cut off."""

import json
from dataclasses import replace

from mockserver.chat import Reply
from mockserver.faults.cutting import cut_mid_way
from mockserver.faults.fault import Context, DoesNotApply, Promises
from mockserver.faults.on_parts import on_body
from mockserver.faults.parameters import Parameter, text
from mockserver.faults.parts import BodyParts
from mockserver.faults.register import Register
from mockserver.faults.robust import BY_CALLS, FAILED, FINISH_FIRST, PARSE_STRICTLY

_CUT = Promises(parses="broken", validates="open")
_TRUNCATED = "Take arguments that do not parse for a reply that was cut off. " + PARSE_STRICTLY

entry = Register("envelope", "reply", robust=FINISH_FIRST)


@entry(
    "finish_stop_with_calls",
    "There are calls, and the finish reason is `stop`.",
    needs=("call",),
    source="vLLM with a named or required choice (vllm-project/vllm#9209, #25054); mlx-vlm (Blaizzy/mlx-vlm#990); "
    "LiteLLM (BerriAI/litellm#12862); OpenAI itself for a named tool_choice",
    robust=BY_CALLS,
)
def _finish_stop_with_calls(reply: Reply, context: Context) -> Reply:
    return replace(reply, finish_reason="stop")


@entry(
    "finish_tool_calls_without_calls",
    "The finish reason is `tool_calls`, and there is no call.",
    source="known from experience, no report read",
    robust=FAILED,
)
def _finish_tool_calls_without_calls(reply: Reply, context: Context) -> Reply:
    return replace(reply, calls=(), finish_reason="tool_calls")


@entry(
    "finish_length_mid_arguments",
    "The reply ends inside the arguments of its last call, and the finish reason says so: `length`.",
    needs=("call",),
    promises=_CUT,
    source="OpenAI's own way of telling that the token limit was reached",
    robust=f"{FINISH_FIRST} {PARSE_STRICTLY}",
)
def _finish_length_mid_arguments(reply: Reply, context: Context) -> Reply:
    return replace(cut_mid_way(reply, context.chance), finish_reason="length")


@entry(
    "length_hidden_as_tool_calls",
    "The reply ends inside the arguments of its last call, and the stream says `tool_calls` all the same.",
    needs=("call", "stream"),
    promises=_CUT,
    source="vLLM 0.27, streamed only (vllm-project/vllm#53269)",
    robust=_TRUNCATED,
)
def _length_hidden_as_tool_calls(reply: Reply, context: Context) -> Reply:
    return replace(cut_mid_way(reply, context.chance), finish_reason="tool_calls")


@entry(
    "truncated_but_valid",
    "The arguments of the last call were cut off and closed again: they parse, and their end is lost.",
    needs=("call",),
    promises=Promises(validates="open"),
    source="jaseci-labs/jac#6766; Anthropic's `input: {}`, thirty rounds of it (mattmezza/humux#77)",
)
def _truncated_but_valid(reply: Reply, context: Context) -> Reply:
    *whole, last = reply.calls
    try:
        values = json.loads(last.arguments)
    except ValueError:
        values = None
    if not isinstance(values, dict) or not values:
        raise DoesNotApply("the last call has no arguments that could be lost")
    kept = dict(list(values.items())[: context.chance.randrange(len(values))])
    return replace(reply, calls=(*whole, replace(last, arguments=json.dumps(kept, ensure_ascii=False))))


@entry(
    "finish_content_filter",
    "The reply is cut off by the content filter, in the middle of a call or of a sentence.",
    promises=Promises(parses="open", validates="open"),
    source="known from experience, no report read",
)
def _finish_content_filter(reply: Reply, context: Context) -> Reply:
    return replace(cut_mid_way(reply, context.chance), finish_reason="content_filter")


@entry(
    "finish_unknown",
    "The finish reason is a word that the API does not have.",
    promises=Promises(types="broken"),
    source="Gemini's MALFORMED_FUNCTION_CALL (pydantic/pydantic-ai#631, #3300, vercel/ai#5039, "
    "googleapis/python-genai#1836); `end_turn` (BerriAI/litellm#12481)",
    reason=Parameter("malformed_function_call", "the word", text),
)
def _finish_unknown(reply: Reply, context: Context) -> Reply:
    return replace(reply, finish_reason=context.parameters["reason"])


@entry(
    "finish_null",
    "There is no finish reason to the end: it stays null.",
    layer="body",
    adapt=on_body,
    promises=Promises(types="open", complete="broken"),
    source="seen to be noticed by one client of three",
    robust=FAILED,
)
def _finish_null(parts: BodyParts, context: Context) -> None:
    for answer in parts.answers:
        answer.finish.set(None)
