"""The exchange, a request and what answered it; and its form as JSON, as `GET /_mock/journal` gives it."""

from collections.abc import Callable
from typing import Any, NamedTuple, NotRequired, TypedDict

from mockserver.chat import ApiError, ChatRequest, Message, Reply, ToolCall


class Exchange(NamedTuple):
    """A request and what answered it.

    `started` is seconds since 1970, `duration` seconds; `size` is the length of the request's body in bytes, and
    `request` None when the body could not be understood. The reply is derived when it is looked at. `ended` says how it
    went: "complete" (a scripted error included), "refused" (by the checks, or because nothing was scripted),
    "client_gone", or "fault:NAME". `others` are the labels of what would have answered had `match` not come first.
    `path` is the one that was asked for, without its query; `served` says whether anything answers there. `api` is the
    API that the request speaks. `read_why` explains a reply of the simulated model, when it is looked at.
    """

    id: int
    session: str
    request: ChatRequest | None
    read_reply: Callable[[], Reply | ApiError] | None
    match: str | None
    faults: tuple[str, ...]
    started: float
    duration: float
    events_sent: int
    ended: str
    size: int = 0
    others: tuple[str, ...] = ()
    method: str = "POST"
    path: str = ""
    served: bool = True
    api: str = "chat_completions"
    read_why: Callable[[Reply], dict[str, Any]] | None = None

    @property
    def why(self) -> dict[str, Any] | None:
        """Why the simulated model said what it said; None where something else answered."""
        reply = self.reply if self.read_why is not None else None
        return self.read_why(reply) if self.read_why is not None and isinstance(reply, Reply) else None

    @property
    def reply(self) -> Reply | ApiError | None:
        """What was answered, with ids and usage as they were sent; None when the client left before."""
        return self.read_reply() if self.read_reply is not None else None


class ExchangeJson(TypedDict):
    """An exchange as the journal's JSON has it."""

    id: int
    session: str
    api: str
    method: str
    path: str
    request: "RequestJson | None"
    reply: "ReplyJson | ErrorJson | None"
    match: str | None
    others: list[str]
    faults: list[str]
    started: float
    duration: float
    events_sent: int
    ended: str
    why: dict[str, Any] | None


class RequestJson(TypedDict):
    """The request of an exchange."""

    model: str
    messages: list["MessageJson"]
    tools: list[str]
    tool_choice: str
    stream: bool
    options: dict[str, Any]


class MessageJson(TypedDict):
    """One message; keys that say nothing of it are left out."""

    role: str
    content: str | None
    tool_calls: NotRequired[list["CallJson"]]
    tool_call_id: NotRequired[str]
    thinking: NotRequired[str]
    is_error: NotRequired[bool]


class CallJson(TypedDict):
    """A tool call; its arguments are text, as the model wrote them."""

    id: str | None
    name: str
    arguments: str


class ReplyJson(TypedDict):
    """A reply of the model."""

    thinking: str | None
    text: str | None
    refusal: str | None
    calls: list[CallJson]
    finish_reason: str | None


class ErrorDetails(TypedDict):
    """What an error says, with the near misses of an unscripted request."""

    status: int
    message: str
    type: str
    code: str | None
    near_misses: NotRequired[Any]


class ErrorJson(TypedDict):
    """An error in place of a reply."""

    error: ErrorDetails


def exchange_json(exchange: Exchange) -> ExchangeJson:
    """An exchange as plain data."""
    request, reply = exchange.request, exchange.reply
    return {
        "id": exchange.id,
        "session": exchange.session,
        "api": exchange.api,
        "method": exchange.method,
        "path": exchange.path,
        "request": None if request is None else _request(request),
        "reply": None if reply is None else _reply(reply),
        "match": exchange.match,
        "others": list(exchange.others),
        "faults": list(exchange.faults),
        "started": exchange.started,
        "duration": exchange.duration,
        "events_sent": exchange.events_sent,
        "ended": exchange.ended,
        "why": exchange.why,
    }


def _request(request: ChatRequest) -> RequestJson:
    return {
        "model": request.model,
        "messages": [_message(message) for message in request.messages],
        "tools": [tool.name for tool in request.tools],
        "tool_choice": request.tool_choice.mode,
        "stream": request.stream,
        "options": dict(request.options),
    }


def _message(message: Message) -> MessageJson:
    found: MessageJson = {"role": message.role, "content": message.content}
    if message.tool_calls:
        found["tool_calls"] = [_call(call) for call in message.tool_calls]
    if message.tool_call_id is not None:
        found["tool_call_id"] = message.tool_call_id
    if message.thinking is not None:
        found["thinking"] = str(message.thinking)
    if message.role in ("tool", "function"):
        found["is_error"] = message.is_error
    return found


def _reply(reply: Reply | ApiError) -> ReplyJson | ErrorJson:
    if isinstance(reply, ApiError):
        details: ErrorDetails = {
            "status": reply.status,
            "message": reply.message,
            "type": reply.type,
            "code": reply.code,
        }
        if "near_misses" in reply.extra:
            details["near_misses"] = reply.extra["near_misses"]
        return {"error": details}
    return {
        "thinking": reply.thinking,
        "text": reply.text,
        "refusal": reply.refusal,
        "calls": [_call(call) for call in reply.calls],
        "finish_reason": reply.finish_reason,
    }


def _call(call: ToolCall) -> CallJson:
    return {"id": call.id, "name": call.name, "arguments": call.arguments}
