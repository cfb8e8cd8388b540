"""A scripted reply made ready for the request that it answers: names as they are offered, placeholders filled in."""

from dataclasses import replace

from mockserver.chat import AS_WRITTEN, Reply, ToolCall
from mockserver.scenario.asked import Asked
from mockserver.scenario.known import Known
from mockserver.scenario.offered import offered_name
from mockserver.scenario.placeholders import fill_arguments, fill_text


def named(say: Reply, asked: Asked) -> Reply:
    """The reply with its calls under the names that the application offers."""
    offered = [tool.name for tool in asked.request.tools]
    if all(call.name in offered for call in say.calls):
        return say
    calls = [
        call if call.fault == AS_WRITTEN else replace(call, name=offered_name(call.name, offered) or call.name)
        for call in say.calls
    ]
    return replace(say, calls=tuple(calls))


def filled(say: Reply, known: Known) -> Reply:
    """The reply with its placeholders filled in."""
    text, refusal = (None if said is None else fill_text(said, known.resolve) for said in (say.text, say.refusal))
    calls = [call if call.verbatim else _filled_call(call, known) for call in say.calls]
    return replace(say, text=text, refusal=refusal, calls=tuple(calls))


def _filled_call(call: ToolCall, known: Known) -> ToolCall:
    fill = fill_text if call.kind == "custom" else fill_arguments
    return replace(call, arguments=fill(call.arguments, known.resolve))
