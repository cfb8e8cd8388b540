"""Request view: a request as the simulated model reads it: the user's own words, tool results, callable tools.

Quoted and pasted content (tags, code fences, quotations, documents) is separated from what the user says.
"""

import re
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple

from mockserver.chat import ChatRequest, Message, ToolCall, last_answer, tool_results
from mockserver.simulate.clauses import clauses, wish
from mockserver.simulate.cues import FORBIDS
from mockserver.simulate.gloss import Gloss, gloss
from mockserver.simulate.times import TODAY, today_in
from mockserver.simulate.tool_model import OfferedTool, as_function, skill

LONG = 1_500
"""A message up to this length is taken as typed; of a longer one only the first and the last paragraph are."""

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
_MOST_HISTORY = 8
_TELLS = ("system", "developer")
_BLANKS = re.compile(r"[ \t]{9,}|(?:[ \t]*\n){4,}")
_BLOCK = re.compile(r"<([A-Za-z][\w:.-]{1,60})(?:\s[^<>]{0,300})?>")
_OWN_WORDS = frozenset(
    ("task", "user_query", "user_request", "user_message", "user", "request", "prompt", "question", "query", "message")
)
_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[^\n]*\n(?:(?s:.*?)^[ \t]*\1[ \t]*$|(?s:.*)\Z)", re.MULTILINE)
_QUOTED_LINE = re.compile(r"^[ \t]*>[^\n]*$", re.MULTILINE)
_OTHER_SPEAKER = re.compile(
    r"^[ \t]*[\[(<*#]*[ \t]*(?:system|assistant|tool|developer|function|reminder|instructions?)\b"
    r"[^\n:\]]{0,40}[:\]][^\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
_SECTION = re.compile(r"^#{1,6}[ \t]+([^\n]*)$", re.MULTILINE)
_OWN_SECTION = re.compile(r"(?i)\b(?:task|request|question|issue|user|prompt)\b")
_SHOWS = re.compile(
    r"(?i)\b(?:this|these|the following|following|below|attached|here(?:'s| is| are)|got|received|says?|wrote|reads?)\b"
    r"[^\n]{0,120}(?::[ \t]*\n|:[ \t]*\Z)|\b(?:this|the following|below)\s+(?:text|document|e-?mail|mail|message|"
    r"article|log|page|report|thread|transcript|output|ticket|conversation|file|note)s?\b[^\n]{0,80}(?:[:.][ \t]*)?\n|"
    r"\b(?:text|document|e-?mail|mail|message|article|log|page|report|thread|notes?|plan|list)\s+(?:below|attached)\b"
    r"[^\n]{0,80}\n"
)
_TO_RUN = re.compile(r"(?i)\b(?:run|execute|exec)\b[^\n.!?]*:\Z")
_LINE = 300
_PARAGRAPH = re.compile(r"\n[ \t]*\n")


Invent = Literal["none", "reading", "all"]
"""Whose required values may be made up: those of no tool, of tools that only look, or of all tools."""


class Habits(NamedTuple):
    """What a person chose: whether the likeliest tool is called though none is clearly meant, and what is made up."""

    eager: bool = False
    invent: Invent = "reading"


NO_HABITS = Habits()
"""What holds where a person chose nothing."""


class ToolResult(NamedTuple):
    """What a tool gave back, and the call that it answers where that is known."""

    text: str
    call: ToolCall | None = None
    name: str = ""


class RequestView(NamedTuple):
    """What matters of a request: what is asked now, what was asked before, what came back, what may be called.

    `text` is what the user's own words ask, in English (see `gloss`) and without what they forbid; `spoken` has that,
    too; `whole` is the message as it came, with what was pasted into it. `told` is what the application told the model.
    `history` is what tools gave back before the model spoke last, the latest first.
    """

    text: str
    gloss: Gloss
    spoken: str
    whole: str
    told: str
    earlier: tuple[str, ...]
    results: tuple[ToolResult, ...]
    history: tuple[ToolResult, ...]
    asked_since: bool
    made: tuple[ToolCall, ...]
    past: tuple[ToolCall, ...]
    skills: tuple[OfferedTool, ...]
    must_call: bool
    single: bool
    today: date
    habits: Habits = NO_HABITS


def view(request: ChatRequest, habits: Habits = NO_HABITS) -> RequestView:
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
    own = gloss(_own(whole)).text
    return RequestView(
        text=wish(own),
        gloss=gloss(_own(whole)),
        spoken=own,
        whole=_shortened(whole),
        told="\n".join((one.content or "")[:_MOST_TOLD] for one in request.messages if one.role in _TELLS),
        earlier=tuple(wish(gloss(_own(text)).text) for text in reversed(texts[-_MOST_EARLIER:-1])),
        results=results,
        history=_history(request, len(results)),
        asked_since=asked_since,
        made=_calls(request.messages[max(fresh, 0) :]) if results else (),
        past=_calls(request.messages),
        skills=_callable(request),
        must_call=request.tool_choice.mode == "required",
        single=not request.parallel_tool_calls,
        today=today_in(told) if _DATED.search(told) else TODAY,
        habits=habits,
    )


def _calls(messages: tuple[Message, ...]) -> tuple[ToolCall, ...]:
    return tuple(call for message in messages for call in message.tool_calls)


def _callable(request: ChatRequest) -> tuple[OfferedTool, ...]:
    """The skills that the request allows now; the first of several with one name counts."""
    choice = request.tool_choice
    if choice.mode == "none":
        return ()
    offered = {tool.name: tool for tool in reversed(request.tools) if choice.only is None or tool.name in choice.only}
    return tuple(skill(as_function(tool)) for tool in reversed(offered.values()))


def _results(request: ChatRequest) -> tuple[tuple[ToolResult, ...], bool]:
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
        return (ToolResult(_TAG.sub(" ", (last.content or "")[flattened.end() :]).strip()),), False
    return (), False


def _history(request: ChatRequest, latest: int) -> tuple[ToolResult, ...]:
    """Earlier results than the latest ones, the newest first."""
    found = tool_results(request.messages)
    earlier = list(found)[: len(found) - latest][-_MOST_HISTORY:]
    if not earlier:
        return ()
    calls = {call.id: call for call in _calls(request.messages) if call.id is not None}
    return tuple(_result(message, 0, calls, ()) for message in reversed(earlier))


def _result(message: Message, index: int, calls: dict[str, ToolCall], ordered: tuple[ToolCall, ...]) -> ToolResult:
    call = calls.get(message.tool_call_id or "")
    if call is None and message.name:
        call = next((made for made in ordered if made.name == message.name), None)
    if call is None and index < len(ordered):
        call = ordered[index]
    return ToolResult((message.content or "")[:_MOST_TEXT], call, message.name or (call.name if call else ""))


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


def spoken(text: str) -> str:
    """The user's own words of a message: the same text with everything else blanked, so that places stay the same.

    Only they ask for anything. Values may stand in the rest, too; see `evidence`.
    """
    text = _without_blocks(text) if "<" in text else text
    text = _FENCE.sub(_unless_it_shall_run, text)
    for pattern in (_QUOTED_LINE, _OTHER_SPEAKER):
        text = pattern.sub(_blank, text)
    return _typed(_without_shown(_without_sections(text)))


def _unless_it_shall_run(fence: re.Match[str]) -> str:
    """A fence stays when the line before it asks to run what it holds."""
    before = fence.string[max(0, fence.start() - _LINE) : fence.start()].rstrip().rpartition("\n")[2]
    asked = _TO_RUN.search(before) and not FORBIDS.search(before) and "?" not in before
    return fence.group() if asked else _blanked(fence.group())


def _blank(found: re.Match[str]) -> str:
    return _blanked(found.group())


def _blanked(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _without_blocks(text: str) -> str:
    """The text without what stands in tags; what stands in the user's own (`<task>`) stays."""
    parts: list[str] = []
    place = 0
    while found := _BLOCK.search(text, place):
        close = text.find(f"</{found[1]}>", found.end())
        name = found[1].casefold().replace("-", "_")
        parts.append(text[place : found.start()])
        if name in _OWN_WORDS:
            parts.append(_blanked(found.group()))
            place = found.end()
            continue
        alone = close < 0 and not re.search(r"remind|system|context|instruct", name)
        end = found.end() if alone else (len(text) if close < 0 else close + len(found[1]) + 3)
        parts.append(_blanked(text[found.start() : end]))
        place = end
    parts.append(text[place:])
    return re.sub(r"</[\w:.-]+>", _blank, "".join(parts))


def _without_sections(text: str) -> str:
    """The text without the sections of a document; those that hold the task stay."""
    heads = list(_SECTION.finditer(text))
    if not heads:
        return text
    parts = [text[: heads[0].start()]]
    for index, head in enumerate(heads):
        end = heads[index + 1].start() if index + 1 < len(heads) else len(text)
        body = text[head.end() : end]
        parts += [_blanked(head.group()), body if _OWN_SECTION.search(head[1]) else _blanked(body)]
    return "".join(parts)


def _without_shown(text: str) -> str:
    """The text without what follows words that show something to the model, as `Summarise this mail:` does."""
    shown = _SHOWS.search(text) if "\n" in text or text.rstrip().endswith(":") else None
    if shown is None:
        return text
    fence = _FENCE.match(text, shown.end())  # one that is left here shall run
    end = fence.end() if fence else shown.end()
    return text[:end] + _blanked(text[end:])


def _typed(text: str) -> str:
    """Of a long text its first and its last paragraph: what lies between was pasted."""
    if len(text.strip()) <= LONG:
        return text
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    breaks = list(_PARAGRAPH.finditer(text, start, end))
    first = min(breaks[0].start() if breaks else end, start + LONG)
    last = max(breaks[-1].end() if breaks else end, end - LONG, first)
    return text[:first] + _blanked(text[first:last]) + text[last:]
