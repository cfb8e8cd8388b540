"""Whether the calls of a scenario fit the tools that it names, and are wrong where they say so."""

from mockserver.chat import AS_WRITTEN, Reply, Tool, ToolCall
from mockserver.scenario.contradictions import Misfit, misfits_of, wrong_schema
from mockserver.scenario.file.tree import Node, Path, Report, written
from mockserver.scenario.formatting import nearest
from mockserver.scenario.model import Scenario, Turn


def prove_calls(tree: Node, scenario: Scenario, report: Report) -> None:
    """Report wrong calls that do not say so, calls that say so and are right, and schemas that are none."""
    if not scenario.tools:
        return
    for index, tool in enumerate(scenario.tools):
        schema = ("tools", index, "function", "parameters")
        if mistake := wrong_schema(tool):
            report.error(tree.at(schema).mark, f"{written(schema)}: this is no JSON Schema: {mistake}")
    for path, part in scenario.parts():
        if isinstance(part, Turn) and part.heard is not None:
            continue  # a real model said it, right or wrong
        for index, call in enumerate(part.say.calls if isinstance(part.say, Reply) else ()):
            _prove(tree, (*path, "calls", index), call, scenario.tools, report)


def _prove(tree: Node, path: Path, call: ToolCall, tools: tuple[Tool, ...], report: Report) -> None:
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
