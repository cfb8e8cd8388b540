"""The body of a completion as its faults see it: a dict that is theirs to change."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from mockserver.faults.fault import Apply, Context, DoesNotApply, NotHere

JsonObject = dict[str, Any]
Change = Callable[[JsonObject, Context], JsonObject | None]
"""Changes a body in place, or gives another one."""


def on_a_copy(change: Change) -> Apply:
    """A fault of the body, from a function that may change what it is given."""

    def apply(body: JsonObject, context: Context) -> JsonObject:
        copied = deepcopy(body)
        return change(copied, context) or copied

    return apply


def on_one_function(change: Change) -> Apply:
    """A fault of the `function` object of one call, which is drawn among those that it is meant for."""

    def struck(body: JsonObject, context: Context) -> None:
        found = [call for call in calls(body, context) if "function" in call]
        if not found:
            raise DoesNotApply("the reply calls no function")
        call = context.chance.choice(found)
        call["function"] = change(call["function"], context) or call["function"]

    return on_a_copy(struck)


def messages(body: JsonObject) -> Iterator[JsonObject]:
    """The message of every choice."""
    for choice in body["choices"]:
        yield choice["message"]


def calling(body: JsonObject) -> list[JsonObject]:
    """The choices whose message calls a tool.

    Raises:
        DoesNotApply: there is none.
    """
    found = [choice for choice in body["choices"] if choice["message"].get("tool_calls")]
    if not found:
        raise DoesNotApply("the reply calls no tool")
    return found


def calls(body: JsonObject, context: Context) -> list[JsonObject]:
    """The calls that the fault is meant for: all of them, unless one was picked.

    Raises:
        DoesNotApply: there is none.
    """
    target = context.target
    found = [
        call
        for choice in calling(body)
        for number, call in enumerate(choice["message"]["tool_calls"], 1)
        if target.call in (None, number) and target.tool in (None, inner(call)["name"])
    ]
    if not found:
        raise NotHere(f"no call of the reply is {picked(context)}")
    return found


def picked(context: Context) -> str:
    """Which call was picked, in words."""
    target = context.target
    number = f"number {target.call}" if target.call is not None else "one"
    return number if target.tool is None else f"{number} of the tool '{target.tool}'"


def inner(call: JsonObject) -> JsonObject:
    """The object that holds a call's name and what it is given."""
    found: JsonObject = call["function"] if "function" in call else call["custom"]
    return found
