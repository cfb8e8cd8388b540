"""Placeholders that no conversation can give a value."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from mockserver.chat import Reply
from mockserver.scenario.file.tree import Node, Path, Report, written
from mockserver.scenario.model import Rule, Scenario, Turn
from mockserver.scenario.placeholders import paths, texts_in
from mockserver.scenario.tool_names import is_tool
from mockserver.scenario.when import When


def prove_placeholders(tree: Node, scenario: Scenario, report: Report) -> None:
    """Report captures that no condition makes, and results of calls that no earlier turn makes."""
    for (key, index), part in scenario.parts():
        before = scenario.turns[:index] if key == "turns" else ()
        for inside, placeholder in _placeholders(part):
            if mistake := _mistake(placeholder.split("."), part, before, scenario):
                path: Path = (key, index, *inside)
                report.error(tree.at(path).mark, f"{written(path)}: {{{placeholder}}} has never a value: {mistake}")


def _placeholders(part: Turn | Rule) -> Iterator[tuple[Path, str]]:
    if not isinstance(part.say, Reply) or (isinstance(part, Turn) and part.heard is not None):
        return
    for key, said in (("text", part.say.text), ("refusal", part.say.refusal)):
        yield from (((key,), path) for path in paths(said or ""))
    for index, call in enumerate(part.say.calls):
        if call.kind == "custom":
            yield from ((("calls", index, "input"), path) for path in paths(call.arguments))
        elif not call.verbatim:
            for text in texts_in(json.loads(call.arguments)):
                yield from ((("calls", index, "with"), path) for path in paths(text))


def _mistake(placeholder: list[str], part: Turn | Rule, before: Sequence[Turn], scenario: Scenario) -> str | None:
    first, *rest = placeholder
    if first == "capture":
        names = frozenset().union(*((turn.when or When()).names for turn in (*before, part)))
        known = ", ".join(sorted(names)) or "none"
        return None if rest[0] in names else f"no condition up to here captures `{rest[0]}` (captured: {known})"
    # A rule answers in conversations of any kind, and so may a script's turn: calls can be in them already.
    if first != "result" or isinstance(part, Rule) or scenario.order == "arrival":
        return None
    made = _calls(before)
    count = sum(number for name, number in made.items() if is_tool(rest[0], name) or is_tool(name, rest[0]))
    if int(rest[1]) < count:
        return None
    counted = ", ".join(f"{name}: {number}" for name, number in made.items()) or "none"
    return f"the turns before make too few calls of `{rest[0]}` (calls before: {counted})"


def _calls(turns: Sequence[Turn]) -> Counter[str]:
    made: Counter[str] = Counter()
    for turn in turns:
        for call in turn.say.calls if isinstance(turn.say, Reply) else ():
            made[call.name] += turn.times
    return made
