"""Check of faults: those that can never apply where they are named."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from mockserver.chat import AS_WRITTEN, ChatRequest, Message, Reply, Tool
from mockserver.faults import (
    Fault,
    FaultSpec,
    NotApplicable,
    NotProducible,
    SchedulePoint,
    Sources,
    inject,
    parse,
)
from mockserver.scenario.file.tree import Node, Path, Report, written
from mockserver.scenario.model import Rule, Scenario, Turn
from mockserver.scenario.placeholders import holds_placeholder
from mockserver.scenario.when import When
from mockserver.simulate.bounds import TooMuch

_ANY_MOMENT = SchedulePoint(turn=1, attempt=1, seed="0")

_BY_THE_CALLS = ("args_text", "text_call", "name", "envelope")
"""Categories whose faults find what they break in the calls themselves; those of the next find it in the tools."""
_BY_THE_TOOLS = ("args_schema", "callset")
_WITHOUT_CALLS = ("call_when_irrelevant", "never_finish", "empty_tool_calls_list", "null_tool_calls")
"""Faults of a reply without calls."""


def check_faults(tree: Node, scenario: Scenario, report: Report) -> None:
    """Report faults that cannot be produced, that lack what they need, or find nothing in the calls and the tools."""
    for path, part in scenario.parts():
        several = isinstance(tree.at(path).content, dict) and "fault" not in tree.at(path).content
        for inside, message in _inapplicable(part, scenario.tools):
            place: Path = (*path, "faults") if several and inside == ("fault",) else (*path, *inside)
            report.error(tree.at(place).mark, f"{written(place)}: {message}")
    for chosen in scenario.faults:
        if chosen.fault.impossible is not None:
            report.error(tree.mark, str(NotProducible(chosen)))


def _inapplicable(part: Turn | Rule, tools: Sequence[Tool]) -> Iterator[tuple[Path, str]]:
    calls = tuple(part.say.calls) if isinstance(part.say, Reply) else ()
    for index, call in enumerate(calls):
        for chosen in parse(call.fault) if call.fault not in (None, AS_WRITTEN) else ():
            if reason := _reason(chosen, Reply(calls=(call,)), tools, part.when):
                yield ("calls", index, "fault"), reason
    for chosen in parse(part.fault or ""):
        if isinstance(part.say, Reply) and (reason := _reason(chosen, part.say, tools, part.when)):
            yield ("fault",), reason


def _reason(chosen: FaultSpec, say: Reply, tools: Sequence[Tool], when: When | None) -> str | None:
    if chosen.fault.impossible is not None:
        return str(NotProducible(chosen))
    if lacking := _lacking(chosen.fault, len(say.calls), when or When()):
        return str(NotApplicable(chosen, lacking))
    # What it finds in the conversation is known only then; what the calls and the schemas allow, the file tells.
    told = chosen.fault.category in (*_BY_THE_CALLS, *(_BY_THE_TOOLS if tools else ()))
    needs_more = "conversation" in chosen.fault.needs or ("schema" in chosen.fault.needs and not tools)
    if not told or needs_more or any(holds_placeholder(call.arguments) for call in say.calls):
        return None
    target = replace(chosen.target, call=None)
    always = replace(chosen, rate=None, once=False, attempts=None, turn=None, target=target)
    sound = replace(say, calls=tuple(replace(call, fault=None) for call in say.calls), fault=None)
    request = ChatRequest("gpt-4o", (Message("user", "Hello"),), tuple(tools))
    try:
        inject(sound, request, Sources(server=(always,)), _ANY_MOMENT, _invented)
    except (NotApplicable, TooMuch) as error:
        return str(error)
    return None


def _invented(schema: Any, root: Any, seed: str) -> Any:
    """A value for a schema, as the simulated model would make one up."""
    from mockserver.simulate.invent import invent  # deferred: most files have no fault that makes anything up

    return invent(schema, root, seed)


def _lacking(fault: Fault, calls: int, when: When) -> str | None:
    """What a fault needs that no answer of this turn will ever have."""
    if not calls and {"call", "several calls"} & {*fault.needs}:
        return "this turn makes no call"
    if calls == 1 and "several calls" in fault.needs:
        return "this is one call, and it takes several"
    if calls and fault.name in _WITHOUT_CALLS:
        return "this turn makes a call, and it shows in a reply without one"
    if when.stream is not None and ("plain" if when.stream else "stream") in fault.needs:
        return f"it shows in a {'plain' if when.stream else 'streamed'} answer only, and `when` excludes that"
    if when.turn == 1 and "conversation" in fault.needs:
        return "it needs earlier turns, and `when` asks for the first one"
    return None
