"""What stands beside the calls goes wrong: text, refusal, choices, the envelope as a whole."""

import json
from dataclasses import replace

from mockserver.chat import ApiError, Reply
from mockserver.faults.body import JsonObject, calling, inner, messages, on_a_copy
from mockserver.faults.fault import Context, DoesNotApply, Promises
from mockserver.faults.parameters import Parameter, one_of, text
from mockserver.faults.register import Register
from mockserver.faults.robust import FAILED, NO_TEXT_CALLS

_TOLERATE = "Take missing, null, empty and listed content for the same: no text."
_SHOW = "Show the refusal, and run nothing."

entry = Register("envelope", "body", adapt=on_a_copy)
of_reply = Register("envelope", "reply")


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


def _silent(body: JsonObject) -> list[JsonObject]:
    """The messages that call without a word."""
    found = [choice["message"] for choice in calling(body) if not choice["message"].get("content")]
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
def _content_missing(body: JsonObject, context: Context) -> None:
    for message in _silent(body):
        message.pop("content", None)


@entry(
    "content_array",
    "The content of a message with calls is an empty list.",
    needs=("call",),
    promises=Promises(types="broken"),
    source="Groq (0xPlaygrounds/rig#1136)",
    robust=_TOLERATE,
)
def _content_array(body: JsonObject, context: Context) -> None:
    for message in _silent(body):
        message["content"] = []


@entry(
    "content_empty",
    "The content of a message with calls is an empty string, where the API has null.",
    needs=("call",),
    source="recorded from Mistral, Ollama and OpenRouter",
    robust=_TOLERATE,
)
def _content_empty(body: JsonObject, context: Context) -> None:
    for message in _silent(body):
        message["content"] = ""


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
def _choices_empty(body: JsonObject, context: Context) -> None:
    body["choices"] = []


@entry(
    "calls_in_second_choice",
    "The first choice says nothing, and the calls are in a second one that nobody asked for.",
    needs=("call",),
    source="known from experience, no report read",
    robust="Read the first choice; take one that is empty for a failed request.",
)
def _calls_in_second_choice(body: JsonObject, context: Context) -> None:
    choices = calling(body)
    if len(body["choices"]) > 1:
        raise DoesNotApply("several choices were asked for")
    first = choices[0]
    silent = {key: value for key, value in first["message"].items() if key != "tool_calls"}
    empty = {**first, "index": 0, "message": {**silent, "content": ""}, "finish_reason": "stop"}
    body["choices"] = [empty, {**first, "index": 1}]


@entry(
    "non_standard_envelope",
    "The answer is wrapped in an envelope of somebody else's.",
    promises=Promises(types="broken", complete="broken"),
    source="cline/cline#13348",
    robust=FAILED,
)
def _non_standard_envelope(body: JsonObject, context: Context) -> JsonObject:
    return {"data": body, "success": True}


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


@entry(
    "reasoning_leak",
    "What the model thought is in the answer: in <think> tags in the content, or with the call in `reasoning_content`.",
    source="DeepSeek and Qwen; known from experience, no report read",
    robust=f"Strip it. {NO_TEXT_CALLS}",
    where=Parameter(
        "content", "where it leaks to: content or reasoning_content", one_of("content", "reasoning_content")
    ),
)
def _reasoning_leak(body: JsonObject, context: Context) -> None:
    if context.parameters["where"] == "reasoning_content":
        for choice in calling(body):
            message = choice["message"]
            wished = [inner(call) for call in message.pop("tool_calls")]
            message["reasoning_content"] = "I will call the tool.\n" + "\n".join([json.dumps(call) for call in wished])
            message["content"] = message.get("content") or ""
            choice["finish_reason"] = "stop"
        return
    for message in messages(body):
        thought = "I should call a tool for this." if message.get("tool_calls") else "I know enough to answer this."
        message["content"] = f"<think>\n{thought}\n</think>\n\n{message.get('content') or ''}"
