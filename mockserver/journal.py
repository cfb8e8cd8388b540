"""What happened: every exchange in order, within bounds, and readable as the dialogue that it was."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from mockserver.chat import ApiError, ChatRequest, Message, Reply, ToolCall

ENTRIES = 1_000
BYTES = 64 * 1024 * 1024


class Exchange(NamedTuple):
    """A request and what answered it.

    `started` is seconds since 1970, `duration` seconds; `size` is the length of the request's body in bytes. What was
    said is understood when somebody looks: until then an exchange is little more than those bytes. `ended` says how it
    went: "complete" (a scripted error
    included), "refused" (by the checks, or because nothing was scripted), "client_gone", or "fault:NAME".
    """

    id: int
    session: str
    read_request: Callable[[], ChatRequest | None]
    read_reply: Callable[[], Reply | ApiError] | None
    match: str | None
    faults: tuple[str, ...]
    started: float
    duration: float
    events_sent: int
    ended: str
    size: int = 0

    @property
    def request(self) -> ChatRequest | None:
        """What was asked; None when the body could not be understood."""
        return self.read_request()

    @property
    def reply(self) -> Reply | ApiError | None:
        """What was answered, with ids and usage as they were sent; None when the client left before."""
        return self.read_reply() if self.read_reply is not None else None


class Journal:
    """The latest exchanges: at most so many, and at most so many bytes of request bodies."""

    def __init__(self, entries: int = ENTRIES, size: int = BYTES) -> None:
        self._kept: deque[Exchange] = deque()
        self._entries = entries
        self._size = size
        self._bytes = 0
        self.written = 0
        """How many exchanges there were in all, those that were dropped for space included."""

    def add(self, exchange: Exchange) -> None:
        """Write an exchange down; the oldest make room for it."""
        self.written += 1
        self._kept.append(exchange)
        self._bytes += exchange.size
        while len(self._kept) > self._entries or (self._bytes > self._size and len(self._kept) > 1):
            self._bytes -= self._kept.popleft().size

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._bytes = 0
        self.written = 0

    def copy(self) -> "Journal":
        """The journal as it is now, which later exchanges do not change."""
        copied = Journal(self._entries, self._size)
        copied._kept, copied._bytes, copied.written = self._kept.copy(), self._bytes, self.written
        return copied

    @property
    def dropped(self) -> int:
        """How many exchanges were dropped for space."""
        return self.written - len(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._kept)

    def __getitem__(self, index: int) -> Exchange:
        return self._kept[index]

    def __str__(self) -> str:
        """The exchanges as numbered dialogues."""
        head = [f"({self.dropped} earlier exchanges were dropped for space)"] if self.dropped else []
        return "\n".join([*head, *(dialogue(exchange) for exchange in self._kept)]) or "(no exchanges)"


def dialogue(exchange: Exchange) -> str:
    """One exchange as it would be read aloud."""
    answered = f"  ← {exchange.match}" if exchange.match else ""
    lines = [f"exchange {exchange.id}{answered}"]
    if (request := exchange.request) is not None:
        lines += [line for message in request.messages for line in _said(message)]
    reply = exchange.reply
    if isinstance(reply, ApiError):
        lines.append(f"  error      HTTP {reply.status}: {reply.message}")
    elif reply is not None:
        lines += _said(Message("assistant", reply.text or reply.refusal, tuple(reply.calls)))
    if exchange.ended != "complete":
        lines.append(f"  ended      {exchange.ended} after {exchange.events_sent} events")
    return "\n".join(lines)


def _said(message: Message) -> list[str]:
    lines = []
    if message.content is not None or not message.tool_calls:
        link = f"{message.tool_call_id} → " if message.tool_call_id else ""
        text = (message.content or "").replace("\n", "\n             ")
        lines.append(f"  {message.role:<10} {link}{text}")
    return lines + [f"  {message.role:<10} {_call(call)}" for call in message.tool_calls]


def _call(call: ToolCall) -> str:
    return f"{call.id or '(no id)'}: {call.name}({call.arguments})"


def as_json(exchange: Exchange) -> dict[str, Any]:
    """An exchange as plain data, for `GET /_mock/journal`."""
    request, reply = exchange.request, exchange.reply
    return {
        "id": exchange.id,
        "session": exchange.session,
        "request": None
        if request is None
        else {
            "model": request.model,
            "messages": [_message_json(message) for message in request.messages],
            "tools": [tool.name for tool in request.tools],
            "tool_choice": request.tool_choice.mode,
            "stream": request.stream,
            "options": dict(request.options),
        },
        "reply": None if reply is None else _reply_json(reply),
        "match": exchange.match,
        "faults": list(exchange.faults),
        "started": exchange.started,
        "duration": exchange.duration,
        "events_sent": exchange.events_sent,
        "ended": exchange.ended,
    }


def _message_json(message: Message) -> dict[str, Any]:
    found: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        found["tool_calls"] = [_call_json(call) for call in message.tool_calls]
    if message.tool_call_id is not None:
        found["tool_call_id"] = message.tool_call_id
    return found


def _reply_json(reply: Reply | ApiError) -> dict[str, Any]:
    if isinstance(reply, ApiError):
        return {"error": {"status": reply.status, "message": reply.message, "type": reply.type, "code": reply.code}}
    calls = [_call_json(call) for call in reply.calls]
    return {"text": reply.text, "refusal": reply.refusal, "calls": calls, "finish_reason": reply.finish_reason}


def _call_json(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "name": call.name, "arguments": call.arguments}
