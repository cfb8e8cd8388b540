"""Check of replies: calls against the schemas of `tools`, and placeholders that can never have a value."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from mockserver.chat import AS_WRITTEN, Reply, Tool, ToolCall
from mockserver.scenario.contradictions import Misfit, misfits_of, wrong_schema
from mockserver.scenario.file.tree import Node, Path, Report, written
from mockserver.scenario.formatting import nearest
from mockserver.scenario.model import Rule, Scenario, Turn
from mockserver.scenario.placeholders import paths, texts_in
from mockserver.scenario.request_view import is_tool
from mockserver.scenario.when import When


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
    for (key, index), part in scenario.parts():
        before = scenario.turns[:index] if key == "turns" else ()
        for inside, placeholder in _placeholders(part):
            if mistake := _valueless(placeholder.split("."), part, before, scenario):
                path: Path = (key, index, *inside)
                report.error(tree.at(path).mark, f"{written(path)}: {{{placeholder}}} has never a value: {mistake}")


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
        names = frozenset().union(*((turn.when or When()).names for turn in (*before, part)))
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
        for call in turn.say.calls if isinstance(turn.say, Reply) else ():
            made[call.name] += turn.times
    return made
