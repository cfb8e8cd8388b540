"""Envelope faults beside the calls: text, refusal, choices, finish reason, the body as a whole."""

import json
from copy import deepcopy
from dataclasses import replace

from mockserver.chat import Reply
from mockserver.faults.advice import BY_CALLS, FAILED, FINISH_FIRST, NO_TEXT_CALLS, PARSE_STRICTLY
from mockserver.faults.argument_text import cut_mid_way
from mockserver.faults.fault import Context, DoesNotApply, Parameter, Promises, one_of, text
from mockserver.faults.parts import BodyParts, JsonObject, Slot
from mockserver.faults.register import Register
from mockserver.faults.wire_layers import answers_with_calls, on_body, required

_TOLERATE = "Take missing, null, empty and listed content for the same: no text."
_SHOW = "Show the refusal, and run nothing."

_CUT = Promises(parses="broken", validates="open")
_TRUNCATED = "Take arguments that do not parse for a reply that was cut off. " + PARSE_STRICTLY

entry = Register("envelope", "body", adapt=on_body)
of_reply = Register("envelope", "reply")
of_finish = Register("envelope", "reply", robust=FINISH_FIRST)


@of_reply(
    "content_with_calls",
    "There is text beside the calls, which is allowed.",
    needs=("call",),
    source="models of Anthropic's kind; known from experience, no report read",
    robust="Keep both.",
    text=Parameter("Let me check.", "the text", text),
)
def _content_with_calls(reply: Reply, context: Context) -> Reply:
    if reply.text:
        raise DoesNotApply("there is text beside the calls already")
    return replace(reply, text=context.parameters["text"])


def _silent(parts: BodyParts) -> list[Slot]:
    """Where the text would stand in answers that call without a word."""
    found = [answer.text for answer in answers_with_calls(parts) if not answer.text.get()]
    if not found:
        raise DoesNotApply("there is text beside the calls")
    return found


@entry(
    "content_missing",
    "A message with calls has no `content` at all, where the API has null.",
    needs=("call",),
    source="recorded from Groq, Cerebras and Gemini",
    robust=_TOLERATE,
)
def _content_missing(parts: BodyParts, context: Context) -> None:
    for content in _silent(parts):
        content.delete()


@entry(
    "content_array",
    "The content of a message with calls is an empty list.",
    needs=("call",),
    promises=Promises(types="broken"),
    source="Groq (0xPlaygrounds/rig#1136)",
    robust=_TOLERATE,
)
def _content_array(parts: BodyParts, context: Context) -> None:
    for content in _silent(parts):
        content.set([])


@entry(
    "content_empty",
    "The content of a message with calls is an empty string, where the API has null.",
    needs=("call",),
    source="recorded from Mistral, Ollama and OpenRouter",
    robust=_TOLERATE,
)
def _content_empty(parts: BodyParts, context: Context) -> None:
    for content in _silent(parts):
        content.set("")


@of_reply(
    "refusal",
    "The model refuses instead of answering.",
    source="OpenAI's own way of refusing; known from experience, no report read",
    robust=_SHOW,
    text=Parameter("I'm sorry, but I can't help with that.", "the refusal", text),
)
def _refusal(reply: Reply, context: Context) -> Reply:
    return replace(reply, text=None, calls=(), refusal=context.parameters["text"], finish_reason="stop")


@of_reply(
    "refusal_with_calls",
    "The model refuses and calls all the same.",
    needs=("call",),
    source="known from experience, no report read",
    robust=_SHOW,
    text=Parameter("I'm sorry, but I can't help with that.", "the refusal", text),
)
def _refusal_with_calls(reply: Reply, context: Context) -> Reply:
    return replace(reply, refusal=context.parameters["text"])


@of_reply(
    "empty_reply",
    "The reply has no text, no calls and no tokens, and stops.",
    source="Gemini after a result whose call it does not know (su-kaka/gcli2api#406)",
    robust=f"{FAILED} It is not an answer.",
    promises=Promises(types="open"),
    finish=Parameter("stop", "the finish reason: Gemini says malformed_function_call where a call went wrong", text),
)
def _empty_reply(reply: Reply, context: Context) -> Reply:
    finish = context.parameters["finish"]
    return replace(reply, text=None, calls=(), refusal=None, finish_reason=finish, usage={"completion_tokens": 0})


@entry(
    "choices_empty",
    "The list of choices is empty.",
    promises=Promises(complete="broken"),
    source="seen to break LangChain and the AI SDK where it is not the usage chunk",
    robust=FAILED,
)
def _choices_empty(parts: BodyParts, context: Context) -> None:
    required(parts.choices, "list of choices").set([])


@entry(
    "calls_in_second_choice",
    "The first choice is empty, and the calls are in a second one that was not requested.",
    needs=("call",),
    source="known from experience, no report read",
    robust="Read the first choice; take one that is empty for a failed request.",
)
def _calls_in_second_choice(parts: BodyParts, context: Context) -> None:
    calling, listed = answers_with_calls(parts)[0], required(parts.choices, "list of choices")
    if len(parts.answers) > 1:
        raise DoesNotApply("several choices were requested")
    (choice,) = listed.get()
    listed.set([deepcopy(choice), choice])
    silent = context.lenses.body(parts.body).answers[0]
    silent.call_list.delete()
    silent.text.set("")
    silent.finish.set(context.lenses.finish_word("stop"))
    if calling.index is not None:
        calling.index.set(1)


@entry(
    "non_standard_envelope",
    "The answer is wrapped in the envelope of another API.",
    promises=Promises(types="broken", complete="broken"),
    source="cline/cline#13348",
    robust=FAILED,
)
def _non_standard_envelope(parts: BodyParts, context: Context) -> JsonObject:
    return {"data": parts.body, "success": True}


@entry(
    "reasoning_leak",
    "What the model thought is in the answer: in <think> tags in the content, or with the call in `reasoning_content`.",
    source="DeepSeek and Qwen; known from experience, no report read",
    robust=f"Strip it. {NO_TEXT_CALLS}",
    where=Parameter(
        "content", "where it leaks to: content or reasoning_content", one_of("content", "reasoning_content")
    ),
)
def _reasoning_leak(parts: BodyParts, context: Context) -> None:
    if context.parameters["where"] == "reasoning_content":
        for answer in answers_with_calls(parts):
            wished = [{"name": call.name.get(), "arguments": call.arguments.get()} for call in answer.calls]
            leaked = required(answer.reasoning, "place for what the model thought")
            answer.call_list.delete()
            leaked.set("I will call the tool.\n" + "\n".join([json.dumps(call) for call in wished]))
            answer.text.set(answer.text.get() or "")
            answer.finish.set(context.lenses.finish_word("stop"))
        return
    for answer in parts.answers:
        thought = "I should call a tool for this." if answer.calls else "I know enough to answer this."
        answer.text.set(f"<think>\n{thought}\n</think>\n\n{answer.text.get() or ''}")


@of_finish(
    "finish_stop_with_calls",
    "There are calls, and the finish reason is `stop`.",
    needs=("call",),
    source="vLLM with a named or required choice (vllm-project/vllm#9209, #25054); mlx-vlm (Blaizzy/mlx-vlm#990); "
    "LiteLLM (BerriAI/litellm#12862); OpenAI itself for a named tool_choice",
    robust=BY_CALLS,
)
def _finish_stop_with_calls(reply: Reply, context: Context) -> Reply:
    return replace(reply, finish_reason="stop")


@of_finish(
    "finish_tool_calls_without_calls",
    "The finish reason is `tool_calls`, and the reply has no call.",
    source="known from experience, no report read",
    robust=FAILED,
)
def _finish_tool_calls_without_calls(reply: Reply, context: Context) -> Reply:
    return replace(reply, calls=(), finish_reason="tool_calls")


@of_finish(
    "finish_length_mid_arguments",
    "The reply ends inside the arguments of its last call, and the finish reason says so: `length`.",
    needs=("call",),
    promises=_CUT,
    source="OpenAI's own way of telling that the token limit was reached",
    robust=f"{FINISH_FIRST} {PARSE_STRICTLY}",
)
def _finish_length_mid_arguments(reply: Reply, context: Context) -> Reply:
    return replace(cut_mid_way(reply, context.chance), finish_reason="length")


@of_finish(
    "length_hidden_as_tool_calls",
    "The reply ends inside the arguments of its last call, and the stream says `tool_calls` all the same.",
    needs=("call", "stream"),
    promises=_CUT,
    source="vLLM 0.27, streamed only (vllm-project/vllm#53269)",
    robust=_TRUNCATED,
)
def _length_hidden_as_tool_calls(reply: Reply, context: Context) -> Reply:
    return replace(cut_mid_way(reply, context.chance), finish_reason="tool_calls")


@of_finish(
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


@of_finish(
    "finish_content_filter",
    "The reply is cut off by the content filter, in the middle of a call or of a sentence.",
    promises=Promises(parses="open", validates="open"),
    source="known from experience, no report read",
)
def _finish_content_filter(reply: Reply, context: Context) -> Reply:
    return replace(cut_mid_way(reply, context.chance), finish_reason="content_filter")


@of_finish(
    "finish_unknown",
    "The finish reason is a word that the API does not have.",
    promises=Promises(types="broken"),
    source="Gemini's MALFORMED_FUNCTION_CALL (pydantic/pydantic-ai#631, #3300, vercel/ai#5039, "
    "googleapis/python-genai#1836); `end_turn` (BerriAI/litellm#12481)",
    reason=Parameter("malformed_function_call", "the word", text),
)
def _finish_unknown(reply: Reply, context: Context) -> Reply:
    return replace(reply, finish_reason=context.parameters["reason"])


@of_finish(
    "finish_null",
    "The finish reason stays null to the end.",
    layer="body",
    adapt=on_body,
    promises=Promises(types="open", complete="broken"),
    source="seen to be noticed by one client of three",
    robust=FAILED,
)
def _finish_null(parts: BodyParts, context: Context) -> None:
    for answer in parts.answers:
        answer.finish.set(None)
