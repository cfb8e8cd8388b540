"""Faults that cannot strike where they are named."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mockserver.chat import ChatRequest, Message, Reply, Tool, ToolCall
from mockserver.faults import (
    AS_WRITTEN,
    Chosen,
    Moment,
    NotApplicable,
    NotProducible,
    Sources,
    Spent,
    World,
    befall,
    parse,
)
from mockserver.scenario.file.tree import Node, Path, Report, written
from mockserver.scenario.placeholders import holds_placeholder
from mockserver.scenario.values import Rule, Scenario, Turn

_ANY_MOMENT = Moment(turn=1, attempt=1, session="", seed="0")


def _any_value(*_: object) -> str:
    """What is invented is of no matter: whether there is a place for it is asked."""
    return "something"


_WORLD = World(Spent(), _any_value)


def prove_faults(tree: Node, scenario: Scenario, report: Report) -> None:
    """Report faults that nobody can produce, that lack the calls they need, or find nothing in a tool's schema."""
    for path, part in scenario.parts():
        several = isinstance(tree.at(path).content, dict) and "fault" not in tree.at(path).content
        for inside, message in _useless(part, scenario.tools):
            place: Path = (*path, "faults") if several and inside == ("fault",) else (*path, *inside)
            report.error(tree.at(place).mark, f"{written(place)}: {message}")
    for chosen in scenario.faults:
        if chosen.fault.impossible is not None:
            report.error(tree.mark, str(NotProducible(chosen)))


def _useless(part: Turn | Rule, tools: Sequence[Tool]) -> Iterator[tuple[Path, str]]:
    calls = tuple(part.say.calls) if isinstance(part.say, Reply) else ()
    for index, call in enumerate(calls):
        for chosen in parse(call.fault) if call.fault not in (None, AS_WRITTEN) else ():
            if reason := _reason(chosen, (call,), tools):
                yield ("calls", index, "fault"), reason
    for chosen in parse(part.fault or ""):
        if isinstance(part.say, Reply) and (reason := _reason(chosen, calls, tools)):
            yield ("fault",), reason


def _reason(chosen: Chosen, calls: tuple[ToolCall, ...], tools: Sequence[Tool]) -> str | None:
    fault = chosen.fault
    if fault.impossible is not None:
        return str(NotProducible(chosen))
    if "call" in fault.needs and not calls:
        return str(NotApplicable(chosen, "this turn makes no call"))
    if "several calls" in fault.needs and len(calls) == 1:
        return str(NotApplicable(chosen, "this is one call, and it takes several"))
    # What it finds in the conversation is known only then; what a schema allows, the file tells.
    if fault.category != "args_schema" or not tools or any(holds_placeholder(call.arguments) for call in calls):
        return None
    always = replace(chosen, rate=None, once=False, attempts=None, turn=None, target=replace(chosen.target, call=None))
    sound = Reply(calls=tuple(replace(call, fault=None) for call in calls))
    request = ChatRequest("gpt-4o", (Message("user", "Hello"),), tuple(tools))
    try:
        befall(sound, request, Sources(request=str(always)), _ANY_MOMENT, _WORLD)
    except NotApplicable as error:
        return str(error)
    return None
