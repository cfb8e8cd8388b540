"""Where a scripted reply contradicts the request that it answers."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mockserver.chat import AS_WRITTEN, ChatRequest, Reply, Tool, ToolCall
from mockserver.scenario.error_messages import listed, nearest
from mockserver.scenario.placeholders import paths, texts_in

_DISOBEDIENT = "tool_choice_ignored"
_AT_ONCE = "parallel_despite_disabled"


def conflict(reply: Reply, request: ChatRequest, fault: str | None = None) -> str | None:
    """What no model would have said to this request, in words; None when the reply may be said.

    A call that says `fault: as_written` is wrong on purpose and contradicts nothing. `fault` names what is to go wrong
    with the turn: `tool_choice_ignored` and `parallel_despite_disabled` are contradictions on purpose.
    """
    meant = _names_of(fault) | _names_of(reply.fault)
    if not reply.calls:
        return _says_text(request) if reply.refusal is None and _DISOBEDIENT not in meant else None
    honest = [call for call in reply.calls if call.fault != AS_WRITTEN]
    if len(honest) == len(reply.calls):
        if request.tool_choice.mode == "none" and _DISOBEDIENT not in meant:
            return f"it calls {_names(honest)}, and " + _why_none(request)
        if len(honest) > 1 and not request.parallel_tool_calls and _AT_ONCE not in meant:
            why = "offers `functions`, which take one" if request.legacy else "says `parallel_tool_calls: false`"
            return f"it makes {len(honest)} calls at once, and the request {why}"
    for call in honest:
        if reason := _wrong(call, request, _DISOBEDIENT in meant):
            return reason
    return None


def changed(reply: Reply, request: ChatRequest, tools: Sequence[Tool]) -> str:
    """A sentence on the tools of a reply whose schemas are not those of the scenario's own `tools`; "" for none."""
    known = {tool.name: tool.parameters for tool in tools}
    others = [
        call
        for call in reply.calls
        if (offered := request.tool(call.name)) and offered.parameters != known.get(call.name, offered.parameters)
    ]
    return f". The file's `tools` have another schema for {_names(others)}: it may have changed" if others else ""


def _names_of(fault: str | None) -> frozenset[str]:
    if not fault:
        return frozenset()
    from mockserver.faults import UnknownFault, parse_cached  # scripts without faults start without them

    try:
        return frozenset(chosen.name for chosen in parse_cached(fault))
    except UnknownFault:  # which is told when the fault is to happen
        return frozenset()


def _says_text(request: ChatRequest) -> str | None:
    choice = request.tool_choice
    if choice.mode != "required":
        return None
    wanted = f"`{choice.only[0]}`" if choice.named and choice.only else "a call (`tool_choice: required`)"
    return f"it says text, and the request demands {wanted}"


def _wrong(call: ToolCall, request: ChatRequest, disobedient: bool) -> str | None:
    tool = request.tool(call.name)
    if tool is None:
        offered = [tool.name for tool in request.tools]
        return f"it calls `{call.name}`, which is not offered.{nearest(call.name, offered)} Offered: {_all(offered)}."
    only = request.tool_choice.only
    if only is not None and call.name not in only and not disobedient:
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


# What is wrong about an object's keys is wrong whatever a placeholder among its values will be.
_ABOUT_KEYS = ("Required", "AdditionalProperties", "MinProperties", "MaxProperties")


@dataclass(frozen=True, slots=True)
class Misfit:
    """One difference; `path` leads into the arguments."""

    path: tuple[str | int, ...]
    message: str


def misfits_of(call: ToolCall, tool: Tool) -> Iterator[Misfit]:
    """Everything in a call's arguments that its tool does not take; values of placeholders are anybody's guess.

    A custom tool takes any text.
    """
    if tool.kind == "custom":
        return
    try:
        values = json.loads(call.arguments)
    except ValueError as error:
        yield Misfit((), f"the arguments are not JSON ({error})")
        return
    if not isinstance(values, dict):
        yield Misfit((), "the arguments are not an object")
    elif tool.parameters is None:
        if values:
            yield Misfit((), f"`{tool.name}` takes no arguments")
    elif not wrong_schema(tool):
        for found in _validator(tool).iter_errors(values):
            path = tuple(found.instance_path)
            if call.verbatim or _certain(found, _at(values, path)):
                yield Misfit(path, found.message)


@lru_cache(maxsize=4096)
def first_misfit(arguments: str, tool: Tool) -> Misfit | None:
    """The first difference of final arguments; asked for every reply, and mostly about the same ones."""
    return next(misfits_of(ToolCall(tool.name, arguments, verbatim=True), tool), None)


def wrong_schema(tool: Tool) -> str | None:
    """What is wrong with a tool's schema itself."""
    if tool.parameters is None:
        return None
    import jsonschema_rs

    try:
        _validator(tool)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        return str(error).splitlines()[0]
    return None


@lru_cache(maxsize=256)
def _validator(tool: Tool) -> Any:
    import jsonschema_rs

    return jsonschema_rs.validator_for(dict(tool.parameters or {}))


def _certain(found: Any, value: Any) -> bool:
    guessed = any(True for text in texts_in(value) for _ in paths(text))
    return not guessed or type(found.kind).__name__ in _ABOUT_KEYS


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        value = value[part]
    return value
