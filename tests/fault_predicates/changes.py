"""What changed in the calls of an answer: the one call, and the smallest place in its arguments."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import lru_cache
from typing import Any, NamedTuple

import jsonschema_rs

from mockserver.chat import Tool
from tests.fault_answers import Call, Case, Said, strictly

ABSENT: Any = object()
"""What stands where nothing is."""

Predicate = Callable[[Case], bool]


class Change(NamedTuple):
    """The one place where two arguments differ: its path, what stood there and what stands there now."""

    path: tuple[Any, ...]
    old: Any
    new: Any
    before: Call
    after: Call
    case: Case

    @property
    def made_up(self) -> bool:
        """Whether what stands there was made up around the fault, because nothing stood there."""
        return self.old is ABSENT or self.old in ([], {})

    @property
    def values(self) -> tuple[Any, Any]:
        """All arguments, before and now."""
        return strictly(self.before.arguments), strictly(self.after.arguments)

    @property
    def schema(self) -> Any:
        """The schema of the tool."""
        tool = self.case.request.tool(self.before.name)
        return (tool.parameters if tool is not None else None) or {}

    @property
    def broken(self) -> set[str]:
        """The keywords of the schema that the arguments break now."""
        tool = self.case.request.tool(self.after.name)
        return set() if tool is None else {word for error in _errors(tool, self.values[1]) for word in error}

    def shows(self, test: Callable[[Any], bool]) -> bool:
        """Whether what stands there now passes a test, or something within what was made up."""
        return any(map(test, everything(self.new))) if self.made_up else test(self.new)


def same_but_calls(before: Said, after: Said) -> bool:
    """Whether nothing but the calls differs."""
    return before._replace(calls=()) == after._replace(calls=())


def one_call(rule: Callable[[Call, Call, Case], bool]) -> Predicate:
    """Exactly one call differs, in the way that the rule says; its id, the other calls and all else are the same."""

    def judged(case: Case) -> bool:
        before, after = case.before.said, case.after.said
        if not same_but_calls(before, after) or len(before.calls) != len(after.calls):
            return False
        changed = [(old, new) for old, new in zip(before.calls, after.calls, strict=True) if old != new]
        return len(changed) == 1 and changed[0][0].id == changed[0][1].id and rule(*changed[0], case)

    return judged


def one_place(rule: Callable[[Change], bool]) -> Predicate:
    """Exactly one call differs, and in its arguments only; the rule judges the place where they do."""

    def judged(old: Call, new: Call, case: Case) -> bool:
        values = strictly(old.arguments), strictly(new.arguments)
        if old.name != new.name or not all(isinstance(value, dict) for value in values) or values[0] == values[1]:
            return False
        return rule(Change(*smallest(*values), old, new, case))

    return one_call(judged)


def on_the_wire(rule: Callable[[Any, Any], bool]) -> Predicate:
    """The function of one call is another in the body, as the rule says; not another key of the body differs."""

    def judged(case: Case) -> bool:
        old, new = (answer.message.get("tool_calls") or [] for answer in (case.before, case.after))
        changed = [place for place in range(min(len(old), len(new))) if old[place] != new[place]]
        if len(changed) != 1 or not rule(old[changed[0]]["function"], new[changed[0]]["function"]):
            return False
        expected = deepcopy(case.before.body)
        expected["choices"][0]["message"]["tool_calls"][changed[0]]["function"] = new[changed[0]]["function"]
        return bool(expected == case.after.body)

    return judged


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same, 1 and true and 1.0 told apart."""
    return one == other and json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def smallest(old: Any, new: Any, path: tuple[Any, ...] = ()) -> tuple[tuple[Any, ...], Any, Any]:
    """The smallest place that holds every difference."""
    places: list[Any] = []
    if isinstance(old, dict) and isinstance(new, dict):
        places = [key for key in {**old, **new} if not same(old.get(key, "\0none"), new.get(key, "\0none"))]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        places = [place for place in range(len(old)) if not same(old[place], new[place])]
    if len(places) != 1:
        return path, old, new
    (place,) = places
    if isinstance(old, dict) and (place not in old or place not in new):
        return (*path, place), old.get(place, ABSENT), new.get(place, ABSENT)
    return smallest(old[place], new[place], (*path, place))


def everything(value: Any) -> Iterator[Any]:
    """A value and all that is within it."""
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from everything(inner)


def leaves(value: Any) -> list[Any]:
    """The plain values within a value."""
    return [one for one in everything(value) if not isinstance(one, dict | list)]


def named_in(schema: Any, key: str) -> list[Any]:
    """What a keyword says, wherever the schema has it."""
    return [one[key] for one in everything(schema) if isinstance(one, dict) and key in one]


def known_names(schema: Any) -> set[str]:
    """Every property that a schema knows, at any level."""
    return {name for found in named_in(schema, "properties") if isinstance(found, dict) for name in found}


def is_number(value: Any) -> bool:
    """Whether a value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def told(case: Case) -> str:
    """What the conversation holds."""
    said = [f"{m.content} {' '.join(call.arguments for call in m.tool_calls)}" for m in case.request.messages]
    return "\n".join(said).casefold()


@lru_cache(maxsize=256)
def _judge(tool: Tool) -> Any:
    return jsonschema_rs.validator_for(dict(tool.parameters or {}), validate_formats=True)


def _errors(tool: Tool, values: Any) -> Iterator[list[str]]:
    waiting = list(_judge(tool).iter_errors(values))
    while waiting:
        error = waiting.pop()
        yield [str(error.schema_path[-1])] if error.schema_path else []
        for branch in getattr(error.kind, "context", None) or ():
            waiting += branch
