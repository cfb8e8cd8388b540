"""What stands beside the calls goes wrong: text, refusal, choices, the envelope as a whole."""

import json
from copy import deepcopy
from dataclasses import replace

from mockserver.chat import Reply
from mockserver.faults.fault import Context, DoesNotApply, Promises
from mockserver.faults.on_parts import answers_with_calls, on_body, required
from mockserver.faults.parameters import Parameter, one_of, text
from mockserver.faults.parts import BodyParts, JsonObject, Slot
from mockserver.faults.register import Register
from mockserver.faults.robust import FAILED, NO_TEXT_CALLS

_TOLERATE = "Take missing, null, empty and listed content for the same: no text."
_SHOW = "Show the refusal, and run nothing."

entry = Register("envelope", "body", adapt=on_body)
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
    "The first choice says nothing, and the calls are in a second one that nobody asked for.",
    needs=("call",),
    source="known from experience, no report read",
    robust="Read the first choice; take one that is empty for a failed request.",
)
def _calls_in_second_choice(parts: BodyParts, context: Context) -> None:
    calling, listed = answers_with_calls(parts)[0], required(parts.choices, "list of choices")
    if len(parts.answers) > 1:
        raise DoesNotApply("several choices were asked for")
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
    "The answer is wrapped in an envelope of somebody else's.",
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
