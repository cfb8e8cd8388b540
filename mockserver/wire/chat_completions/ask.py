"""A request → the JSON that a client would send: the inverse of `read`."""

from typing import Any

from mockserver.chat import ChatRequest, Message, Tool, ToolCall, ToolChoice

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
        found["tool_calls"] = [_call(call) for call in message.tool_calls]
    optional = {"tool_call_id": message.tool_call_id, "name": message.name, "refusal": message.refusal}
    return found | {key: value for key, value in optional.items() if value is not None}


def _call(call: ToolCall) -> JsonObject:
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
