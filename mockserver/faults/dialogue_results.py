"""Faults over several turns: repeated calls; tool results ignored, contradicted or invented."""

import json
import re
from typing import Any

from mockserver.chat import Reply
from mockserver.faults import advice
from mockserver.faults.argument_values import values_of
from mockserver.faults.call_history import (
    calls_again,
    failed_call,
    in_words,
    is_error,
    last_turn,
    latest_result,
    leaves,
    past_calls,
    says,
    system_text,
)
from mockserver.faults.call_set import another_call, functions
from mockserver.faults.fault import Context, DoesNotApply, NotHere, Promises
from mockserver.faults.register import Register

_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")
_RULE = re.compile(r"[^.!?\n]*\b(never|do not|don't|must not|always|must|only)\b[^.!?\n]*", re.IGNORECASE)
_AGAIN = Promises(parses="open", validates="open", offered="open")
"""A call of the past comes as it was, sound or not, offered still or not."""


entry = Register("dialogue", "dialogue", needs=("conversation",), robust=advice.CHECK_CLAIMS)


@entry(
    "repeat_loop",
    "The calls of the turn before are made again, with the same arguments, turn after turn.",
    source=(
        "devstral (mistralai/mistral-vibe#83), Gemini 2.5 and 3 (router-for-me/CLIProxyAPI#565), Qwen 27B 20 to 50 "
        "times (PrimeIntellect-ai/prime-agent#1326), GigaChat (ai-forever/langchain-gigachat#69)"
    ),
    robust=advice.LOOP_GUARD,
    promises=_AGAIN,
)
def repeat_loop(reply: Reply, context: Context) -> Reply:
    """Under new ids."""
    return calls_again(reply, *last_turn(context))


@entry(
    "alternating_loop",
    "Two calls are made in turns without end, or one in slight variations.",
    source="superplanehq/superplane#4123",
    robust=advice.LOOP_GUARD,
    promises=_AGAIN,
)
def alternating_loop(reply: Reply, context: Context) -> Reply:
    """The call before the last one; while there is only one, a variation of it."""
    last, *_ = last_turn(context)
    for past in reversed(past_calls(context)):
        if (past.call.name, past.call.arguments) != (last.name, last.arguments):
            return calls_again(reply, past.call)
    tools = [tool for tool in functions(context) if tool.name == last.name] or functions(context)
    return calls_again(reply, another_call(tools, [last], context))


@entry(
    "retry_same_error",
    "The call that has just failed is made again, unchanged.",
    source="openJiuwen-ai/agent-core#766; repairs at the first try at most 9.6 % (Tool-Reflection-Bench, second-hand)",
    robust=advice.LOOP_GUARD,
    promises=_AGAIN,
)
def retry_same_error(reply: Reply, context: Context) -> Reply:
    """Whatever the error said."""
    return calls_again(reply, failed_call(context).call)


@entry(
    "forget_result",
    "A result that is in the conversation is asked for again.",
    source="known from experience",
    robust="Keep the results of calls that only read, and answer from there.",
    promises=_AGAIN,
)
def forget_result(reply: Reply, context: Context) -> Reply:
    """The earliest answered call is made once more."""
    for past in past_calls(context):
        if past.result is not None and not past.failed:
            return calls_again(reply, past.call)
    raise NotHere("no call of this conversation has a result that is not an error")


@entry(
    "never_finish",
    "One more call is made though the goal is reached.",
    source="known from experience",
    robust=advice.LOOP_GUARD,
)
def never_finish(reply: Reply, context: Context) -> Reply:
    """In place of the final answer."""
    if reply.calls:
        raise NotHere("the reply calls a function, so the goal is not reached yet")
    past = past_calls(context)
    return calls_again(reply, another_call(functions(context), [one.call for one in past], context))


@entry(
    "early_finish",
    "The model stops before the goal is reached, and says that it is done.",
    source="tau-bench: partly done, 19 % of gpt-4o's failures",
    robust="Keep a checklist of what was asked for.",
    needs=("call",),
)
def early_finish(reply: Reply, context: Context) -> Reply:
    """In place of the next call."""
    return says(reply, "That is everything. Let me know if you need anything else.")


@entry(
    "ignore_tool_error",
    "A tool failed, and the model goes on as if it had worked.",
    source="Grok (NousResearch/hermes-agent#7138)",
)
def ignore_tool_error(reply: Reply, context: Context) -> Reply:
    """A friendly report of success."""
    return says(reply, f"All done: {in_words(failed_call(context).call.name)} went through without problems.")


@entry(
    "ignore_tool_result",
    "The answer does without the result that has just been given.",
    source="datasets of such spans, based on ToolACE",
)
def ignore_tool_result(reply: Reply, context: Context) -> Reply:
    """Nothing of what came back."""
    latest_result(context)
    return says(reply, "From my own knowledge: this usually varies, so it is hard to say anything definite.")


@entry(
    "contradict_result",
    "The answer says something else than the result.",
    source="datasets of such spans, based on ToolACE",
)
def contradict_result(reply: Reply, context: Context) -> Reply:
    """Another number where there is one, the opposite where there is none."""
    result = latest_result(context)
    numbers = [(path, value) for path, value in leaves(_decoded(result)) if type(value) in (int, float)]
    if numbers:
        path, value = context.chance.choice(numbers)
        name = next((str(step) for step in reversed(path) if isinstance(step, str)), "value")
        return says(reply, f"The {in_words(name)} is {value + context.chance.choice((7, 11, -13))}.")
    found = _NUMBER.search(result)
    if found:
        return says(reply, f"It is {float(found[0]) + context.chance.choice((7, 11, -13)):g}.")
    said = "everything worked" if is_error(result) else "nothing was found"
    return says(reply, f"The tool says that {said}.")


@entry(
    "fabricated_tool_result",
    "The model writes the answer of a tool by itself.",
    source="Claude Code (anthropics/claude-code#67847)",
    needs=("call",),
)
def fabricated_tool_result(reply: Reply, context: Context) -> Reply:
    """As text, in place of the call."""
    call = reply.calls[0]
    made_up = {**(values_of(call) or {}), "status": "ok", "value": context.chance.randint(10, 99)}
    text = f"{call.name} returned:\n{json.dumps(made_up, ensure_ascii=False)}\n\nSo the answer is {made_up['value']}."
    return says(reply, text)


@entry(
    "orphan_result_expected",
    "The model waits for the result of a call that it never made.",
    source="known from experience",
    needs=(),
)
def orphan_result_expected(reply: Reply, context: Context) -> Reply:
    """Of the call that it should have made, or of any function offered."""
    name = reply.calls[0].name if reply.calls else functions(context)[0].name
    return says(reply, f"I am still waiting for the result of {name}. I'll continue as soon as it arrives.")


@entry(
    "claim_without_call",
    "The model says that it has done something, and never made the call.",
    source=(
        "Gemma 4B (NickMonrad/kernel-ai-assistant#481), Claude Code (anthropics/claude-code#3238, #67847, #95319), "
        "Dify (langgenius/dify#40671)"
    ),
    needs=("call",),
)
def claim_without_call(reply: Reply, context: Context) -> Reply:
    """In the past tense."""
    done = ", ".join(dict.fromkeys(in_words(call.name) for call in reply.calls))
    texts = (f"Done! I've taken care of it: {done}.", f"I have just run {done} for you, and it worked.")
    return says(reply, context.chance.choice(texts))


@entry(
    "announce_without_call",
    "The model says that it will call a function now, and stops.",
    source="known from experience",
    robust="Ask it to go on, a bounded number of times.",
    needs=("call",),
)
def announce_without_call(reply: Reply, context: Context) -> Reply:
    """In the future tense."""
    name = reply.calls[0].name
    texts = (f"I will now call {name}.", f"Let me use the {name} tool to find out.")
    return says(reply, context.chance.choice(texts))


@entry(
    "needless_question",
    "The model asks for what the user has said already.",
    source="When2Call's other side",
    robust="Answer it from the conversation, or bear with it.",
    needs=("call",),
)
def needless_question(reply: Reply, context: Context) -> Reply:
    """About the first parameter."""
    named = next(iter(values_of(reply.calls[0]) or {}), "details")
    what = in_words(named)
    return says(reply, f"Before I can do that: which {what} would you like me to use?")


@entry(
    "policy_forgotten",
    "A rule of the system prompt is broken.",
    source="tau-bench: wrong decisions, 25 % of the failures",
    robust="Enforce rules in the application, not by prompt.",
    needs=(),
)
def policy_forgotten(reply: Reply, context: Context) -> Reply:
    """The model says that it does what it was told not to do, or leaves out what it was told to."""
    found = _RULE.search(system_text(context.request))
    if found is None:
        raise DoesNotApply("the system prompt has no rule with never, do not, always, must or only")
    rule, word = found[0].strip(), found[1].casefold()
    if word in ("always", "must", "only"):
        return says(reply, f'Just this once I will do without this: "{rule}"', reply.calls)
    deed = re.sub(rf"(?i)\b(you )?{word}\b", "", rule).strip(" ,:")
    return says(reply, f"Sure, I will {deed[:1].lower()}{deed[1:]}.", reply.calls)


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
