"""What faults of arguments that fit the schema and are wrong are named for."""

import json
import re
from typing import Any

from tests.fault_answers import Case, strictly
from tests.fault_predicates.changes import (
    Change,
    Predicate,
    is_number,
    leaves,
    one_place,
    same_but_calls,
    told,
)

PLACEHOLDER = re.compile(
    r"<.*>|YOUR_.*|\{.*\}|string|example@example\.com|https://example\.com|2000-01-01|[0-]+|1234?5?"
)
REFERENCE = re.compile(r"\{\{.*\.result.*\}\}|<result of .*>|\$\{.*\.id\}")
ATTACK = re.compile(r"\.\./|DROP TABLE|cat /etc/passwd|169\.254\.|\x00")
BROAD = ("*", "all", "admin", "everyone", "org-admin", "any", "write", "full")
FACTORS = (60, 100, 1000, 1.609, 3.281)


def _never_named(one: Change) -> bool:
    text = told(one.case)
    return one.shows(lambda new: not isinstance(new, dict | list) and str(new).casefold() not in text)


def _swapped(one: Change) -> bool:
    old, new = map(leaves, (one.old, one.new))
    differing = [pair for pair in zip(old, new, strict=True) if pair[0] != pair[1]] if len(old) == len(new) else []
    return len(differing) == 2 and differing[0] == differing[1][::-1]


def _scaled(one: Change) -> bool:
    if one.made_up:
        return one.shows(is_number)
    if not is_number(one.old) or not is_number(one.new) or one.old == one.new:
        return False
    scaled = [value for factor in FACTORS for value in (one.old * factor, one.old / factor)]
    return any(abs(one.new - value) <= max(0.51, abs(value) * 1e-6) for value in scaled)


def _nearly(one: Change) -> bool:
    if isinstance(one.old, str) and isinstance(one.new, str):
        return one.old != one.new and len(one.old) - len(one.new) in (0, 1) and _apart(one.old, one.new) <= 2
    return is_number(one.old) and is_number(one.new) and 0 < abs(one.old - one.new) <= 1.0001


def _apart(old: str, new: str) -> int:
    """The length of what differs between a common beginning and a common end."""
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    return max(len(old), len(new)) - start - end


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    differing = (place for place, marks in enumerate(zip(one, other, strict=False)) if marks[0] != marks[1])
    return next(differing, min(len(one), len(other)))


def _earlier(one: Change) -> bool:
    past = [strictly(call.arguments) for message in one.case.request.messages for call in message.tool_calls]
    return one.old != one.new and any(leaf == one.new for values in past for leaf in leaves(values))


def _other_year(one: Change) -> bool:
    def dated(new: Any) -> bool:
        return isinstance(new, str) and re.search(r"\b202[123]-\d\d", new) is not None

    same_day = [re.sub(r"\d{4}(?=-\d\d)", "", str(value)).replace("-02-29", "-02-28") for value in (one.old, one.new)]
    return one.shows(dated) and (one.made_up or (one.old != one.new and same_day[0] == same_day[1]))


def _other_words(one: Change) -> bool:
    """A name in the text is another one, what stands around it stays."""
    return isinstance(one.old, str) and isinstance(one.new, str) and one.old != one.new and bool(one.new)


def _merged(case: Case) -> bool:
    before, after = case.before.said, case.after.said
    if not same_but_calls(before, after) or not 0 < len(after.calls) < len(before.calls):
        return False
    wanted = [leaf for call in before.calls for leaf in leaves(strictly(call.arguments)) if isinstance(leaf, str)]
    now = [leaf for call in after.calls for leaf in leaves(strictly(call.arguments)) if isinstance(leaf, str)]
    folded = [leaf for leaf in now if leaf not in wanted]
    return len(folded) == 1 and sum(leaf in folded[0] for leaf in dict.fromkeys(wanted)) >= 2


def _written_there(one: Change) -> bool:
    schema = json.dumps(one.schema, ensure_ascii=False)
    return one.shows(lambda new: json.dumps(new, ensure_ascii=False).strip('"') in schema)


PREDICATES: dict[str, Predicate] = {
    "ungrounded_value": one_place(_never_named),
    "placeholder_value": one_place(lambda one: one.shows(lambda new: PLACEHOLDER.fullmatch(str(new)) is not None)),
    "copied_example": one_place(_written_there),
    "unresolved_reference": one_place(lambda one: one.shows(lambda new: REFERENCE.fullmatch(str(new)) is not None)),
    "invented_id": one_place(_never_named),
    "swapped_values": one_place(_swapped),
    "unit_error": one_place(_scaled),
    "near_miss_value": one_place(_nearly),
    "stale_value": one_place(_earlier),
    "wrong_date_resolution": one_place(_other_year),
    "over_broad_scope": one_place(lambda one: one.shows(lambda new: new in BROAD)),
    "empty_string_required": one_place(lambda one: one.old not in ("", None) and one.new == ""),
    "translated_value": one_place(_other_words),
    "unsafe_value": one_place(lambda one: one.shows(lambda new: ATTACK.search(str(new)) is not None)),
    "merged_value": _merged,
}
