"""What faults of arguments that break the schema are named for."""

from collections.abc import Callable
from typing import Any

from tests.fault_answers import strictly
from tests.fault_predicates.changes import (
    ABSENT,
    Change,
    Predicate,
    is_number,
    known_names,
    leaves,
    named_in,
    one_place,
    same,
)

NOTHING = {"", "0", "0.0", "False", "None", "[]", "{}"}


def breaks(*keywords: str, test: Callable[[Change], bool] = lambda _: True) -> Predicate:
    """One place differs, and the schema's own keyword says what is wrong there."""
    return one_place(lambda one: bool(one.broken & set(keywords)) and test(one))


def _strange(one: Change) -> bool:
    """A new key, or a made-up object with one that the schema knows nowhere in that place."""
    known = named_in(one.schema, "properties")
    keys = {*one.path[-1:], *(key for found in _objects(one.new) for key in found)}
    return one.made_up and any(not known or not all(key in names for names in known) for key in keys)


def _objects(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [value, *(found for inner in value.values() for found in _objects(inner))]
    return [found for inner in value for found in _objects(inner)] if isinstance(value, list) else []


def _unknown(one: Change) -> bool:
    return len(one.path) == 1 and one.old is ABSENT and one.path[0] not in (one.schema.get("properties") or {})


def _renamed(one: Change) -> bool:
    if not isinstance(one.old, dict) or not isinstance(one.new, dict) or len(one.old) != len(one.new):
        return False
    gone, come = one.old.keys() - one.new.keys(), one.new.keys() - one.old.keys()
    if len(gone) != 1 or len(come) != 1:
        return False
    (was,), (now,) = gone, come
    return was in known_names(one.schema) and same(one.old[was], one.new[now])


def _wrapped(one: Change) -> bool:
    old, new = one.values
    return (
        len(new) == 1 and {*new} <= {"arguments", "parameters", "input", one.before.name} and [*new.values()] == [old]
    )


def _flattened(one: Change) -> bool:
    if not isinstance(one.old, dict) or not isinstance(one.new, dict):
        keys = [*map(str, one.path[-1:]), *(key for found in _objects(one.new) for key in found)]
        return one.made_up and any("." in key for key in keys)
    come, gone = one.new.keys() - one.old.keys(), one.old.keys() - one.new.keys()
    lifted = [key for name in gone if isinstance(one.old[name], dict) for key in one.old[name]]
    known = {*lifted, *known_names(one.schema)}
    return len(gone) <= 1 and any(key.rpartition(".")[2] in known for key in come)


def _typed(was: Callable[[Any], bool], now: Callable[[Any, Any], bool]) -> Predicate:
    """A value of one kind stands there as one of another; in what was made up it need only be there."""
    return breaks(
        "type",
        "enum",
        "const",
        "anyOf",
        "oneOf",
        "not",
        test=lambda one: (
            one.shows(lambda new: now(ABSENT, new)) if one.made_up else was(one.old) and now(one.old, one.new)
        ),
    )


def _is(*kinds: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kinds)


def _made_or(test: Callable[[Any, Any], bool], kinds: Callable[[Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda old, new: kinds(new) if old is ABSENT else test(old, new)


def _read_as(old: Any, new: Any) -> bool:
    return isinstance(new, str) and (old is ABSENT or strictly(new) == old)


def _filled(one: Change) -> bool:
    old, new = one.values
    required = one.schema.get("required") or ()
    come = {key: value for key, value in new.items() if key not in old}
    left = [key for key in one.schema.get("properties") or {} if key not in new and key not in required]
    kept = all(same(new.get(key, ABSENT), value) for key, value in old.items())
    return kept and bool(come) and not left and all(str(value) in NOTHING for value in come.values())


def _other_case(one: Change) -> bool:
    choices = [choice for found in named_in(one.schema, "enum") for choice in found if isinstance(choice, str)]
    folded = {choice.casefold() for choice in choices}
    return one.shows(lambda new: isinstance(new, str) and new not in choices and new.casefold() in folded)


def _outside(one: Change) -> bool:
    return one.shows(is_number)


PREDICATES: dict[str, Predicate] = {
    "unknown_param": one_place(_unknown),
    "misnamed_param": one_place(_renamed),
    "missing_required": breaks("required", test=lambda one: len(one.path) == 1 and one.new is ABSENT),
    "empty_object": breaks("required", "minProperties", test=lambda one: one.values[1] == {} != one.values[0]),
    "missing_nested_required": breaks(
        "required", test=lambda one: one.made_up or (len(one.path) > 1 and one.new is ABSENT)
    ),
    "unknown_nested_param": one_place(
        lambda one: (len(one.path) > 1 or isinstance(one.new, dict | list)) and _strange(one)
    ),
    "additional_false_violation": breaks("additionalProperties", test=_strange),
    "wrapped_arguments": one_place(_wrapped),
    "flattened_nested": one_place(_flattened),
    "number_as_string": _typed(is_number, _made_or(_read_as, _is(str))),
    "string_as_number": _typed(_is(str), lambda _, new: is_number(new)),
    "boolean_as_string": _typed(_is(bool), lambda _, new: new in ("true", "True", "yes", "false", "False", "no", 1, 0)),
    "float_for_integer": _typed(is_number, lambda old, new: isinstance(new, float) and new % 1 != 0),
    "scalar_for_array": _typed(_is(list), _made_or(lambda old, new: new in old, lambda new: not isinstance(new, list))),
    "array_as_string": _typed(
        _is(list),
        lambda old, new: _read_as(old, new) or new == ", ".join(map(str, old)),
    ),
    "object_as_string": _typed(_is(dict), _read_as),
    "array_for_scalar": _typed(
        lambda old: not isinstance(old, dict | list), _made_or(lambda old, new: new == [old], _is(list))
    ),
    "object_for_scalar": _typed(
        lambda old: not isinstance(old, dict | list),
        _made_or(lambda old, new: isinstance(new, dict) and [*new.values()] == [old], _is(dict)),
    ),
    "schema_echo": one_place(
        lambda one: one.shows(
            lambda new: isinstance(new, dict) and bool(new) and {*new} <= {"type", "description", "enum", "format"}
        )
    ),
    "null_not_nullable": one_place(lambda one: one.shows(lambda new: new is None)),
    "null_as_text": one_place(lambda one: one.shows(lambda new: new in ("null", "None", "undefined", "N/A"))),
    "all_optionals_filled": one_place(_filled),
    "enum_violation": breaks("enum", "anyOf", "oneOf"),
    "enum_wrong_case": breaks("enum", "anyOf", "oneOf", test=_other_case),
    "enum_synonym": breaks(
        "enum", "anyOf", "oneOf", test=lambda one: any(isinstance(leaf, str) for leaf in leaves(one.new))
    ),
    "const_violation": breaks("const", "anyOf", "oneOf"),
    "wrong_union_branch": breaks("anyOf", "oneOf"),
    "out_of_range": breaks("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", test=_outside),
    "length_violation": breaks("minLength", "maxLength"),
    "items_violation": breaks("minItems", "maxItems", "uniqueItems"),
    "format_violation": breaks("format"),
    "pattern_violation": breaks("pattern"),
}
