"""What faults of the envelope are named for: a body, or what the chunks of a stream add up to, changed here alone."""

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from tests.fault_answers import Answer, Call, Case, Only, strictly
from tests.fault_predicates.changes import Predicate, one_call

ANTHROPIC = re.compile(r"toolu_\w{24}")


def becomes(change: Callable[[Any, Case], object]) -> Predicate:
    """The sound body with this change made to it is the faulty one, to the last key."""

    def judged(case: Case) -> bool:
        expected = deepcopy(case.before.body)
        change(expected, case)
        return bool(expected == case.after.body)

    return judged


def message(body: Any) -> Any:
    """The message of the first choice."""
    return body["choices"][0]["message"]


def each_call(change: Callable[[Any], object]) -> Predicate:
    """Every call has this change."""

    def changed(body: Any, _: Case) -> None:
        for call in message(body).get("tool_calls") or ():
            change(call)

    return becomes(changed)


def ids(rule: Callable[[list[Any], list[Any], Case], bool]) -> Predicate:
    """The ids are others; the bodies are the same but for them."""

    def judged(case: Case) -> bool:
        old, new = (
            [call["id"] for call in answer.message.get("tool_calls") or ()] for answer in (case.before, case.after)
        )
        return (
            old != new
            and len(old) == len(new)
            and _without_ids(case.before) == _without_ids(case.after)
            and rule(old, new, case)
        )

    return judged


def _without_ids(answer: Answer) -> Any:
    body = deepcopy(answer.body)
    for call in message(body)["tool_calls"]:
        del call["id"]
    return body


def _other_style(old: list[Any], new: list[Any], _: Case) -> bool:
    return len(set(new)) == len(new) and all(ANTHROPIC.fullmatch(one) for one in new)


def _long(old: list[Any], new: list[Any], case: Case) -> bool:
    pairs = zip(old, new, strict=True)
    return all(len(long) == case.parameters["length"] > 40 and long.startswith(short) for short, long in pairs)


def _reused(old: list[Any], new: list[Any], case: Case) -> bool:
    earlier = {call.id for one in case.request.messages for call in one.tool_calls}
    return len([one for one in new if one in earlier]) == 1 and len([one for one in new if one not in old]) == 1


def _twice(old: list[Any], new: list[Any], _: Case) -> bool:
    return len(set(new)) == len(new) - 1 and {*new} < {*old}


def _old_form(body: Any, _: Case) -> None:
    told = message(body)
    if len(told.get("tool_calls") or ()) == 1:
        told["function_call"] = told.pop("tool_calls")[0]["function"]
        body["choices"][0]["finish_reason"] = "function_call"


def _tool_calls(value: Any) -> Predicate:
    def changed(body: Any, case: Case) -> None:
        assert not message(body).get("tool_calls")
        message(body)["tool_calls"] = value

    return becomes(changed)


def _content(change: Callable[[Any], object]) -> Predicate:
    def judged(case: Case) -> bool:
        return (
            not case.before.said.text
            and bool(case.before.said.calls)
            and becomes(lambda body, _: change(message(body)))(case)
        )

    return judged


def finish(reason: str, rule: Callable[[Case], bool]) -> Predicate:
    """It ends with this reason, and says what the rule judges."""
    return lambda case: case.after.said.finish == reason and rule(case)


def _says_the_same(case: Case) -> bool:
    return case.before.said._replace(finish=None) == case.after.said._replace(finish=None)


def _cut(case: Case) -> bool:
    """The last call's arguments end too early; a text where there is no call."""
    before, after = case.before.said, case.after.said
    if not before.calls:
        return before._replace(text=after.text, finish=after.finish) == after and _ends_early(before.text, after.text)
    *whole, last = before.calls
    calls = (*whole, last._replace(arguments=after.calls[-1].arguments)) if after.calls else ()
    return before._replace(calls=calls, finish=after.finish) == after and _torn(last.arguments, calls[-1].arguments)


def _ends_early(whole: str | None, cut: str | None) -> bool:
    return bool(whole) and bool(cut) and whole != cut and str(whole).startswith(str(cut))


def _torn(whole: str, cut: str) -> bool:
    return _ends_early(whole, cut) and strictly(cut) is None


def _lost(old: Call, new: Call, case: Case) -> bool:
    whole, kept = strictly(old.arguments), strictly(new.arguments)
    return (
        old.name == new.name
        and isinstance(kept, dict)
        and [*whole.items()][: len(kept)] == [*kept.items()]
        and len(kept) < len(whole)
    )


def _no_calls(case: Case) -> bool:
    before, after = case.before.said, case.after.said
    return not after.calls and (before.text, before.refusal) == (after.text, after.refusal)


def _beside(**words: str | None) -> Callable[[Case], bool]:
    def judged(case: Case) -> bool:
        text = case.parameters["text"]
        wanted = {key: text if value == "text" else value for key, value in words.items()}
        return case.after.said == case.before.said._replace(**wanted)  # type: ignore[arg-type]  # only texts are replaced

    return judged


def _nothing(case: Case) -> bool:
    after = case.after.said
    usage = (case.after.body or {}).get("usage") if isinstance(case.after.body, dict) else None
    empty = (after.text, after.refusal, after.calls) == (None, None, ())
    return empty and after.finish == case.parameters["finish"] and (usage is None or usage["completion_tokens"] == 0)


def _second(case: Case) -> bool:
    (told,), choices = case.before.body["choices"], case.after.body["choices"]
    if (
        len(choices) != 2
        or {**choices[1], "index": 0} != told
        or {**case.after.body, "choices": [told]} != case.before.body
    ):
        return False
    silent = choices[0]["message"]
    return choices[0]["finish_reason"] == "stop" and not silent.get("content") and not silent.get("tool_calls")


def _wrapped(case: Case) -> bool:
    def wrap(value: Any) -> Any:
        return {"data": value, "success": True}

    if case.after.chunks is not None and case.before.chunks is not None:
        return [chunk.get("success") for chunk in case.after.chunks] == [True] * len(case.after.chunks) != []
    return bool(case.after.body == wrap(case.before.body))


def _refused_by_server(case: Case) -> bool:
    call, error = case.before.said.calls[0], (case.after.body or {}).get("error") or {}
    written = f"<function={call.name}>{call.arguments}</function>"
    return (case.after.status, error.get("code"), error.get("failed_generation")) == (400, "tool_use_failed", written)


def _thought(case: Case) -> bool:
    before, after = case.before, case.after
    text = after.message.get("content") or ""
    found = re.fullmatch(r"<think>\n.+\n</think>\n\n(.*)", text, re.DOTALL)
    if found is None or found[1] != (before.message.get("content") or ""):
        return False
    expected = deepcopy(before.body)
    message(expected)["content"] = text
    return bool(expected == after.body)


def _set(**values: Any) -> Callable[[Any], object]:
    return lambda found: found.update(values)


PREDICATES: dict[str, Predicate] = {
    "duplicate_ids": ids(_twice),
    "id_reused_across_turns": ids(_reused),
    "missing_id": each_call(lambda call: call.pop("id")),
    "null_id": each_call(_set(id=None)),
    "empty_id": each_call(_set(id="")),
    "overlong_id": ids(_long),
    "foreign_id_style": ids(_other_style),
    "missing_type": each_call(lambda call: call.pop("type")),
    "wrong_type": each_call(_set(type="tool_call")),
    "legacy_function_call": becomes(_old_form),
    "empty_tool_calls_list": _tool_calls([]),
    "null_tool_calls": _tool_calls(None),
    "finish_stop_with_calls": finish(
        "stop", lambda case: bool(case.after.said.calls) and _says_the_same(case) and case.before.said.finish != "stop"
    ),
    "finish_tool_calls_without_calls": finish("tool_calls", _no_calls),
    "finish_length_mid_arguments": finish("length", _cut),
    "length_hidden_as_tool_calls": finish("tool_calls", _cut),
    "truncated_but_valid": one_call(_lost),
    "finish_content_filter": finish("content_filter", _cut),
    "finish_unknown": finish("malformed_function_call", _says_the_same),
    "finish_null": becomes(lambda body, _: [choice.update(finish_reason=None) for choice in body["choices"]]),
    "content_missing": _content(lambda told: told.pop("content")),
    "content_array": _content(_set(content=[])),
    "content_empty": _content(_set(content="")),
    "choices_empty": becomes(lambda body, _: body.update(choices=[])),
    "calls_in_second_choice": _second,
    "non_standard_envelope": _wrapped,
    "reasoning_leak": _thought,
    "content_with_calls": _beside(text="text"),
    "refusal": lambda case: _beside(refusal="text", text=None)(
        case._replace(before=Only(case.before.said._replace(calls=(), finish="stop")))
    ),
    "refusal_with_calls": _beside(refusal="text"),
    "empty_reply": _nothing,
    "tool_use_failed_400": _refused_by_server,
}
