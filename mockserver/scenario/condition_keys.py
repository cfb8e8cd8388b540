"""Keys of a condition: how the value of each is read, and what it wanted and what was there where it failed."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, get_args

from mockserver.chat import ApiName, ChatRequest, ToolCall, ToolChoice
from mockserver.scenario.error_messages import described, listed, quoted
from mockserver.scenario.match_view import MatchView, Result, is_tool, readable
from mockserver.scenario.value_conditions import BOUND_KEYS, Bounds, Spoken, Text, equal_json

Named = tuple[tuple[str, Text], ...]
Calls = tuple[tuple[str, Mapping[str, Any]], ...]
"""Names of tools, each with arguments that a call of it must have."""

_CALLS_SHOWN = 3
_SECRET_HEADERS = frozenset({"authorization", "api-key", "x-api-key", "cookie", "proxy-authorization"})


@dataclass(frozen=True, slots=True)
class Failure:
    """A condition that did not hold: which one, what it wanted, and what was there."""

    condition: str
    wanted: str
    found: str


def read_number(value: Any) -> int | Bounds:
    """`turn`: a whole number, or bounds."""
    if isinstance(value, Bounds):
        return value
    if isinstance(value, Mapping):
        return Bounds.of(value)
    if type(value) is not int:
        raise TypeError(f"expected a whole number, or bounds such as {{at_least: 2}}, found {described(value)}")
    return value


def read_results(value: Any) -> int | Bounds | Named:
    """`tool_results`."""
    if isinstance(value, Bounds) or type(value) is int:
        return value
    if isinstance(value, list | tuple):
        return tuple((name, Text()) for name in read_names(value))
    if not isinstance(value, Mapping):
        raise TypeError(f"expected a number of results, names of tools or an object of them, found {described(value)}")
    if value and all(key in BOUND_KEYS for key in value):
        return Bounds.of(value)
    return tuple((str(name), Text.of(part)) for name, part in value.items())


def read_calls(value: Any) -> Calls:
    """`called`."""
    if isinstance(value, str):
        return ((value, {}),)
    if not isinstance(value, Mapping) or not all(isinstance(wanted, Mapping) for wanted in value.values()):
        raise TypeError(f"expected the name of a tool, or an object of names with arguments, found {described(value)}")
    return tuple((str(name), dict(wanted)) for name, wanted in value.items())


def read_headers(value: Any) -> Named:
    """`header`."""
    if not isinstance(value, Mapping):
        raise TypeError(f"expected an object of header names, found {described(value)}")
    return tuple((str(name).lower(), Text.of(part)) for name, part in value.items())


def read_names(value: Any) -> tuple[str, ...]:
    """`tools`: names."""
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise TypeError(f"expected a list of tool names, found {described(value)}")
    return tuple(value)


def read_api(value: Any) -> str:
    """`api`."""
    if value not in get_args(ApiName):
        raise TypeError(f"expected one of {', '.join(get_args(ApiName))}, found {described(value)}")
    return str(value)


def read_plain(kind: type, noun: str) -> Callable[[Any], Any]:
    """A reader of values of one type."""

    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"expected {noun}, found {described(value)}")
        return value

    return read


def failed_user(condition: Text, view: MatchView) -> Iterator[Failure]:
    """`user_says`."""
    there = any(message.role == "user" for message in view.request.messages)
    missing = "no text of the user since the model's last answer" if there else "no user message"
    yield from failed_text("user_says", condition, (view.user,) if view.user else (), missing)


def failed_text(key: str, condition: Text, texts: tuple[Spoken, ...], missing: str) -> Iterator[Failure]:
    """A condition that one of several texts must meet."""
    if not any(condition.fits(text) for text in texts):
        yield Failure(key, f"a text that {condition}", condition.difference(texts[-1]) if texts else missing)


def failed_results(condition: int | Bounds | Named, view: MatchView) -> Iterator[Failure]:
    """`tool_results`."""
    if not isinstance(condition, tuple):
        yield from failed_number("tool_results", condition, len(view.results), " tool results")
        return
    for name, text in condition:
        contents = contents_of(name, view.results)
        missing = f"no result of `{name}` since the model spoke last"
        if text != Text():
            yield from failed_text(f"tool_results.{name}", text, contents, missing)
        elif not contents:
            yield Failure(f"tool_results.{name}", f"a result of `{name}`", missing)


def failed_calls(wanted: Calls, view: MatchView) -> Iterator[Failure]:
    """`called`."""
    for name, arguments in wanted:
        made = [call for call in view.calls if is_tool(name, call.name)]
        if not any(_has_arguments(call, arguments) for call in made):
            found = "; ".join(f"{call.name}({call.arguments})" for call in made[-_CALLS_SHOWN:])
            there = quoted(found) if made else _other_calls(view)
            shown = f" with {json.dumps(dict(arguments), ensure_ascii=False)}" if arguments else ""
            yield Failure(f"called.{name}", f"a call of `{name}`{shown}", there)


def failed_tools(names: Iterable[str], request: ChatRequest) -> Iterator[Failure]:
    """`tools`."""
    for name in names:
        offered = [tool.name for tool in request.tools]
        if not any(is_tool(name, other) for other in offered):
            yield Failure("tools", f"`{name}` offered", listed(offered, "and") if offered else "no tools")


def failed_model(glob: str, request: ChatRequest) -> Iterator[Failure]:
    """`model`."""
    if not fnmatchcase(request.model, glob):
        yield Failure("model", quoted(glob), quoted(request.model))


def failed_choice(wanted: str, choice: ToolChoice) -> Iterator[Failure]:
    """`tool_choice`."""
    given = choice.only[0] if choice.named and choice.only else choice.mode
    if not (is_tool(wanted, given) if choice.named else wanted == given):
        yield Failure("tool_choice", f"`{wanted}`", f"`{given}`")


def failed_number(key: str, wanted: int | Bounds, number: int, unit: str = "") -> Iterator[Failure]:
    """`turn`, and the number of `tool_results`."""
    if not (wanted.holds(number) if isinstance(wanted, Bounds) else wanted == number):
        yield Failure(key, f"{wanted}{unit}", str(number))


def failed_stream(wanted: bool, request: ChatRequest) -> Iterator[Failure]:
    """`stream`."""
    if wanted != request.stream:
        yield Failure("stream", described(wanted), described(request.stream))


def failed_api(wanted: str, request: ChatRequest) -> Iterator[Failure]:
    """`api`."""
    if wanted != request.api:
        yield Failure("api", f"`{wanted}`", f"`{request.api}`")


def failed_headers(conditions: Named, view: MatchView) -> Iterator[Failure]:
    """`header`; values of secret ones are not shown."""
    for name, condition in conditions:
        value = view.headers.get(name)
        if value is None:
            yield Failure(f"header.{name}", f"a value that {condition}", "no such header")
        elif not condition.fits(Spoken(value)):
            found = "(a secret, not shown)" if name in _SECRET_HEADERS else quoted(value)
            yield Failure(f"header.{name}", f"a value that {condition}", found)


def contents_of(tool: str, results: Iterable[Result]) -> tuple[Spoken, ...]:
    """The contents of a tool's results."""
    return tuple(Spoken(readable(result.content)) for result in results if is_tool(tool, result.tool))


def _has_arguments(call: ToolCall, wanted: Mapping[str, Any]) -> bool:
    if not wanted:
        return True
    values = Spoken(call.arguments).value
    return isinstance(values, dict) and all(
        key in values and equal_json(value, values[key]) for key, value in wanted.items()
    )


def _other_calls(view: MatchView) -> str:
    names = list(dict.fromkeys(call.name for call in view.calls))
    return f"calls of {listed(names, 'and')}" if names else "no call"
