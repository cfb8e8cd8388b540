"""The view: what the simulated model sees of a request, whatever way the application writes its conversation."""

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from mockserver.chat import ChatRequest, Message, ToolCall, last_answer, tool_results
from mockserver.simulate.clauses import clauses, wish
from mockserver.simulate.custom import as_function
from mockserver.simulate.material import LONG, spoken
from mockserver.simulate.skills import Skill, skill
from mockserver.simulate.times import TODAY, today_in

_FLATTENED = re.compile(
    r"\s*(?:#+\s*|\*+|\[|<)?\s*(?:observation|(?:tool|function)[ _-]?(?:call)?[ _-]?(?:result|response|output)s?"
    r"|results? (?:of|from)\b[^:\n]*)\W*[:>\]]\s*",
    re.IGNORECASE,
)
_DATED = re.compile(r"(?i)today|current date")
_TAG = re.compile(r"</?\w[\w-]*>")
_WHOLE_QUOTED = re.compile(r"\s*(?:\"([^\"]*)\"|“([^“”]*)”|'([^']*)')\s*")
_MOST_TEXT = 20_000
_MOST_SAID = 6_000
_MOST_TOLD = 20_000
_MOST_EARLIER = 6
_TELLS = ("system", "developer")
_BLANKS = re.compile(r"[ \t]{9,}|(?:[ \t]*\n){4,}")


class Result(NamedTuple):
    """What a tool gave back, and the call that it answers where that is known."""

    text: str
    call: ToolCall | None = None
    name: str = ""


class View(NamedTuple):
    """What matters of a request: what is asked now, what was asked before, what came back, what may be called.

    `text` is what the user's own words ask, without what they forbid; `spoken` has that, too; `whole` is the message as
    it came, with what was pasted into it. `told` is what the application told the model.
    """

    text: str
    spoken: str
    whole: str
    told: str
    earlier: tuple[str, ...]
    results: tuple[Result, ...]
    asked_since: bool
    made: tuple[ToolCall, ...]
    past: tuple[ToolCall, ...]
    skills: tuple[Skill, ...]
    must_call: bool
    single: bool
    today: date


def view(request: ChatRequest) -> View:
    """See a request as the simulated model does."""
    users = [message for message in request.messages if message.role == "user"]
    results, asked_since = _results(request)
    texts = [_unquoted(message.content or "") for message in users]
    if results and not asked_since and users and request.messages[-1] is users[-1]:
        texts.pop()
    told = "\n".join((message.content or "")[:2000] for message in request.messages if message.role != "assistant")
    answer = last_answer(request.messages)
    latest = request.messages.index(users[-1]) if users else -1
    fresh = answer if asked_since else min(answer, latest)
    whole = texts[-1] if texts else ""
    own = _own(whole)
    return View(
        text=wish(own),
        spoken=own,
        whole=_shortened(whole),
        told="\n".join((one.content or "")[:_MOST_TOLD] for one in request.messages if one.role in _TELLS),
        earlier=tuple(wish(_own(text)) for text in reversed(texts[-_MOST_EARLIER:-1])),
        results=results,
        asked_since=asked_since,
        made=_calls(request.messages[max(fresh, 0) :]) if results else (),
        past=_calls(request.messages),
        skills=_callable(request),
        must_call=request.tool_choice.mode == "required",
        single=not request.parallel_tool_calls,
        today=today_in(told) if _DATED.search(told) else TODAY,
    )


def _shortened(text: str) -> str:
    """The beginning and the end of a long text, where people say what they want."""
    return text if len(text) <= _MOST_SAID else f"{text[: _MOST_SAID // 2]}\n{text[-_MOST_SAID // 2 :]}"


@lru_cache(maxsize=256)
def _own(text: str) -> str:
    """What the user says in a message, apart from what was pasted into it."""
    own = _BLANKS.sub(lambda found: "\n\n" if "\n" in found.group() else "  ", spoken(text)).strip()
    if len(text) <= LONG:
        return own
    _, apart, closing = own.rpartition("\n\n")
    asks = apart and any(clause.mood in ("asked", "question", "wished") for clause in clauses(closing))
    return closing if asks else own


def _unquoted(text: str) -> str:
    """A text without the quotes around all of it: they quote nothing in it."""
    quoted = _WHOLE_QUOTED.fullmatch(text)
    return next(part for part in quoted.groups() if part is not None) if quoted else text


def _calls(messages: tuple[Message, ...]) -> tuple[ToolCall, ...]:
    return tuple(call for message in messages for call in message.tool_calls)


def _callable(request: ChatRequest) -> tuple[Skill, ...]:
    """The skills that the request allows now; the first of several with one name counts."""
    choice = request.tool_choice
    if choice.mode == "none":
        return ()
    offered = {tool.name: tool for tool in reversed(request.tools) if choice.only is None or tool.name in choice.only}
    return tuple(skill(as_function(tool)) for tool in reversed(offered.values()))


def _results(request: ChatRequest) -> tuple[tuple[Result, ...], bool]:
    """What came back since the model spoke last, and whether the user has said something new since."""
    messages = request.messages
    after = messages[last_answer(messages) + 1 :]
    found = tool_results(after)
    if found:
        calls = {call.id: call for call in _calls(messages) if call.id is not None}
        ordered = _calls(messages[last_answer(messages) :]) if last_answer(messages) >= 0 else ()
        results = tuple(_result(message, index, calls, ordered) for index, message in enumerate(found))
        return results, after[-1].role == "user"
    last = messages[-1] if messages else None
    flattened = last is not None and last.role == "user" and _FLATTENED.match(last.content or "")
    if last is not None and flattened and last_answer(messages) >= 0:
        return (Result(_TAG.sub(" ", (last.content or "")[flattened.end() :]).strip()),), False
    return (), False


def _result(message: Message, index: int, calls: dict[str, ToolCall], ordered: tuple[ToolCall, ...]) -> Result:
    call = calls.get(message.tool_call_id or "")
    if call is None and message.name:
        call = next((made for made in ordered if made.name == message.name), None)
    if call is None and index < len(ordered):
        call = ordered[index]
    return Result((message.content or "")[:_MOST_TEXT], call, message.name or (call.name if call else ""))
