"""Where a scripted reply contradicts the request that it answers."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from mockserver.chat import AS_WRITTEN, ChatRequest, Reply, Tool, ToolCall
from mockserver.scenario.error_messages import listed, nearest
from mockserver.scenario.placeholders import Path, paths, texts_in, whole

_DISOBEDIENT = "tool_choice_ignored"
_AT_ONCE = "parallel_despite_disabled"
_HOPS = 16
"""So many references and combinations of schemas are followed."""


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
    tools = {tool.name: tool for tool in reversed(request.tools)}
    for call in honest:
        if reason := _wrong(call, tools.get(call.name), request, _DISOBEDIENT in meant):
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


def _wrong(call: ToolCall, tool: Tool | None, request: ChatRequest, disobedient: bool) -> str | None:
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
    kind = type(found.kind).__name__
    # A placeholder with words around it is a text, whatever its value will be.
    is_text = isinstance(value, str) and not whole(value)
    return not guessed or kind in _ABOUT_KEYS or (is_text and kind == "Type")


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


@dataclass(frozen=True, slots=True)
class ParameterTypes:
    """The parameters of the tools that a request offers, by name; see `placeholders.Parameters`."""

    tools: Mapping[str, Tool]

    def takes_text(self, tool: str, path: Path) -> bool | None:
        """Whether a parameter takes text; None where the schema does not say, or the tool is not offered."""
        offered = self.tools.get(tool)
        if offered is None or offered.parameters is None:
            return None
        places: list[Any] = [offered.parameters]
        for step in path:
            places = [inner for place in places for inner in _inner(place, offered.parameters, step)]
        said = [text for place in places if (text := _takes_text(place, offered.parameters)) is not None]
        return all(said) if said else None

    def misfits(self, call: ToolCall) -> dict[Path, str]:
        """What is wrong with the final arguments of a call, by path."""
        offered = self.tools.get(call.name)
        final = replace(call, verbatim=True)
        return {found.path: found.message for found in misfits_of(final, offered)} if offered is not None else {}


def _inner(schema: Any, root: Mapping[str, Any], step: str | int, hops: int = _HOPS) -> Iterator[Any]:
    """The schemas of a property or an entry: in the schema itself, and in those that it refers to or combines."""
    if not isinstance(schema, Mapping) or not hops:
        return
    for part in _parts(schema, root):
        yield from _inner(part, root, step, hops - 1)
    if isinstance(step, int):
        prefix = schema.get("prefixItems") or ()
        if step < len(prefix):
            yield prefix[step]
        elif "items" in schema:
            yield schema["items"]
    elif step in (properties := schema.get("properties") or {}):
        yield properties[step]
    elif "additionalProperties" in schema:
        yield schema["additionalProperties"]


def _parts(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[Any]:
    if isinstance(schema.get("$ref"), str):
        yield _referred(schema["$ref"], root)
    for key in ("allOf", "anyOf", "oneOf"):
        yield from schema.get(key) or ()


def _referred(reference: str, root: Mapping[str, Any]) -> Any:
    place: Any = root if reference.startswith("#") else None
    for step in filter(None, reference[1:].split("/")):
        place = place.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(place, Mapping) else None
    return place


def _takes_text(schema: Any, root: Mapping[str, Any], hops: int = _HOPS) -> bool | None:
    """Whether a schema takes text; None where it does not say."""
    if not isinstance(schema, Mapping) or not hops:
        return None
    said: list[bool | None] = []
    if "type" in schema:
        said.append("string" in (schema["type"] if isinstance(schema["type"], list | tuple) else [schema["type"]]))
    elif "properties" in schema or "items" in schema:
        said.append(False)
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    if values:
        said.append(any(isinstance(value, str) for value in values))
    for key in ("anyOf", "oneOf"):
        branches = [_takes_text(branch, root, hops - 1) for branch in schema.get(key) or ()]
        said.append(any(text is not False for text in branches) if branches else None)
    inner = [_referred(schema["$ref"], root)] if isinstance(schema.get("$ref"), str) else []
    said += [_takes_text(part, root, hops - 1) for part in (*inner, *(schema.get("allOf") or ()))]
    known = [text for text in said if text is not None]
    return all(known) if known else None
