"""Check of replies: calls against the schemas of `tools`, placeholders without a value, faults that never apply."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from mockserver.chat import AS_WRITTEN, ChatRequest, Message, Reply, Tool, ToolCall
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
from mockserver.scenario.contradictions import Misfit, misfits_of, wrong_schema
from mockserver.scenario.error_messages import nearest
from mockserver.scenario.file.tree import Node, Path, Report, written
from mockserver.scenario.match_view import is_tool
from mockserver.scenario.placeholders import holds_placeholder, paths, texts_in
from mockserver.scenario.scenario_model import Rule, Scenario, Turn
from mockserver.scenario.when import When
from mockserver.simulate.bounds import TooMuch

_ANY_MOMENT = SchedulePoint(turn=1, attempt=1, seed="0")

_BY_THE_CALLS = ("args_text", "text_call", "name", "envelope")
"""Categories whose faults find what they break in the calls themselves; those of the next find it in the tools."""
_BY_THE_TOOLS = ("args_schema", "callset")
_WITHOUT_CALLS = ("call_when_irrelevant", "never_finish", "empty_tool_calls_list", "null_tool_calls")
"""Faults of a reply without calls."""


def check_calls(tree: Node, scenario: Scenario, report: Report) -> None:
    """Report invalid calls without a mark, valid calls marked as wrong, and invalid schemas."""
    if not scenario.tools:
        return
    for index, tool in enumerate(scenario.tools):
        schema = ("tools", index, "function", "parameters")
        if mistake := wrong_schema(tool):
            report.error(tree.at(schema).mark, f"{written(schema)}: this is not a JSON Schema: {mistake}")
    for path, part in scenario.parts():
        if isinstance(part, Turn) and part.heard is not None:
            continue  # a real model said it, right or wrong
        for index, call in enumerate(part.say.calls if isinstance(part.say, Reply) else ()):
            _check_call(tree, (*path, "calls", index), call, scenario.tools, report)


def check_placeholders(tree: Node, scenario: Scenario, report: Report) -> None:
    """Report captures that no condition makes, and results of calls that no earlier turn makes."""
    for where, part in scenario.parts():
        before = scenario.turns[: int(where[1])] if where[0] == "turns" else ()
        for inside, placeholder in _placeholders(part):
            if mistake := _valueless(placeholder.split("."), part, before, scenario):
                path: Path = (*where, *inside)
                report.error(tree.at(path).mark, f"{written(path)}: {{{placeholder}}} has never a value: {mistake}")


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


def _check_call(tree: Node, path: Path, call: ToolCall, tools: tuple[Tool, ...], report: Report) -> None:
    tool = next((tool for tool in tools if tool.name == call.name), None)
    misfits = [_unknown(call.name, tools)] if tool is None else list(misfits_of(call, tool))
    if call.fault == AS_WRITTEN:
        if not misfits:
            place = (*path, "fault")
            message = "this call is right: leave `fault: as_written` out, or make the call wrong"
            report.error(tree.at(place).mark, f"{written(place)}: {message}")
        return
    key = "call" if tool is None else "arguments" if call.verbatim else "with"
    for misfit in misfits:
        inside = (*path, key, *misfit.path)
        # Raw text has no places inside it.
        mark = tree.at((*path, key)).mark if call.verbatim else tree.at(inside).mark
        message = f"{misfit.message} (if it is meant to be wrong, say `fault: as_written`)"
        report.error(mark, f"{written(inside)}: {message}")


def _unknown(name: str, tools: tuple[Tool, ...]) -> Misfit:
    return Misfit(
        (), f"the tool `{name}` is not among `tools`.{nearest(name, [tool.name for tool in tools])}".rstrip(".")
    )


def _placeholders(part: Turn | Rule) -> Iterator[tuple[Path, str]]:
    if not isinstance(part.say, Reply) or (isinstance(part, Turn) and part.heard is not None):
        return
    for key, said in (("text", part.say.text), ("refusal", part.say.refusal), ("thinking", part.say.thinking)):
        yield from (((key,), path) for path in paths(said or ""))
    for index, call in enumerate(part.say.calls):
        if call.kind == "custom":
            yield from ((("calls", index, "input"), path) for path in paths(call.arguments))
        elif not call.verbatim:
            for text in texts_in(json.loads(call.arguments)):
                yield from ((("calls", index, "with"), path) for path in paths(text))


def _valueless(placeholder: list[str], part: Turn | Rule, before: Sequence[Turn], scenario: Scenario) -> str | None:
    first, *rest = placeholder
    if first == "capture":
        # A rule answers after any of the turns.
        turns = scenario.turns if isinstance(part, Rule) else before
        own = (part.when or When()).names
        names = own.union(*(when.names for turn in turns for when in turn.conditions))
        known = ", ".join(sorted(names)) or "none"
        return None if rest[0] in names else f"no condition up to here captures `{rest[0]}` (captured: {known})"
    # A rule answers in conversations of any kind, and so may a script's turn: calls can be in them already.
    if first != "result" or isinstance(part, Rule) or scenario.order == "arrival":
        return None
    made = _call_counts(before)
    count = sum(number for name, number in made.items() if is_tool(rest[0], name) or is_tool(name, rest[0]))
    if int(rest[1]) < count:
        return None
    counted = ", ".join(f"{name}: {number}" for name, number in made.items()) or "none"
    return f"the turns before make too few calls of `{rest[0]}` (calls before: {counted})"


def _call_counts(turns: Sequence[Turn]) -> Counter[str]:
    made: Counter[str] = Counter()
    for turn in turns:
        # Of alternatives the one that makes most calls of a tool.
        counts = [Counter(call.name for call in say.calls) for say in turn.replies if isinstance(say, Reply)]
        for name in dict.fromkeys(name for count in counts for name in count):
            made[name] += turn.times * max(count[name] for count in counts)
    return made


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
