"""Recorded turns in a file: the request (only what is new since the last reply), and how the response was sent."""

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import groupby
from textwrap import wrap
from typing import Any

from mockserver.chat import ChatRequest, JsonObject, Message, Thinking, Tool, ToolCall, ToolChoice
from mockserver.chat.recorded_wire import Chunk, Sent
from mockserver.scenario.file.durations import LONGEST_SECONDS
from mockserver.scenario.file.tool_calls import call_data, call_of, tool_data, tool_of, without_none
from mockserver.scenario.scenario_model import Turn, answered

ROLES = ("system", "developer", "user", "assistant", "tool", "function")


_WIDTH = 100
_LONGEST_NUMBER = 9
_ENTRY = re.compile(r"([^,:]+?)(?:: ([0-9+ ]+))?")
_LONGEST_GAP = str(LONGEST_SECONDS * 1000)


def request_of(data: Mapping[str, Any], before: Turn | None, tools: Sequence[Tool]) -> ChatRequest:
    """The whole request; keys that are absent have the values of the turn `before`."""
    known = before.heard if before is not None and before.heard is not None else None
    offered = _tools(data["tools"], tools) if "tools" in data else known.tools if known else tuple(tools)
    usual_choice = ToolChoice() if offered else ToolChoice("none")
    choice = _choice(data["tool_choice"]) if "tool_choice" in data else known.tool_choice if known else usual_choice
    return ChatRequest(
        data.get("model", known.model if known else ""),
        (*(answered(before) if before is not None else ()), *(_message(entry) for entry in data["messages"])),
        offered,
        choice,
        data.get("parallel_tool_calls", known.parallel_tool_calls if known else True),
        options=data.get("options", known.options if known else {}),
        legacy=data.get("legacy", known.legacy if known else False),
    )


class HeardSerialiser:
    """Serialises the requests of a recording's turns, in their order."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self._tools = tools
        self._answered: dict[bytes, Turn] = {}

    def data(self, turn: Turn) -> dict[str, Any]:
        """The keys `after` and `heard` of a recorded turn."""
        request = turn.heard
        assert request is not None, "only recorded turns heard something"
        *before, last = _digests(request.messages)
        del last
        digests = [b"", *before]
        start = next((at for at in range(len(digests) - 1, 0, -1) if digests[at] in self._answered), 0)
        parent = self._answered.get(digests[start]) if start else None
        found = self._differing(request, parent.heard if parent is not None else None)
        found["messages"] = [_message_data(message) for message in request.messages[start:]]
        if turn.name is not None and (said := answered(turn)):
            self._answered[_digests(said)[-1]] = turn
        return {"after": parent.name, "heard": found} if parent is not None else {"heard": found}

    def _differing(self, request: ChatRequest, known: ChatRequest | None) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if known is None or request.model != known.model:
            found["model"] = request.model
        if request.tools != (known.tools if known else tuple(self._tools)):
            found["tools"] = [tool.name if tool in self._tools else tool_data(tool) for tool in request.tools]
        usual_choice = ToolChoice() if request.tools else ToolChoice("none")
        if request.tool_choice != (known.tool_choice if known else usual_choice):
            found["tool_choice"] = _choice_data(request.tool_choice)
        if request.parallel_tool_calls != (known.parallel_tool_calls if known else True):
            found["parallel_tool_calls"] = request.parallel_tool_calls
        if request.legacy != (known.legacy if known else False):
            found["legacy"] = request.legacy
        if request.options != (known.options if known else {}):
            found["options"] = dict(sorted(request.options.items()))
        return found


def sent_of(data: Mapping[str, Any]) -> Sent:
    """How a response was sent, from the key `sent`."""
    return Sent(
        data.get("envelope", {}),
        data.get("shapes", {}),
        tuple(chunks_in(data["chunks"])) if "chunks" in data else None,
        data.get("texts", {}),
        tuple(map(int, str(data.get("gaps", "")).split())),
        data.get("cut", False),
        data.get("body"),
        data.get("status", 200),
        data.get("content_type"),
        data.get("api", Sent().api),
    )


def sent_data(sent: Sent) -> dict[str, Any]:
    """The key `sent`; defaults are left out."""
    found: dict[str, Any] = {
        "status": sent.status if sent.status != Sent().status else None,
        "api": sent.api if sent.api != Sent().api else None,
        "content_type": sent.content_type,
        "body": sent.body,
        "envelope": dict(sent.envelope) or None,
        "shapes": dict(sent.shapes) or None,
        "texts": dict(sent.texts) or None,
        "chunks": _lines(", ".join(_entries(sent.chunks))) if sent.chunks is not None else None,
        "cut": sent.cut or None,
        "gaps": _gaps(sent.gaps) if any(sent.gaps) else None,
    }
    return without_none(found)


def chunks_in(text: str) -> Iterator[Chunk]:
    """The chunks that a text lists: `role, text: 4 6 5, finish, done`.

    Raises:
        ValueError: an entry is neither a name nor a name with lengths, or a length is out of all bounds.
    """
    for entry in " ".join(text.split()).split(", ") if text.strip() else ():
        found = _ENTRY.fullmatch(entry.strip(", "))
        if not found:
            raise ValueError(f"expected entries such as `role` or `text: 4 6 5`, found {entry!r}")
        for lengths in found[2].split() if found[2] else ("",):
            if any(len(length) > _LONGEST_NUMBER for length in lengths.split("+")):
                raise ValueError(f"expected lengths of at most {_LONGEST_NUMBER} digits")
            yield Chunk(found[1], tuple(int(length) for length in lengths.split("+") if length))


def checked_chunks(value: str) -> str:
    """The value of `chunks`.

    Raises:
        ValueError: it does not list chunks.
    """
    for _ in chunks_in(value):
        pass
    return value


def checked_gaps(value: Any) -> Any:
    """The value of `gaps`.

    Raises:
        ValueError: it is not a list of milliseconds, or one of them is too long.
    """
    gaps = str(value).split() if isinstance(value, str | int) else []
    if not gaps or not all(gap.isascii() and gap.isdecimal() for gap in gaps):
        raise ValueError("expected whole numbers of milliseconds")
    if any(len(gap) > len(_LONGEST_GAP) or int(gap) > int(_LONGEST_GAP) for gap in gaps):
        raise ValueError(f"expected gaps of at most {_LONGEST_GAP} milliseconds")
    return value


def _digests(messages: Sequence[Message]) -> list[bytes]:
    """For each message a digest of the conversation up to it."""
    found, before = [], b""
    for message in messages:
        before = blake2b(before + repr(message).encode("utf-8", "surrogatepass"), digest_size=16).digest()
        found.append(before)
    return found


def _tools(entries: Sequence[Any], known: Sequence[Tool]) -> tuple[Tool, ...]:
    by_name = {tool.name: tool for tool in known}
    return tuple([by_name[entry] if isinstance(entry, str) else tool_of(entry) for entry in entries])


def _choice(data: Any) -> ToolChoice:
    if isinstance(data, str):
        return ToolChoice(data)  # type: ignore[arg-type]  # one of the modes: the shape was checked
    if "name" in data:
        return ToolChoice("required", (data["name"],), named=True)
    return ToolChoice(data["mode"], tuple(data["only"]))


def _choice_data(choice: ToolChoice) -> Any:
    if choice.only is None:
        return choice.mode
    return {"name": choice.only[0]} if choice.named else {"mode": choice.mode, "only": list(choice.only)}


def _message(data: Mapping[str, Any]) -> Message:
    role: Any = next(role for role in ROLES if role in data)
    content = data[role]
    parts: tuple[JsonObject, ...] = ()
    if isinstance(content, list):
        parts = tuple(content)
        content = "\n".join(part["text"] for part in parts if isinstance(part.get("text"), str))
    calls: tuple[ToolCall, ...] = tuple(call_of(entry) for entry in data.get("calls", ()))
    thinking = Thinking(data["thinking"], data.get("signature")) if "thinking" in data else None
    marks = (data.get("of"), data.get("name"), data.get("refusal"))
    return Message(role, content, calls, *marks, parts, thinking, data.get("is_error", False))


def _message_data(message: Message) -> dict[str, Any]:
    found: dict[str, Any] = {message.role: list(message.parts) if message.parts else message.content}
    more = {
        "calls": [call_data(call) for call in message.tool_calls] or None,
        "of": message.tool_call_id,
        "name": message.name,
        "refusal": message.refusal,
        "thinking": str(message.thinking) if message.thinking is not None else None,
        "signature": message.thinking.signature if message.thinking is not None else None,
        "is_error": message.is_error or None,
    }
    return found | without_none(more)


def _entries(chunks: Sequence[Chunk]) -> Iterator[str]:
    for (shape, brings), run in groupby(chunks, key=lambda chunk: (chunk.shape, bool(chunk.lengths))):
        if brings:
            yield f"{shape}: {' '.join('+'.join(map(str, chunk.lengths)) for chunk in run)}"
        else:
            yield from (shape for _ in run)


def _gaps(gaps: Sequence[int]) -> str | int:
    return gaps[0] if len(gaps) == 1 else _lines(" ".join(map(str, gaps)))


def _lines(text: str) -> str:
    return "\n".join(wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)) or text
