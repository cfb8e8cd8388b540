"""Check of conditions: those that can never hold, and rules shadowed by earlier ones."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from fnmatch import fnmatchcase
from math import ceil, floor, inf

from mockserver.chat import ApiError, Reply
from mockserver.scenario.error_messages import nearest, quoted
from mockserver.scenario.file.tree import Node, Path, Report, written
from mockserver.scenario.match_view import is_tool
from mockserver.scenario.scenario_model import Rule, Scenario, Turn
from mockserver.scenario.value_conditions import Bounds, Spoken, Text
from mockserver.scenario.when import When

_TEXTS = ("user_says", "system_says", "assistant_said")


def check_conditions(tree: Node, scenario: Scenario, report: Report) -> None:
    """Report conditions that contradict themselves, their words or their place, and warn of shadowed rules."""

    def error(path: Path, message: str) -> None:
        report.error(tree.at(path).mark, f"{written(path)}: {message}")

    for path, part in scenario.parts():
        when = part.when or When()
        for inside, message in (*_contradictions(when, ()), *_forbidden(part, when), *_not_here(scenario, when)):
            error((*path, "when", *inside), message)
    for index, turn in enumerate(scenario.turns):
        if turn.either and turn.when is not None:
            for inside, message in (*_contradictions(turn.when, ()), *_not_here(scenario, turn.when)):
                error(("turns", index, "when", *inside), message)
        for number, message in _never_reached(turn):
            error(("turns", index, "either", number), message)
        for path, when in _whens(index, turn) if scenario.order == "conversation" else ():
            for key, message in (
                *_nothing_before(scenario.turns, index, when),
                *_out_of_place(scenario.turns, index, when),
                *_never_called(scenario, index, when),
            ):
                error((*path, "when", key), message)
    for index, rule in enumerate(scenario.rules):
        earlier = next((n for n, other in enumerate(scenario.rules[:index]) if _shadows(other, rule)), None)
        if earlier is not None:
            message = f"never used: rule {earlier + 1} answers whatever this rule would"
            report.warn(tree.at(("rules", index)).mark, f"{written(('rules', index))}: {message}")
        if _answers_itself(rule):
            place: Path = ("rules", index, "when", "tool_results")
            message = "this rule can answer its own results for ever: add `times`, `turn` or `not: {called: …}`"
            report.warn(tree.at(place).mark, f"{written(place)}: {message}")


def _contradictions(when: When, path: Path) -> Iterator[tuple[Path, str]]:
    for name in _TEXTS:
        if (text := getattr(when, name)) is not None:
            yield from _impossible(text, (*path, name))
    for name, text in when.tool_results if isinstance(when.tool_results, tuple) else ():
        yield from _impossible(text, (*path, "tool_results", name))
    for key, least in (("tool_results", 0), ("turn", 1)):
        if isinstance(bounds := getattr(when, key), Bounds) and not _has_number(bounds, least):
            yield (*path, key), f"never holds: no number from {least} up is {bounds}"
    for index, part in enumerate(when.any_of):
        yield from _contradictions(part, (*path, "any", index))
    if when.no is not None:
        if when.no == When():
            yield (*path, "not"), "never holds: an empty condition always does"
        yield from _contradictions(when.no, (*path, "not"))


def _impossible(text: Text, path: Path) -> Iterator[tuple[Path, str]]:
    without = Text(text.contains, None, text.matches, text.no)
    if text.equals is not None and not without.fits(Spoken(text.equals)):
        yield path, f"never holds: '{text.equals}' is not a text that {without}"
    elif text.no is not None and _implies_text(Text(text.contains, None, text.matches), text.no):
        yield path, f"never holds: a text that {Text(text.contains, None, text.matches)} is just what `not` excludes"


def _forbidden(part: Turn | Rule, when: When) -> Iterator[tuple[Path, str]]:
    """Words that the API's own rules exclude under the condition."""
    if not isinstance(part.say, Reply) or part.fault is not None:
        return
    if part.say.calls and when.tool_choice == "none" and not all(call.fault for call in part.say.calls):
        yield ("tool_choice",), "under tool_choice `none` a model makes no calls"
    if not part.say.calls and when.tool_choice not in (None, "none", "auto"):
        yield ("tool_choice",), f"under tool_choice `{when.tool_choice}` a model must call, not only speak"


def _not_here(scenario: Scenario, when: When) -> Iterator[tuple[Path, str]]:
    """Conditions that the rest of the file excludes: tools it does not name, models it is not meant for."""
    known = [tool.name for tool in scenario.tools]
    for index, name in enumerate(when.tools if known else ()):
        if not any(is_tool(name, other) for other in known):
            yield ("tools", index), f"never holds: the tool `{name}` is not among `tools`.{nearest(name, known)}"
    is_exact = when.model is not None and not any(sign in when.model for sign in "*?[")
    if is_exact and scenario.model is not None and not fnmatchcase(when.model or "", scenario.model):
        yield ("model",), f"never holds: the scenario answers only for models called {quoted(scenario.model)}"


def _whens(index: int, turn: Turn) -> Iterator[tuple[Path, When]]:
    """The condition of a turn and those of its alternatives, each with the path of its holder."""
    if turn.when is not None:
        yield ("turns", index), turn.when
    for number, part in enumerate(turn.either):
        if part.when is not None:
            yield ("turns", index, "either", number), part.when


def _never_reached(turn: Turn) -> Iterator[tuple[int, str]]:
    """Alternatives whose condition an earlier one meets as well."""
    for number, part in enumerate(turn.either):
        for earlier, other in enumerate(turn.either[:number]):
            if part.when is not None and other.when is not None and _covers(other.when, part.when):
                yield number, f"never reached: alternative {earlier + 1} holds whenever this one does"
                break


def _nothing_before(turns: Sequence[Turn], index: int, when: When) -> Iterator[tuple[str, str]]:
    """Results that the first turn waits for: a scenario without a text to open with opens at the first user message."""
    if index != 0:
        return
    none = isinstance(when.tool_results, Bounds) and when.tool_results.holds(0)
    if when.tool_results and not none and not turns[0].mentions(*_TEXTS):
        yield "tool_results", "never holds: nothing was called before the first user message"
    if when.called:
        yield "called", "never holds: no call was made before the scenario opens"


def _never_called(scenario: Scenario, index: int, when: When) -> Iterator[tuple[str, str]]:
    """Calls that neither the turns before nor the rules make."""
    replies = [say for turn in scenario.turns[:index] for say in turn.replies] + [rule.say for rule in scenario.rules]
    made = [call.name for say in replies if isinstance(say, Reply) for call in say.calls]
    for name, _ in when.called if index else ():
        if not any(is_tool(name, other) or is_tool(other, name) for other in made):
            yield "called", f"never holds: no turn before this one, and no rule, calls `{name}`"


def _out_of_place(turns: Sequence[Turn], index: int, when: When) -> Iterator[tuple[str, str]]:
    """Conditions that the turns before this one make impossible."""
    before = [other for other in turns[:index] if not isinstance(other.say, ApiError)]
    earliest = sum(other.times for other in before) + 1
    if when.turn is not None and 1 <= _highest(when.turn) < earliest:
        yield "turn", f"never holds: after the turns before it, this is turn {earliest} of a conversation or later"
    said = before[-1].say if before and not before[-1].either else None
    if isinstance(said, Reply) and turns[index].times == 1:
        yield from _missing_results(when, said)


def _missing_results(when: When, said: Reply) -> Iterator[tuple[str, str]]:
    made = len(said.calls)
    if isinstance(when.tool_results, int | Bounds):
        possible = isinstance(when.tool_results, int) or _has_number(when.tool_results, 0)
        if possible and not any(_allows(when.tool_results, number) for number in range(made + 1)):
            wanted = when.tool_results
            yield "tool_results", f"never holds: the turn before calls for {made} results, not for {wanted}"
        return
    for name, _ in when.tool_results or ():
        if not any(is_tool(name, call.name) or is_tool(call.name, name) for call in said.calls):
            yield "tool_results", f"never holds: the turn before does not call `{name}`"


def _shadows(earlier: Rule, later: Rule) -> bool:
    """Whether the earlier rule answers every request that the later one would."""
    if earlier.times is not None or (later.answers_results and not earlier.answers_results):
        return False
    return _covers(earlier.when, later.when)


def _covers(earlier: When, later: When) -> bool:
    """Whether one condition holds whenever the other does."""
    nothing = When()
    return all(
        _implies(getattr(later, field.name), getattr(earlier, field.name))
        for field in fields(When)
        if getattr(earlier, field.name) != getattr(nothing, field.name)
    )


def _allows(condition: int | Bounds, number: int) -> bool:
    return condition.holds(number) if isinstance(condition, Bounds) else condition == number


def _highest(condition: int | Bounds) -> float:
    """The highest whole number that meets a condition."""
    if isinstance(condition, int):
        return condition
    below = condition.below if condition.below is not None else inf
    at_most = condition.at_most if condition.at_most is not None else inf
    return min(below - 1 if below == _floor(below) else _floor(below), _floor(at_most))


def _has_number(bounds: Bounds, least: int) -> bool:
    """Whether a whole number from `least` up is within the bounds."""
    above = _floor(bounds.above) + 1 if bounds.above is not None else least
    at_least = ceil(bounds.at_least) if bounds.at_least is not None else least
    return max(least, above, at_least) <= _highest(bounds)


def _floor(number: float) -> float:
    """The whole number below, of finite ones."""
    return number if number == inf else floor(number)


def _answers_itself(rule: Rule) -> bool:
    """Whether the results of a rule's own calls, whatever they hold, let it answer again and again."""
    when = rule.when
    if rule.times is not None or not isinstance(rule.say, Reply) or not rule.say.calls:
        return False
    if when.mentions("turn", "called", "test") or when.tool_results is None:
        return False
    if not isinstance(when.tool_results, tuple):
        return _allows(when.tool_results, len(rule.say.calls))
    own = [call.name for call in rule.say.calls]
    return all(text == Text() and any(is_tool(name, call) for call in own) for name, text in when.tool_results)


def _implies(given: object, wanted: object) -> bool:
    if isinstance(given, int) and isinstance(wanted, Bounds):
        return wanted.holds(given)
    if isinstance(given, Text) and isinstance(wanted, Text):
        return _implies_text(given, wanted)
    return given == wanted


def _implies_text(given: Text, wanted: Text) -> bool:
    """Whether every text that is like `given` is like `wanted`; False where that cannot be told."""
    if given == wanted:
        return True
    if given.equals is not None:
        return wanted.fits(Spoken(given.equals.strip())) and wanted.matches is None
    only_contained = wanted.contains is not None and wanted == Text(contains=wanted.contains)
    return only_contained and given.contains is not None and wanted.fits(Spoken(given.contains))
