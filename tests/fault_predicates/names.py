"""What faults of the function's name and choice are named for."""

import re
from collections.abc import Callable
from typing import Any

from tests.fault_answers import Call, Case, strictly
from tests.fault_predicates.changes import Predicate, on_the_wire, one_call, same_but_calls

LETTERS = re.compile(r"[^a-z0-9]")


def name(rule: Callable[[str, Any], bool]) -> Predicate:
    """One call has another name, one that is not offered; its arguments and all else are the same."""

    def judged(old: Call, new: Call, case: Case) -> bool:
        return old.arguments == new.arguments and not _offered(new, case) and rule(old.name, new.name)

    return one_call(judged)


def _offered(call: Call, case: Case) -> bool:
    return isinstance(call.name, str) and case.request.tool(call.name) is not None


def _fitting(old: Call, new: Call, case: Case) -> bool:
    return old.name != new.name and _offered(new, case) and isinstance(strictly(new.arguments), dict)


def _all_wrapped(case: Case) -> bool:
    before, after = case.before.said, case.after.said
    if not same_but_calls(before, after) or [call.name for call in after.calls] != ["multi_tool_use.parallel"]:
        return False
    uses = [
        {"recipient_name": f"functions.{call.name}", "parameters": strictly(call.arguments)} for call in before.calls
    ]
    return bool(strictly(after.calls[0].arguments) == {"tool_uses": uses})


def _code(old: Call, new: Call, _: Case) -> bool:
    return new.name == "python" and new.arguments.startswith(f"print({old.name}(") and strictly(new.arguments) is None


def _withdrawn(old: Call, new: Call, case: Case) -> bool:
    past = [(call.name, call.arguments) for message in case.request.messages for call in message.tool_calls]
    return not _offered(new, case) and (new.name, new.arguments) in past


def _with_arguments(old: Call, new: Call, case: Case) -> bool:
    values = strictly(old.arguments)
    written = isinstance(values, dict) and all(f"{key}=" in new.name for key in values)
    return (
        old.arguments == new.arguments
        and re.fullmatch(rf"{old.name}\(.*\)", new.name, re.DOTALL) is not None
        and written
    )


def _disobeys(case: Case) -> bool:
    choice, after = case.request.tool_choice, case.after.said
    if after.refusal is not None or after.finish not in ("stop", "tool_calls"):
        return False
    if not after.calls:
        return choice.mode == "required" and bool(after.text) and bool(case.before.said.calls)
    if len(after.calls) > 1 or not _offered(after.calls[0], case):
        return False
    if choice.mode == "none":
        return after.text is None and not case.before.said.calls
    return choice.named and after.calls[0].name not in (choice.only or ())


PREDICATES: dict[str, Predicate] = {
    "unknown_function": name(lambda _, new: re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", new) is not None),
    "wrong_function": one_call(_fitting),
    "wrong_case_name": name(lambda old, new: new.casefold() == old.casefold()),
    "separator_drift": name(lambda old, new: LETTERS.sub("", new.casefold()) == LETTERS.sub("", old.casefold())),
    "functions_prefix": name(lambda old, new: new == f"functions.{old}"),
    "namespaced_name": name(
        lambda old, new: (
            re.fullmatch(rf"\w+(\.|__){re.escape(old)}", new) is not None and not new.startswith("functions")
        )
    ),
    "multi_tool_use_parallel": _all_wrapped,
    "python_tool": one_call(_code),
    "json_tool": name(lambda _, new: new == "json"),
    "special_token_in_name": name(lambda old, new: re.fullmatch(rf"{re.escape(old)}<\|\w+\|>\w*", new) is not None),
    "doubled_name": name(lambda old, new: new == old * 2),
    "name_with_args": one_call(_with_arguments),
    "padded_name": name(lambda old, new: new != old and new.strip() == old),
    "empty_name": name(lambda _, new: new == ""),
    "null_name": on_the_wire(lambda old, new: new == {**old, "name": None}),
    "invalid_name_chars": name(
        lambda old, new: re.fullmatch(r"[\w-]+", new) is None and new[:-1].replace(" ", "_") == old
    ),
    "overlong_name": name(lambda old, new: len(new) > 64 and new.startswith(old)),
    "unavailable_function": one_call(_withdrawn),
    "tool_choice_ignored": _disobeys,
}
