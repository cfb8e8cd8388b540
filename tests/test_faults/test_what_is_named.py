"""What a fault of a call is named for is what changed, and nothing beside it: judged on every kind of schema."""

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from mockserver.chat import Reply, ToolCall
from mockserver.faults import CATALOGUE
from tests.fault_law import outcomes, strictly
from tests.fault_situations import KINDS, Situation, situations

SEEDS = range(3)


class Change(NamedTuple):
    """The one place where two arguments differ: its path, what stood there and what stands there now."""

    path: tuple[Any, ...]
    old: Any
    new: Any
    call: ToolCall
    situation: Situation

    @property
    def name(self) -> Any:
        return self.path[-1] if self.path else None

    @property
    def told(self) -> str:
        """What the conversation holds."""
        said = [
            f"{m.content} {' '.join(call.arguments for call in m.tool_calls)}" for m in self.situation.request.messages
        ]
        return "\n".join(said).casefold()


def change(old: Any, new: Any, path: tuple[Any, ...] = ()) -> tuple[tuple[Any, ...], Any, Any]:
    """The smallest place that holds every difference."""
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        differing = [key for key in old if old[key] != new[key] or type(old[key]) is not type(new[key])]
        if len(differing) == 1:
            return change(old[differing[0]], new[differing[0]], (*path, differing[0]))
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        places = [
            place for place in range(len(old)) if old[place] != new[place] or type(old[place]) is not type(new[place])
        ]
        if len(places) == 1:
            return change(old[places[0]], new[places[0]], (*path, places[0]))
    if isinstance(old, dict) and isinstance(new, dict) and len(new.keys() - old.keys()) == 1:
        (added,) = new.keys() - old.keys()
        if all(new[key] == old[key] for key in old if key in new) and old.keys() <= new.keys():
            return (*path, added), None, new[added]
    return path, old, new


def changes(name: str) -> list[Change]:
    found = []
    for kind in KINDS:
        for situation in situations(kind):
            struck = [outcome.value for outcome in outcomes(CATALOGUE[name], situation, SEEDS)]
            for reply in struck:
                old, new = differing(situation.reply, reply)
                found.append(Change(*change(strictly(old.arguments), strictly(new.arguments)), new, situation))
            if struck:
                break
    return found


def differing(before: Reply, after: Reply) -> tuple[ToolCall, ToolCall]:
    (pair,) = [(old, new) for old, new in zip(before.calls, after.calls, strict=True) if old != new]
    return pair


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def within(value: Any, kinds: Any) -> bool:
    """A plain value of these kinds, or one within a value that was made up around it."""
    if isinstance(value, dict):
        return any(within(inner, kinds) for inner in value.values())
    if isinstance(value, list):
        return any(within(inner, kinds) for inner in value)
    return isinstance(value, kinds)


def added(one: Change) -> bool:
    return one.old is None or (isinstance(one.old, dict) and len(one.new) > len(one.old))


def lost(one: Change) -> bool:
    """A key is gone, or an object was made up that lacks one."""
    return one.old is None or (isinstance(one.old, dict) and len(one.new) < len(one.old))


NAMED: dict[str, Callable[[Change], bool]] = {
    "unknown_param": added,
    "unknown_nested_param": added,
    "additional_false_violation": added,
    "missing_required": lost,
    "missing_nested_required": lost,
    "misnamed_param": lambda one: sorted(map(str, one.old.values())) == sorted(map(str, one.new.values())),
    "empty_object": lambda one: one.path == () and one.new == {},
    "wrapped_arguments": lambda one: one.new == {} or list(one.new.values()) == [one.old],
    "number_as_string": lambda one: within(one.new, str) and (one.old is None or is_number(one.old)),
    "string_as_number": lambda one: is_number(one.new) or within(one.new, int),
    "boolean_as_string": lambda one: within(one.new, str | int),
    "float_for_integer": lambda one: within(one.new, float),
    "scalar_for_array": lambda one: one.old is None or (isinstance(one.old, list) and one.new in one.old),
    "array_as_string": lambda one: isinstance(one.new, str) or within(one.new, str),
    "object_as_string": lambda one: isinstance(one.new, str) and (one.old is None or json.loads(one.new) == one.old),
    "array_for_scalar": lambda one: within(one.new, object) and (one.old is None or one.new == [one.old]),
    "object_for_scalar": lambda one: one.old is None or list(one.new.values()) == [one.old],
    "null_not_nullable": lambda one: one.new is None or within(one.new, type(None)),
    "enum_wrong_case": lambda one: not isinstance(one.old, str) or one.old.casefold() == one.new.casefold(),
    "ungrounded_value": lambda one: str(one.new).casefold() not in one.told,
    "empty_string_required": lambda one: one.new == "",
    "swapped_values": lambda one: sorted(map(str, leaves(one.old))) == sorted(map(str, leaves(one.new))),
    "unit_error": lambda one: within(one.new, int | float),
    "stale_value": lambda one: str(one.new).casefold() in one.told,
    "invented_id": lambda one: str(one.new).casefold() not in one.told,
    "wrong_date_resolution": lambda one: "202" in str(one.new),
    "near_miss_value": lambda one: type(one.old) is type(one.new) or is_number(one.new),
    "unresolved_reference": lambda one: bool(re.search(r"\{\{|<result of|\$\{", str(one.new))),
}


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict | list):
        return [leaf for inner in (value.values() if isinstance(value, dict) else value) for leaf in leaves(inner)]
    return [value]


@pytest.mark.parametrize("name", NAMED)
def test_what_a_fault_is_named_for_is_what_changed(name: str) -> None:
    found = changes(name)

    assert found
    assert not [(one.path, one.old, one.new) for one in found if not NAMED[name](one)]


TEXTS: dict[str, Callable[[str, str], bool]] = {
    "truncated_json": lambda old, new: old.startswith(new) and old != new,
    "missing_closing_brace": lambda old, new: old.startswith(new) and not old[len(new) :].strip(" \n}]"),
    "trailing_comma": lambda old, new: new.replace(",}", "}") == old,
    "missing_comma": lambda old, new: len(new) == len(old) - 1 and new.count(",") == old.count(",") - 1,
    "single_quotes": lambda old, new: '"' not in re.sub(r"'(?:[^'\\]|\\.)*'", "", new),
    "code_fence": lambda old, new: new == f"```json\n{old}\n```",
    "leading_text": lambda old, new: new.endswith(old) and new != old,
    "trailing_text": lambda old, new: new.startswith(old) and new != old,
    "concatenated_objects": lambda old, new: new.startswith(old) and isinstance(strictly(new[len(old) :]), dict),
    "repeated_whole": lambda old, new: new == old * 2,
    "double_encoded": lambda old, new: strictly(new) == old,
    "bom_prefix": lambda old, new: new == f"\ufeff{old}",
    "empty_arguments": lambda old, new: new == "",
    "blank_arguments": lambda old, new: new != "" and not new.strip(),
    "null_text_arguments": lambda old, new: new == "null",
    "non_object_json": lambda old, new: strictly(new) is not None,
    "escaped_unicode": lambda old, new: strictly(old) == strictly(new) and new != old,
    "nul_char": lambda old, new: "\\u0000" in new,
    "lone_surrogate": lambda old, new: "\\ud83d" in new,
    "huge_arguments": lambda old, new: len(new) > 1_000_000,
    "whitespace_flood": lambda old, new: new.rstrip() == old.rstrip()[:-1].rstrip() and len(new) > 2_000,
    "nan_infinity": lambda old, new: bool(re.search("NaN|Infinity", new)),
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_of_arguments_is_wrong_in_the_way_that_is_named(name: str) -> None:
    for kind in list(KINDS)[::4]:
        for situation in situations(kind)[:2]:
            for outcome in outcomes(CATALOGUE[name], situation, SEEDS):
                old, new = differing(situation.reply, outcome.value)
                assert TEXTS[name](old.arguments, new.arguments), (old.arguments, new.arguments[:200])
