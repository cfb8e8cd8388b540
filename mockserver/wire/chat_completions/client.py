"""The bytes of a chat completion → the reply that was written: the exact inverse of `write`."""

from dataclasses import dataclass, field
from typing import Any

from mockserver.chat import ChatRequest, Message, Reply, Tool, ToolCall, ToolChoice
from mockserver.wire.chat_completions.reasoning import FIELDS, thinking_in
from mockserver.wire.codec import decode
from mockserver.wire.streaming import events


def hear(body: bytes) -> list[Reply]:
    """The replies of an answer that was not streamed, one a choice."""
    answer = decode(body)
    return [_reply(choice["message"], choice["finish_reason"], answer.get("usage")) for choice in answer["choices"]]


def _reply(message: dict[str, Any], finish_reason: str | None, usage: Any) -> Reply:
    calls = [_call(call) for call in message.get("tool_calls") or ()]
    if legacy := message.get("function_call"):
        calls = [_call({"function": legacy})]
    refusal = message.get("refusal")
    thinking = thinking_in(message)
    return Reply(
        message.get("content"), calls, finish_reason=finish_reason, usage=usage, refusal=refusal, thinking=thinking
    )


def _call(call: dict[str, Any]) -> ToolCall:
    if "custom" in call:
        return ToolCall(call["custom"]["name"], call["custom"]["input"], call["id"], kind="custom")
    return ToolCall(call["function"]["name"], call["function"]["arguments"], call.get("id"))


def hear_stream(stream: bytes) -> list[Reply]:
    """The replies of a streamed answer, one a choice; usage is there when the stream carries it."""
    choices: dict[int, _Choice] = {}
    usage = None
    for data in events(stream):
        if data == "[DONE]":
            break
        chunk = decode(data)
        usage = chunk.get("usage") or usage
        for entry in chunk["choices"]:
            choices.setdefault(entry["index"], _Choice()).add(entry)
    return [choices[index].reply(usage) for index in sorted(choices)]


@dataclass(slots=True)
class _Choice:
    """One choice of a stream as it grows."""

    message: dict[str, Any] = field(default_factory=dict)
    calls: dict[int, dict[str, Any]] = field(default_factory=dict)
    finish_reason: str | None = None

    def add(self, entry: dict[str, Any]) -> None:
        """Take up what one chunk says of this choice."""
        delta = entry["delta"]
        for key in ("content", "refusal", *FIELDS):
            if delta.get(key) is not None:
                self.message[key] = self.message.get(key, "") + delta[key]
        if legacy := delta.get("function_call"):
            _grow(self.message.setdefault("function_call", {}), legacy)
        for piece in delta.get("tool_calls") or ():
            call = self.calls.setdefault(piece["index"], {})
            call["id"] = piece.get("id", call.get("id"))
            kind = "custom" if "custom" in piece else "function"
            _grow(call.setdefault(kind, {}), piece[kind])
        self.finish_reason = entry["finish_reason"] or self.finish_reason

    def reply(self, usage: Any) -> Reply:
        calls = [self.calls[index] for index in sorted(self.calls)]
        return _reply({**self.message, "tool_calls": calls}, self.finish_reason, usage)


def _grow(called: dict[str, Any], piece: dict[str, Any]) -> None:
    """Add the texts of a piece to those that are there."""
    for key, text in piece.items():
        called[key] = called.get(key, "") + text


JsonObject = dict[str, Any]


def ask(request: ChatRequest) -> JsonObject:
    """The body of a request; what is as usual is left out."""
    body: JsonObject = {
        "model": request.model,
        "messages": [_message(message, request) for message in request.messages],
    }
    if request.tools:
        body["functions" if request.legacy else "tools"] = [_tool(tool, request.legacy) for tool in request.tools]
        if request.tool_choice != ToolChoice():
            body["function_call" if request.legacy else "tool_choice"] = _choice(request)
    if not request.parallel_tool_calls and not request.legacy:
        body["parallel_tool_calls"] = False
    if request.stream:
        body["stream"] = True
    return {**body, **request.options}


def _message(message: Message, request: ChatRequest) -> JsonObject:
    content: Any = list(message.parts) if message.parts else message.content
    found: JsonObject = {"role": message.role, "content": content}
    if message.tool_calls and request.legacy:
        called = message.tool_calls[0]
        found["function_call"] = {"name": called.name, "arguments": called.arguments}
    elif message.tool_calls:
        found["tool_calls"] = [_call_json(call) for call in message.tool_calls]
    optional = {"tool_call_id": message.tool_call_id, "name": message.name, "refusal": message.refusal}
    return found | {key: value for key, value in optional.items() if value is not None}


def _call_json(call: ToolCall) -> JsonObject:
    kind, key = ("custom", "input") if call.kind == "custom" else ("function", "arguments")
    return {"id": call.id, "type": kind, kind: {"name": call.name, key: call.arguments}}


def _tool(tool: Tool, legacy: bool) -> JsonObject:
    if tool.kind == "custom":
        grammar = {"format": {"type": "grammar", "grammar": dict(tool.format)}} if tool.format is not None else {}
        return {"type": "custom", "custom": {"name": tool.name, "description": tool.description, **grammar}}
    function: JsonObject = {"name": tool.name, "description": tool.description}
    if tool.parameters is not None:
        function["parameters"] = dict(tool.parameters)
    if legacy:
        return function
    return {"type": "function", "function": function | ({"strict": True} if tool.strict else {})}


def _choice(request: ChatRequest) -> Any:
    choice = request.tool_choice
    if choice.only is None:
        return choice.mode
    kinds = {tool.name: tool.kind for tool in request.tools}
    named = [{"type": (kind := kinds.get(name, "function")), kind: {"name": name}} for name in choice.only]
    if choice.named:
        return {"name": choice.only[0]} if request.legacy else named[0]
    return {"type": "allowed_tools", "allowed_tools": {"mode": choice.mode, "tools": named}}
