"""Where a scripted reply contradicts the request that it answers."""

from mockserver.chat import ChatRequest, Reply, ToolCall
from mockserver.scenario.misfits import first_misfit
from mockserver.scenario.words import listed, nearest

AS_WRITTEN = "as_written"
"""What a call that is wrong on purpose says of itself."""


def conflict(reply: Reply, request: ChatRequest) -> str | None:
    """What no model would have said to this request, in words; None when the reply may be said.

    A call that says `fault: as_written` is wrong on purpose and contradicts nothing.
    """
    if not reply.calls:
        return _says_text(request) if reply.refusal is None else None
    honest = [call for call in reply.calls if call.fault != AS_WRITTEN]
    if len(honest) == len(reply.calls):
        if request.tool_choice.mode == "none":
            return f"it calls {_names(honest)}, and " + _why_none(request)
        if len(honest) > 1 and not request.parallel_tool_calls:
            why = "offers `functions`, which take one" if request.legacy else "says `parallel_tool_calls: false`"
            return f"it makes {len(honest)} calls at once, and the request {why}"
    for call in honest:
        if reason := _wrong(call, request):
            return reason
    return None


def _says_text(request: ChatRequest) -> str | None:
    choice = request.tool_choice
    if choice.mode != "required":
        return None
    wanted = f"`{choice.only[0]}`" if choice.named and choice.only else "a call (`tool_choice: required`)"
    return f"it says text, and the request demands {wanted}"


def _wrong(call: ToolCall, request: ChatRequest) -> str | None:
    tool = request.tool(call.name)
    if tool is None:
        offered = [tool.name for tool in request.tools]
        return f"it calls `{call.name}`, which is not offered.{nearest(call.name, offered)} Offered: {_all(offered)}."
    only = request.tool_choice.only
    if only is not None and call.name not in only:
        return f"it calls `{call.name}`, and `tool_choice` allows only {_all(only)}"
    misfit = first_misfit(call.arguments, tool)
    if misfit is None:
        return None
    inside = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in misfit.path)
    return f"the arguments of `{call.name}` do not fit the offered schema: arguments{inside}: {misfit.message}"


def _why_none(request: ChatRequest) -> str:
    return "the request says `tool_choice: none`" if request.tools else "the request offers no tools"


def _names(calls: list[ToolCall]) -> str:
    return _all(list(dict.fromkeys(call.name for call in calls)))


def _all(names: list[str] | tuple[str, ...]) -> str:
    return listed(names, "and") if names else "nothing"
