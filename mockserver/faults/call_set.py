"""Faults of the set of calls: missing, extra, duplicate or reordered calls."""

import re
from collections.abc import Sequence
from dataclasses import replace

from mockserver.chat import Reply, Tool, ToolCall
from mockserver.faults import advice
from mockserver.faults.argument_text import cut_arguments
from mockserver.faults.argument_values import (
    invented_call,
    judge_of,
    schema_of,
    targets,
    values_fit,
    values_of,
    written,
)
from mockserver.faults.call_history import holds, leaves
from mockserver.faults.fault import MOST_TIMES, Context, DoesNotApply, NotHere, Parameter, Promises, whole_number
from mockserver.faults.locations import put_at
from mockserver.faults.register import Register

_ACTS = re.compile(
    r"(^|_)(send|delete|remove|drop|buy|book|order|pay|transfer|create|update|set|write|post|publish|execute|run|cancel|"
    r"submit|grant|invite|deploy|move|insert|upload|reset|charge|refund|reserve|schedule|call|email)",
    re.IGNORECASE,
)
_DRAWS = 12

entry = Register("callset", "reply", needs=("call",), robust=advice.CHECK_CLAIMS)


def acts(tool: Tool) -> bool:
    """Whether a tool, by its name, changes the world."""
    return bool(_ACTS.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", tool.name)))


def functions(context: Context) -> list[Tool]:
    """The offered functions, in an order drawn from the seed.

    Raises:
        DoesNotApply: none is offered.
    """
    found = [tool for tool in context.request.tools if tool.kind == "function" and judge_of(tool) is not None]
    wanted = context.target.tool
    found = [tool for tool in found if wanted in (None, tool.name)]
    if not found:
        raise DoesNotApply("no function is offered that it could call")
    context.chance.shuffle(found)
    return found


def another_call(tools: Sequence[Tool], made: Sequence[ToolCall], context: Context) -> ToolCall:
    """A made-up call of one of these tools that is none of those made already.

    Raises:
        DoesNotApply: there is none.
    """
    for tool in tools:
        for _ in range(_DRAWS):
            call = invented_call(tool, context)
            if all((call.name, values_of(call)) != (other.name, values_of(other)) for other in made):
                return call
    raise DoesNotApply("no other call could be made up of the functions offered")


def _only_text(reply: Reply) -> None:
    if reply.calls:
        raise NotHere("the reply calls a function already")


@entry(
    "call_when_irrelevant",
    "A function is called though none of those offered fits.",
    source="BFCL's irrelevance: 3 to 97 % of the cases, by model; When2Call: 1 to 67 %",
    robust=f"Check whether the call has to do with the question. {advice.ASK}",
    needs=(),
)
def call_when_irrelevant(reply: Reply, context: Context) -> Reply:
    """In place of the text."""
    _only_text(reply)
    return replace(reply, text=None, refusal=None, calls=(invented_call(functions(context)[0], context),))


@entry(
    "call_without_required_info",
    "A function is called with made-up values, in place of asking for what the user has not said.",
    source="When2Call; BFCL's missing parameters",
    robust=advice.ASK,
    needs=("schema",),
)
def call_without_required_info(reply: Reply, context: Context) -> Reply:
    """One that requires something, with values that do not occur in the conversation."""
    offered = functions(context)
    called = [tool for tool in offered if any(call.name == tool.name for call in reply.calls)]
    for tool in called or offered:
        if not schema_of(tool).get("required"):
            continue
        for _ in range(_DRAWS):
            call = invented_call(tool, context)
            values = [value for _, value in leaves(values_of(call))]
            if (
                values
                and call not in reply.calls
                and not any(holds(context.request, value) for value in values if isinstance(value, str))
            ):
                return replace(reply, text=None, refusal=None, calls=(call,))
    raise DoesNotApply("no offered function requires anything that could be made up")


@entry(
    "no_call_when_needed",
    "The reply is answered from memory, or declined, where a function should have been called.",
    source="API-Bank: 36.8 % of Alpaca's errors; gpt-oss:20b, 13 % of runs with deep schemas (ollama/ollama#14180)",
    robust=f"{advice.CHECK_CLAIMS} Ask again.",
)
def no_call_when_needed(reply: Reply, context: Context) -> Reply:
    """With a value that sounds right."""
    said = [str(value) for _, value in leaves(values_of(reply.calls[0])) if isinstance(value, str | int)]
    about = said[0] if said else "that"
    texts = (
        f"As far as I know, for {about} it is around {context.chance.randint(12, 29)}.",
        f"I already know about {about}: everything is as usual, no need to look it up.",
        "I'm sorry, but I don't have access to real-time information.",
    )
    return replace(reply, text=context.chance.choice(texts), calls=())


@entry(
    "too_few_parallel",
    "One of the calls that were wanted is missing.",
    source="BFCL's parallel categories; ToolScan 0.84 for GPT-4",
    robust="Compare the calls with what was asked for.",
    needs=("several calls",),
)
def too_few_parallel(reply: Reply, context: Context) -> Reply:
    """Two of three cities."""
    gone = targets(reply, context)[0]
    return replace(reply, calls=(*reply.calls[:gone], *reply.calls[gone + 1 :]))


@entry(
    "too_many_parallel",
    "A call that was not asked for is made beside the others.",
    source="openai/codex#14485, LionSR/TeXRA#9765",
    robust="Give every turn a budget of calls.",
)
def too_many_parallel(reply: Reply, context: Context) -> Reply:
    """One more of the same function, or of another."""
    return replace(reply, calls=(*reply.calls, another_call(functions(context), reply.calls, context)))


@entry(
    "duplicate_call",
    "A call is made several times in one reply, under different ids.",
    source=(
        "nine times in one message and some 70 times in one completion (LionSR/TeXRA#9765); ToolScan: Llama-3-8B 0.40, "
        "GPT-4o 0.82"
    ),
    robust=advice.ONCE,
    times=Parameter(2, "how often the call is there in all", whole_number(1, MOST_TIMES)),
)
def duplicate_call(reply: Reply, context: Context) -> Reply:
    """The same name and arguments."""
    index = targets(reply, context)[0]
    again = [replace(reply.calls[index], id=None)] * max(context.parameters["times"] - 1, 1)
    return replace(reply, calls=(*reply.calls[: index + 1], *again, *reply.calls[index + 1 :]))


@entry(
    "sequential_instead_of_parallel",
    "Only the first of several independent calls is made; the others would come turn by turn.",
    source="o3 and o4-mini: 0 % on BFCL's parallel categories; Claude 3 Haiku and 3.5 Sonnet 0 to 6.5 %",
    robust="Accept it: do not count on a single round.",
    needs=("several calls",),
)
def sequential_instead_of_parallel(reply: Reply, context: Context) -> Reply:
    """One call a turn."""
    return replace(reply, calls=reply.calls[:1])


@entry(
    "parallel_despite_disabled",
    "Several calls are made though the request says `parallel_tool_calls: false`.",
    source="SGLang with Qwen3 (sgl-project/sglang#9696); vLLM had no such option (vllm-project/vllm#22218)",
    robust="Run them in order, or the first one only.",
)
def parallel_despite_disabled(reply: Reply, context: Context) -> Reply:
    """A second one, with other arguments."""
    if context.request.parallel_tool_calls:
        raise NotHere("the request allows parallel calls")
    if len(reply.calls) > 1:
        return reply
    return replace(reply, calls=(*reply.calls, another_call(functions(context), reply.calls, context)))


@entry(
    "premature_dependent_call",
    "A call that needs another one's result is made beside that one, with an expression in place of the value.",
    source="FuncBenchGen; known from experience",
    robust=advice.VALIDATE,
    needs=("call", "schema"),
)
def premature_dependent_call(reply: Reply, context: Context) -> Reply:
    """Of another function if there is one."""
    first = reply.calls[0]
    for tool in sorted(functions(context), key=lambda tool: tool.name == first.name):
        call = invented_call(tool, context)
        values = values_of(call) or {}
        for path, value in leaves(values):
            later = put_at(values, path, f"<result of {first.name}>")
            if isinstance(value, str) and values_fit(tool, later):
                return replace(reply, calls=(*reply.calls, replace(call, arguments=written(later, like=""))))
    raise DoesNotApply("no offered function takes a free text")


@entry(
    "wrong_order",
    "The calls come in the wrong order: what acts before what reads, the end before the beginning.",
    source="tau-bench: wrong decisions, 25 % of the failures",
    robust="Check preconditions in the tools themselves.",
    needs=("several calls",),
)
def wrong_order(reply: Reply, context: Context) -> Reply:
    """Acting ones first, or all of them backwards."""
    acting = {tool.name for tool in context.request.tools if acts(tool)}
    hasty = sorted(reply.calls, key=lambda call: call.name not in acting)
    turned = hasty if hasty != list(reply.calls) else list(reversed(reply.calls))
    if turned == list(reply.calls):
        raise NotHere("all calls of the reply are the same")
    return replace(reply, calls=turned)


@entry(
    "partial_of_compound",
    "Only a part of what was asked for is done, and the text says that this was all.",
    source="tau-bench: 19 % of gpt-4o's failures in retail",
    robust="Keep a checklist of what was asked for.",
    needs=("several calls",),
)
def partial_of_compound(reply: Reply, context: Context) -> Reply:
    """The first half."""
    text = "That covers everything you asked for."
    return replace(reply, text=text, calls=reply.calls[: max(len(reply.calls) // 2, 1)])


@entry(
    "mixed_valid_invalid",
    "A good call and a broken one come in one reply.",
    source="known from experience",
    robust="Answer each id. Run the good ones only if they do not depend on the broken one.",
    promises=Promises(parses="broken"),
)
def mixed_valid_invalid(reply: Reply, context: Context) -> Reply:
    """The broken one is the last, its arguments cut off."""
    calls = reply.calls if len(reply.calls) > 1 else (*reply.calls, replace(reply.calls[0], id=None))
    last = calls[-1]
    broken = replace(last, arguments=cut_arguments(last.arguments, context.chance))
    return replace(reply, calls=(*calls[:-1], broken))
