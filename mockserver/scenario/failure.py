"""What differs when a condition does not hold: which part of it, what that wanted, and what was there."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from mockserver.chat import ChatRequest, ToolChoice
from mockserver.scenario.asked import Asked, Spoken
from mockserver.scenario.offered import is_tool
from mockserver.scenario.results import Result, readable
from mockserver.scenario.text import Text
from mockserver.scenario.words import described, listed, quoted

if TYPE_CHECKING:
    from mockserver.scenario.when import When

Test = Callable[[ChatRequest], Any]
_SECRET_HEADERS = frozenset({"authorization", "api-key", "x-api-key", "cookie", "proxy-authorization"})


@dataclass(frozen=True, slots=True)
class Failure:
    """A condition that did not hold: which one, what it wanted, and what was there."""

    condition: str
    wanted: str
    found: str


class ConditionFailed(Exception):
    """A condition that is a function raised an exception instead of saying yes or no."""

    def __init__(self, name: str, error: Exception) -> None:
        super().__init__(f"the condition {name} raised {type(error).__name__}: {error}")


def failed(when: "When", asked: Asked) -> Iterator[Failure]:
    """The conditions that do not hold, each with what it wanted and what was there."""
    if when.user_says is not None:
        user = (asked.user,) if asked.user else ()
        there = any(message.role == "user" for message in asked.request.messages)
        missing = "no text of the user since the model's last answer" if there else "no user message"
        yield from _unsaid("user_says", when.user_says, user, missing)
    if when.system_says is not None:
        yield from _unsaid("system_says", when.system_says, asked.system, "no system message")
    if when.assistant_said is not None:
        yield from _unsaid("assistant_said", when.assistant_said, asked.assistant, "no assistant message")
    if when.tool_results is not None:
        yield from _failed_results(when, asked)
    yield from _failed_options(when, asked)
    for name, condition in when.header:
        given = asked.headers.get(name)
        if given is None or not condition.fits(Spoken(given)):
            found = "no such header" if given is None else _header(name, given)
            yield Failure(f"header.{name}", f"a value that {condition}", found)
    if when.test is not None and not _asked_of_test(when.test, asked):
        yield Failure("when", f"a request for which {name_of(when.test)} says yes", "it says no")
    if when.any_of and not any(part.holds(asked) for part in when.any_of):
        yield Failure("any", f"one of ({'; '.join(map(str, when.any_of))})", "none of them")
    if when.no is not None and when.no.holds(asked):
        yield Failure("not", f"not ({when.no})", "all of it holds")


def _asked_of_test(test: Test, asked: Asked) -> bool:
    try:
        return bool(test(asked.request))
    except Exception as error:  # a user's own code may raise anything; the client must hear of it, not of a 500
        raise ConditionFailed(name_of(test), error) from error


def _failed_results(when: "When", asked: Asked) -> Iterator[Failure]:
    if isinstance(when.tool_results, int):
        if when.tool_results != len(asked.results):
            yield Failure("tool_results", f"{when.tool_results} tool results", str(len(asked.results)))
        return
    for name, condition in when.tool_results if isinstance(when.tool_results, tuple) else ():
        texts = contents_of(name, asked.results)
        missing = f"no result of `{name}` since the model spoke last"
        yield from _unsaid(f"tool_results.{name}", condition, texts, missing)


def _failed_options(when: "When", asked: Asked) -> Iterator[Failure]:
    request = asked.request
    for name in when.tools:
        offered = [tool.name for tool in request.tools]
        if not any(is_tool(name, other) for other in offered):
            yield Failure("tools", f"`{name}` offered", listed(offered, "and") if offered else "no tools")
    if when.model is not None and not fnmatchcase(request.model, when.model):
        yield Failure("model", quoted(when.model), quoted(request.model))
    if when.tool_choice is not None and not _chosen(when.tool_choice, request.tool_choice):
        yield Failure("tool_choice", f"`{when.tool_choice}`", f"`{_choice(request.tool_choice)}`")
    if when.stream is not None and when.stream != request.stream:
        yield Failure("stream", described(when.stream), described(request.stream))
    if when.turn is not None and when.turn != asked.replies + 1:
        yield Failure("turn", str(when.turn), str(asked.replies + 1))


def name_of(test: Test) -> str:
    """What a condition that is a function is called."""
    return f"`{getattr(test, '__name__', repr(test))}`"


def _unsaid(key: str, condition: Text, texts: tuple[Spoken, ...], missing: str) -> Iterator[Failure]:
    if not any(condition.fits(text) for text in texts):
        found = quoted(texts[-1].text) if texts else missing
        yield Failure(key, f"a text that {condition}", found)


def contents_of(tool: str, results: Iterable[Result]) -> tuple[Spoken, ...]:
    """What a tool has said."""
    return tuple(Spoken(readable(result.content)) for result in results if is_tool(tool, result.tool))


def _header(name: str, value: str) -> str:
    return "(a secret, not shown)" if name in _SECRET_HEADERS else quoted(value)


def _choice(choice: ToolChoice) -> str:
    return choice.only[0] if choice.named and choice.only else choice.mode


def _chosen(wanted: str, choice: ToolChoice) -> bool:
    given = _choice(choice)
    return is_tool(wanted, given) if choice.named else wanted == given
