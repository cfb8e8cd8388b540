"""Faults over several turns: calls made again and again, results asked for again, no end or an early one."""

from mockserver.chat import Reply
from mockserver.faults import robust
from mockserver.faults.callset import another_call, functions
from mockserver.faults.fault import Context, NotHere, Promises
from mockserver.faults.register import Register
from mockserver.faults.saying import calls_again, failed_call, last_turn, past_calls, says

_AGAIN = Promises(parses="open", validates="open", offered="open")
"""A call of the past comes as it was, sound or not, offered still or not."""


entry = Register("dialogue", "dialogue", needs=("conversation",), robust=robust.CHECK_CLAIMS)


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
    return calls_again(reply, *last_turn(context))


@entry(
    "alternating_loop",
    "Two calls are made in turns without end, or one in slight variations.",
    source="superplanehq/superplane#4123",
    robust=robust.LOOP_GUARD,
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
    robust=robust.LOOP_GUARD,
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
    robust=robust.LOOP_GUARD,
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
