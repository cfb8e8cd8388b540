"""What faults of the set of calls are named for."""

from collections.abc import Callable, Sequence
from typing import Any

from tests.fault_answers import Call, Case, strictly
from tests.fault_predicates.changes import Predicate, leaves, same_but_calls, told

What = list[tuple[Any, Any]]


def what(calls: Sequence[Call]) -> What:
    """What is called, whatever the ids."""
    return [(call.name, call.arguments) for call in calls]


def calls(rule: Callable[[What, What, Case], bool]) -> Predicate:
    """Other calls are made, each under an id of its own; nothing else differs."""

    def judged(case: Case) -> bool:
        before, after = case.before.said, case.after.said
        ids = [call.id for call in after.calls if call.id is not None]
        return (
            len(set(ids)) == len(ids)
            and same_but_calls(before, after)
            and rule(what(before.calls), what(after.calls), case)
        )

    return judged


def only_calls(rule: Callable[[What, What, Case], bool]) -> Predicate:
    """Nothing but calls, whatever was said before."""

    def judged(case: Case) -> bool:
        before, after = case.before.said, case.after.said
        silent = after.text is None and after.refusal is None and after.finish in ("tool_calls", "stop")
        return silent and bool(after.calls) and rule(what(before.calls), what(after.calls), case)

    return judged


def offered(made: What, case: Case) -> bool:
    """Whether all of it is offered."""
    return all(case.request.tool(name) is not None for name, _ in made)


def one_more(old: What, new: What, case: Case) -> bool:
    """Whether one call that was not there is made after the others."""
    return new[:-1] == old and new[-1] not in old and offered(new[-1:], case)


def _instead(old: What, new: What, case: Case) -> bool:
    return not old and len(new) == 1 and offered(new, case)


def _made_up(old: What, new: What, case: Case) -> bool:
    texts = [leaf for leaf in leaves(strictly(new[0][1])) if isinstance(leaf, str)]
    text = told(case)
    return (
        len(new) == 1
        and new != old[:1]
        and offered(new, case)
        and not any(leaf.casefold() in text for leaf in texts if leaf)
    )


def _without_one(old: What, new: What, _: Case) -> bool:
    return len(new) == len(old) - 1 and any([*old[:gone], *old[gone + 1 :]] == new for gone in range(len(old)))


def _several_times(old: What, new: What, case: Case) -> bool:
    times = case.parameters["times"]
    return any([*old[:place], *[old[place]] * times, *old[place + 1 :]] == new for place in range(len(old)))


def _dependent(old: What, new: What, case: Case) -> bool:
    return one_more(old, new, case) and f"<result of {old[0][0]}>" in new[-1][1]


def _turned(old: What, new: What, _: Case) -> bool:
    return old != new and sorted(old) == sorted(new)


def _no_call(case: Case) -> bool:
    before, after = case.before.said, case.after.said
    ended = after.finish == "stop" and after.refusal == before.refusal
    return bool(before.calls) and not after.calls and bool(after.text) and ended


def _partly(case: Case) -> bool:
    before, after = case.before.said, case.after.said
    some = len(after.calls)
    fewer = 0 < some < len(before.calls) and before.calls[:some] == after.calls
    rest = (before.refusal, before.finish) == (after.refusal, after.finish)
    return fewer and rest and after.text == "That covers everything you asked for."


def _mixed(old: What, new: What, _: Case) -> bool:
    good, (name, broken) = new[:-1], new[-1]
    meant = old[-1] if len(old) > 1 else old[0]
    cut = meant[1].startswith(broken) and strictly(broken) is None
    return cut and name == meant[0] and good == (old[:-1] if len(old) > 1 else old)


PREDICATES: dict[str, Predicate] = {
    "call_when_irrelevant": only_calls(_instead),
    "call_without_required_info": only_calls(_made_up),
    "no_call_when_needed": _no_call,
    "too_few_parallel": calls(_without_one),
    "too_many_parallel": calls(one_more),
    "duplicate_call": calls(_several_times),
    "sequential_instead_of_parallel": calls(lambda old, new, _: len(old) > 1 and new == old[:1]),
    "parallel_despite_disabled": calls(
        lambda old, new, case: not case.request.parallel_tool_calls and one_more(old, new, case)
    ),
    "premature_dependent_call": calls(_dependent),
    "wrong_order": calls(_turned),
    "partial_of_compound": _partly,
    "mixed_valid_invalid": calls(_mixed),
}
