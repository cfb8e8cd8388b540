"""What faults over several turns are named for."""

import re
from collections.abc import Callable

from tests.fault_answers import Case, strictly
from tests.fault_predicates.callsets import What, calls, offered, one_more, only_calls, what
from tests.fault_predicates.changes import Predicate, told

ACTING = re.compile(r"send|delete|book|buy|order|cancel|create|update", re.IGNORECASE)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def _past(case: Case) -> What:
    return [(call.name, call.arguments) for message in case.request.messages for call in message.tool_calls]


def _last_turn(case: Case) -> What:
    return what_of(next(message.tool_calls for message in reversed(case.request.messages) if message.tool_calls))


def what_of(made: object) -> What:
    """What the calls of a message call."""
    return [(call.name, call.arguments) for call in made]  # type: ignore[attr-defined]  # calls, of a reply or of a message


def _results(case: Case) -> list[str]:
    return [message.content or "" for message in case.request.results]


def _failed(case: Case) -> What:
    wrong = {message.tool_call_id for message in case.request.results if "error" in (message.content or "")}
    return [
        (call.name, call.arguments)
        for message in case.request.messages
        for call in message.tool_calls
        if call.id in wrong
    ]


def _answered(case: Case) -> What:
    given = {m.tool_call_id for m in case.request.messages if m.role == "tool" and "error" not in (m.content or "")}
    made = [call for message in case.request.messages for call in message.tool_calls]
    return [(call.name, call.arguments) for call in made if call.id in given]


def text(rule: Callable[[str, Case], bool]) -> Predicate:
    """Words stand in the place of everything."""

    def judged(case: Case) -> bool:
        before, after = case.before.said, case.after.said
        ended = after.finish == "stop" and after.refusal is None and not after.calls
        return ended and after.text != before.text and after.text is not None and rule(after.text, case)

    return judged


def beside(rule: Callable[[str], bool]) -> Predicate:
    """Words stand beside the very same calls."""

    def judged(case: Case) -> bool:
        before, after = case.before.said, case.after.said
        same = bool(after.calls) and before._replace(text=None) == after._replace(text=None)
        return same and after.text is not None and rule(after.text)

    return judged


def _called(words: Callable[[str], str] = str) -> Callable[[str, Case], bool]:
    return lambda said, case: any(words(call.name) in said for call in case.before.said.calls)


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _other(said: str, case: Case) -> bool:
    """A number that the result has not, or the opposite of what it says."""
    numbers = NUMBER.findall(said)
    return (
        not any(number in _results(case)[-1] for number in numbers) and "is" in said
    ) or "The tool says that" in said


def _another(_: What, new: What, case: Case) -> bool:
    """Of the earlier calls the latest that is not the last one; where there is none, the last one varied."""
    last, *_ = _last_turn(case)
    others = [call for call in _past(case) if call != last]
    varied = new[0][0] == last[0] and new[0] != last and offered(new, case)
    return len(new) == 1 and (new[0] == others[-1] if others else varied)


def _leaks(old: What, new: What, case: Case) -> bool:
    secret = re.search(r"sk-\w+", told(case))
    return len(new) == 1 and offered(new, case) and secret is not None and secret[0] in new[0][1].casefold()


def _acts(old: What, new: What, case: Case) -> bool:
    return len(new) == 1 and offered(new, case) and ACTING.match(new[0][0]) is not None and new[0][0] not in dict(old)


def _obeys(old: What, new: What, case: Case) -> bool:
    return len(new) == 1 and offered(new, case) and any(new[0][0] in result for result in _results(case))


def _slightly(old: What, new: What, case: Case) -> bool:
    changed = [(was, now) for was, now in zip(old, new, strict=True) if was != now] if len(old) == len(new) else []
    return len(changed) == 1 and changed[0][0][0] == changed[0][1][0] and isinstance(strictly(changed[0][1][1]), dict)


def _further(old: What, new: What, case: Case) -> bool:
    return not old and len(new) == 1 and offered(new, case) and new[0] not in _past(case)


def _made_up(said: str, case: Case) -> bool:
    return said.startswith(f"{case.before.said.calls[0].name} returned:\n{{")


def _broken_rule(case: Case) -> bool:
    before, after = case.before.said, case.after.said
    ended = (after.refusal, after.finish) == (None, "tool_calls" if after.calls else "stop")
    admits = re.search(r"^Just this once I will do without this: |^Sure, I will ", after.text or "") is not None
    return admits and ended and what(after.calls) in ([], what(before.calls))


PREDICATES: dict[str, Predicate] = {
    "repeat_loop": only_calls(lambda _, new, case: new == _last_turn(case)),
    "alternating_loop": only_calls(_another),
    "retry_same_error": only_calls(lambda _, new, case: len(new) == 1 and new[0] in _failed(case)),
    "forget_result": only_calls(lambda _, new, case: len(new) == 1 and new[0] in _answered(case)),
    "never_finish": only_calls(_further),
    "early_finish": text(lambda said, case: bool(case.before.said.calls) and "everything" in said),
    "ignore_tool_error": text(
        lambda said, case: any(_spoken(name) in said and "without problems" in said for name, _ in _failed(case))
    ),
    "ignore_tool_result": text(
        lambda said, case: not any(word in said for result in _results(case) for word in re.findall(r"\w{5,}", result))
    ),
    "contradict_result": text(_other),
    "fabricated_tool_result": text(_made_up),
    "orphan_result_expected": text(
        lambda said, case: "waiting for the result of" in said and any(tool.name in said for tool in case.request.tools)
    ),
    "claim_without_call": text(
        lambda said, case: _called(_spoken)(said, case) and re.search("Done!|I have just", said) is not None
    ),
    "announce_without_call": text(
        lambda said, case: _called()(said, case) and re.search("I will now|Let me", said) is not None
    ),
    "needless_question": text(lambda said, case: bool(case.before.said.calls) and said.endswith("?")),
    "policy_forgotten": _broken_rule,
    "injected_call": only_calls(_obeys),
    "exfiltration_call": only_calls(_leaks),
    "unauthorised_action": only_calls(_acts),
    "confirmation_skipped": beside(lambda said: said.startswith("Shall I") and said.endswith("?")),
    "self_confirmed": beside(lambda said: said.startswith("Shall I") and "User: Yes" in said),
    "stale_confirmation": calls(_slightly),
    "scope_creep": calls(one_more),
    "call_after_refusal": beside(lambda said: "can't" in said),
}
