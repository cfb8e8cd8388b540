"""What a recorded turn heard, as its file writes it: only what is new since the model spoke last."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from mockserver.chat import ChatRequest, JsonObject, Message, Tool, ToolCall, ToolChoice
from mockserver.scenario.file.calls import call_data, call_of
from mockserver.scenario.file.tools import tool_data, tool_of
from mockserver.scenario.model import Turn, answered

ROLES = ("system", "developer", "user", "assistant", "tool", "function")


def heard_of(data: Mapping[str, Any], before: Turn | None, tools: Sequence[Tool]) -> ChatRequest:
    """The whole request; whatever is not given is as it was in the turn `before`."""
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


class ParsedRequest:
    """Writes down what the turns of a recording heard, in their order."""

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


def _digests(messages: Sequence[Message]) -> list[bytes]:
    """For each message what tells the conversation up to it from every other."""
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
    return Message(role, content, calls, data.get("of"), data.get("name"), data.get("refusal"), parts)


def _message_data(message: Message) -> dict[str, Any]:
    found: dict[str, Any] = {message.role: list(message.parts) if message.parts else message.content}
    given: Iterator[tuple[str, Any]] = iter(
        (
            ("calls", [call_data(call) for call in message.tool_calls] or None),
            ("of", message.tool_call_id),
            ("name", message.name),
            ("refusal", message.refusal),
        )
    )
    return found | {key: value for key, value in given if value is not None}
