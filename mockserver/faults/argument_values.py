"""Arguments of a call beside their schema: the terms in which argument faults are written."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from mockserver.chat import Reply, Tool, ToolCall
from mockserver.faults.fault import Apply, Context, DoesNotApply, NotHere
from mockserver.faults.locations import ABSENT, Site, sites

Values = dict[str, Any]
_DRAWS = 4
Propose = Callable[["Arguments"], Iterator[Values]]


@dataclass(frozen=True, slots=True)
class Arguments:
    """A call's arguments, its tool, and the context of the fault that changes it."""

    values: Values
    tool: Tool
    context: Context

    @property
    def schema(self) -> Mapping[str, Any]:
        """The schema of the tool's arguments."""
        return schema_of(self.tool)

    def valid(self, values: Values) -> bool:
        """Whether values fit the schema."""
        return values_fit(self.tool, values)

    def value_at(self, site: Site) -> Any:
        """The value of a place; one that is left out is made up."""
        return self.another(site) if site.value is ABSENT else site.value

    def another(self, site: Site) -> Any:
        """A value that the place might have had, made up by its name and schema."""
        name = site.name or "value"
        schema = {key: value for key, value in site.schema.items() if key not in ("default", "examples", "example")}
        holder = {"type": "object", "properties": {name: schema}, "required": [name]}
        made_up = self.context.made_up(holder, self.schema)
        return made_up.get(name) if isinstance(made_up, dict) else None

    def given(self) -> Iterator[Site]:
        """The places that the call gives a value for, itself."""
        return (site for site in self.sites() if site.value is not ABSENT and site.base is self.values)

    def sites(self) -> Iterator[Site]:
        """The places that a fault may change, in an order drawn from the seed: those in use before those left out."""
        return sites(self.values, self.schema, self.context)


def schema_of(tool: Tool) -> Mapping[str, Any]:
    """The schema of a tool's arguments; a tool without one takes none."""
    return tool.parameters if tool.parameters is not None else {"type": "object", "properties": {}}


@lru_cache(maxsize=512)
def judge_of(tool: Tool) -> Any:
    """What judges values by a tool's schema; None when the schema is none."""
    import jsonschema_rs  # deferred: a run without faults of arguments does without it

    try:
        return jsonschema_rs.validator_for(dict(schema_of(tool)), validate_formats=True, offline=True)
    except (ValueError, TypeError, RecursionError, jsonschema_rs.ReferencingError):
        return None


def values_fit(tool: Tool, values: Any) -> bool:
    """Whether values fit the schema of a tool; a schema that is none fits nothing."""
    judge = judge_of(tool)
    try:
        return judge is not None and bool(judge.is_valid(values))
    except ValueError:  # half of a surrogate pair, which no schema is meant for
        return False


def breaking(looked_for: str) -> Callable[[Propose], Apply]:
    """For a fault that proposes arguments: the first proposal that does not fit the schema is taken."""
    return _first(looked_for, lambda arguments, values: not arguments.valid(values))


def fitting(looked_for: str, *, here: bool = False) -> Callable[[Propose], Apply]:
    """For a fault that proposes arguments: the first proposal that fits the schema and differs is taken.

    `here` says that what is looked for depends on the conversation rather than on the schema.
    """
    return _first(looked_for, lambda arguments, values: arguments.valid(values), here)


def either(looked_for: str) -> Callable[[Propose], Apply]:
    """For a fault that proposes arguments: the first proposal that differs is taken."""
    return _first(looked_for, lambda _, __: True)


def breaking_if_possible(looked_for: str) -> Callable[[Propose], Apply]:
    """For a fault that proposes arguments: the first proposal that does not fit the schema, or else the first one."""

    def adapt(propose: Propose) -> Apply:
        strict, loose = breaking(looked_for)(propose), either(looked_for)(propose)

        def apply(reply: Reply, context: Context) -> Reply:
            try:
                return strict(reply, context)  # type: ignore[no-any-return]  # it gives what it got: a reply
            except DoesNotApply:
                return loose(reply, context)  # type: ignore[no-any-return]  # so does this

        return apply

    return adapt


def _first(
    looked_for: str, accepted: Callable[[Arguments, Values], bool], here: bool = False
) -> Callable[[Propose], Apply]:
    def adapt(propose: Propose) -> Apply:
        def changed(call: ToolCall, tool: Tool, context: Context) -> ToolCall:
            arguments = arguments_of(call, tool, context)
            for values in propose(arguments):
                if values != arguments.values and accepted(arguments, values):
                    return replace(call, arguments=written(values, like=call.arguments))
            if here:
                raise NotHere(f"there is no {looked_for} in the call of {tool.name}")
            raise DoesNotApply(f"there is no {looked_for} in the parameters of {tool.name}")

        return on_one_call(changed)

    return adapt


def values_of(call: ToolCall) -> dict[str, Any] | None:
    """A call's arguments; None when they are not a JSON object."""
    try:
        values = json.loads(call.arguments)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def arguments_of(call: ToolCall, tool: Tool, context: Context) -> Arguments:
    """The arguments of a call, understood.

    Raises:
        DoesNotApply: they are not a JSON object, or the schema of the tool is not one.
    """
    if tool.kind == "custom":
        raise DoesNotApply(f"{tool.name} is a custom tool, which takes plain text")
    values = values_of(call)
    if values is None:
        raise DoesNotApply(f"the arguments of {call.name} are not a JSON object already")
    if judge_of(tool) is None:
        raise DoesNotApply(f"the parameters of {tool.name} are not a valid JSON Schema")
    return Arguments(values, tool, context)


def written(values: Any, like: str) -> str:
    """Values as JSON text, with spaces or without as in the text that they replace."""
    compact = ": " not in like and ", " not in like and len(like) > len("{}")
    return json.dumps(values, ensure_ascii=False, separators=(",", ":") if compact else None)


def on_one_call(change: Callable[[ToolCall, Tool, Context], ToolCall]) -> Apply:
    """For a fault of one call of an offered tool: which one is drawn among those that it can change."""

    def checked(call: ToolCall, context: Context) -> ToolCall:
        tool = context.request.tool(call.name)
        if tool is None:
            raise DoesNotApply(f"{call.name or 'the function called'} is not an offered tool")
        return change(call, tool, context)

    return on_any_call(checked)


def on_any_call(change: Callable[[ToolCall, Context], ToolCall]) -> Apply:
    """For a fault of one call, of an offered tool or not: which one is drawn among those that it can change."""

    def apply(reply: Reply, context: Context) -> Reply:
        reasons: list[DoesNotApply] = []
        for index in targets(reply, context):
            try:
                changed = change(reply.calls[index], context)
            except DoesNotApply as reason:
                reasons.append(reason)
                continue
            return replace(reply, calls=(*reply.calls[:index], changed, *reply.calls[index + 1 :]))
        kind = NotHere if all(isinstance(reason, NotHere) for reason in reasons) else DoesNotApply
        raise kind("; ".join(dict.fromkeys(map(str, reasons))))

    return apply


def targets(reply: Reply, context: Context) -> list[int]:
    """The calls that a fault may change, in an order drawn from the seed.

    Raises:
        NotHere: it was asked for another call.
    """
    wanted = context.target
    found = [
        index
        for index, call in enumerate(reply.calls)
        if wanted.call in (None, index + 1) and wanted.tool in (None, call.name)
    ]
    if not found:
        missing = f"call {wanted.call}" if wanted.call is not None else "call"
        of = f" of {wanted.tool}" if wanted.tool is not None else ""
        raise NotHere(f"the reply has no {missing}{of}")
    context.chance.shuffle(found)
    return found


def invented_call(tool: Tool, context: Context) -> ToolCall:
    """A call of an offered function with made-up arguments that fit.

    Raises:
        DoesNotApply: nothing fits its schema.
    """
    schema = schema_of(tool)
    for _ in range(_DRAWS):
        values = context.made_up(schema, schema)
        if isinstance(values, dict) and values_fit(tool, values):
            return ToolCall(tool.name, written(values, like=""))
    raise DoesNotApply(f"no arguments could be made up for {tool.name}")
