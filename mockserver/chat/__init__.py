"""The vocabulary of function calling, free of any API's spelling: what is asked of a model and what it says back.

All values are immutable. Arguments of a call are text, as a model writes them, so that broken JSON can be said too.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Literal

from mockserver.chat.recorded_wire import Sent

ApiName = Literal["chat_completions", "responses", "messages", "gemini", "ollama"]
"""The APIs, as scenarios and the journal name them."""

Role = Literal["system", "developer", "user", "assistant", "tool", "function"]
ToolKind = Literal["function", "custom"]
JsonObject = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that the application offers to run.

    A function takes a JSON object: `parameters` is its schema (None: it takes no arguments). A custom tool takes
    plain text: `format` says which (None: any), as `{"syntax": "lark" or "regex", "definition": …}`.
    """

    name: str
    description: str = field(default="", hash=False)
    parameters: JsonObject | None = field(default=None, hash=False)
    strict: bool = field(default=False, hash=False)
    kind: ToolKind = field(default="function", hash=False)
    format: JsonObject | None = field(default=None, hash=False)


AS_WRITTEN = "as_written"
"""What a call that is wrong on purpose says of itself as its fault: it is a label, nothing is injected."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model's wish to have a tool run.

    `id` is None until the reply is sealed, just before it is written. `verbatim` says that `arguments` go out
    exactly as they stand, with no placeholders filled in. `fault` names what shall go wrong with this call. A call of
    a custom tool has the tool's plain input as its `arguments`; its kind follows from the tool that is offered.
    """

    name: str
    arguments: str = "{}"
    id: str | None = None
    fault: str | None = field(default=None, compare=False)
    verbatim: bool = field(default=False, compare=False)
    kind: ToolKind = "function"


def call(
    name: str,
    values: JsonObject | None = None,
    /,
    *,
    fault: str | None = None,
    arguments: str | None = None,
    id: str | None = None,
    **more: Any,
) -> ToolCall:
    """Write a tool call down: `call("get_weather", city="Oslo")`.

    Arguments are given as keywords, as one mapping (for parameters called `fault`, `arguments` or `id`), or as raw
    text in `arguments`, which is sent just as it is, valid or not.

    Raises:
        ValueError: raw text and values were given together.
    """
    if arguments is None:
        text = json.dumps({**(values or {}), **more}, ensure_ascii=False)
        return ToolCall(name, text, id, fault)
    if values is not None or more:
        raise ValueError(f"call({name!r}): give either values or raw `arguments` text, not both")
    return ToolCall(name, arguments, id, fault, verbatim=True)


class Thinking(str):
    """What a model thought before it spoke, as text, with the signature under which the API gave it out.

    It is the text itself, and equal to it. `signature` is None where none came, as in most forms of chat completions.
    """

    __slots__ = ("signature",)

    signature: str | None

    def __new__(cls, text: str = "", signature: str | None = None) -> "Thinking":
        """The text `text`, signed with `signature`."""
        thinking = super().__new__(cls, text)
        thinking.signature = signature
        return thinking

    def __getnewargs__(self) -> tuple[str, str | None]:  # type: ignore[override]  # copies keep the signature
        return str(self), self.signature


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation; text parts of `content` are joined by a newline.

    `parts` are the parts of the content as they came, where it is more than one text: several texts, images, sounds.
    `thinking` is the model's thinking that an application sent back, `is_error` says that a tool's result is an error.
    """

    role: Role
    content: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    name: str | None = None
    refusal: str | None = None
    parts: tuple[JsonObject, ...] = ()
    thinking: Thinking | None = None
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Whether the model may, must or must not call, and which tools it may choose from.

    `only` lists the names it may choose from (None: every offered tool); `named` says that the application picked
    one function by name, which the wire reports with another finish reason than a call of the model's own choice.
    """

    mode: Literal["auto", "none", "required"] = "auto"
    only: tuple[str, ...] | None = None
    named: bool = False


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One question for the model's next message.

    `options` holds what else the application asked for, under the API's own names (temperature, seed, n, …).
    `legacy` says that tools were offered as `functions`, the form before `tools`: calls are answered in that form too,
    one at a time. `api` is the API that the question came by; it decides nothing of what is said.
    """

    model: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = ToolChoice()
    parallel_tool_calls: bool = True
    stream: bool = False
    options: JsonObject = field(default_factory=dict)
    legacy: bool = False
    api: ApiName = field(default="chat_completions", compare=False)

    @property
    def user_text(self) -> str:
        """What the user says in this turn, as `user_says` of a scenario sees it; "" when that is nothing."""
        return user_says(self.messages) or ""

    @property
    def results(self) -> tuple[Message, ...]:
        """The tool results that came in since the model spoke last, in the order of the messages."""
        return tool_results(self.messages[last_answer(self.messages) + 1 :])

    def tool(self, name: str) -> Tool | None:
        """The offered tool of that name."""
        for tool in self.tools:
            if tool.name == name:
                return tool
        return None


def last_answer(messages: Sequence[Message]) -> int:
    """Index of the last assistant message, -1 when the model has not spoken."""
    for index in range(len(messages) - 1, -1, -1):
        if messages[index].role == "assistant":
            return index
    return -1


def tool_results(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The messages that carry a tool's result."""
    return tuple(message for message in messages if message.role in ("tool", "function"))


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a reply takes, in seconds: until its first token, and between two pieces of it.

    `jitter` varies every gap by up to that share of it, drawn from the seed.
    """

    first_token: float = 0.0
    gap: float = 0.0
    jitter: float = 0.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model says back: text, tool calls, or both.

    What is left None follows from the rest: `finish_reason` from the content, `usage` from a count of the tokens.
    `stream` says how text and arguments are cut when the answer is streamed: "word" (words, and JSON tokens in
    arguments), "character", "whole", or a number of characters. `fault` names what shall go wrong with it. `sent` is
    there for a recorded reply: how the upstream sent it. `thinking` is what the model thought first; it goes with a
    text, calls or a refusal, and each API and provider shows it in its own field, or only counts its tokens.
    `stop_sequence` is the one of the request that ended the text.
    """

    text: str | None = None
    calls: Sequence[ToolCall] = ()
    _: KW_ONLY
    finish_reason: str | None = None
    usage: Mapping[str, Any] | None = None
    fault: str | None = field(default=None, compare=False)
    stream: str | int | None = field(default=None, compare=False)
    timing: Timing | None = field(default=None, compare=False)
    refusal: str | None = None
    thinking: str | None = None
    stop_sequence: str | None = field(default=None, compare=False)
    sent: Sent | None = None

    def __post_init__(self) -> None:
        if type(self.calls) is not tuple:
            object.__setattr__(self, "calls", tuple(self.calls))


SCENARIO_MODEL = "scenario:"
"""A model of this name and a scenario's after it asks for that scenario, whatever models the scenario is meant for."""

MOCK_ERROR = "mock_error"
"""The type of errors that are the mock's own: something is wrong with a test or its script, not with the API."""


@dataclass(frozen=True, slots=True)
class ApiError:
    """An error that is said instead of a reply, in the API's own shape: `{"error": {message, type, param, code}}`.

    `extra` holds further keys of the error object, `headers` further response headers, in lower case. `sent` is there
    for a recorded error: how the upstream sent it. `retry_at` is when to come again, in seconds from the moment the
    error is sent, and is said as a date in `retry-after`.
    """

    status: int
    message: str
    type: str = "invalid_request_error"
    _: KW_ONLY
    param: str | None = None
    code: str | None = None
    extra: JsonObject = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: Sent | None = None
    retry_at: float | None = None


def user_says(messages: Sequence[Message]) -> str | None:
    """The texts, joined by a newline, of the user's messages since the model's last answer; None when there are none.

    A message with calls is not an answer: calls and their results do not end the user's turn. Where no user message
    came since the last answer, those before it count. A picture alone has no text, and brings no older words back.
    """
    return _joined(messages, calls_end_it=False)


def user_says_at_opening(messages: Sequence[Message]) -> str | None:
    """The texts of the user's messages since any message of the model, calls included; None when there are none."""
    return _joined(messages, calls_end_it=True)


def _joined(messages: Sequence[Message], *, calls_end_it: bool) -> str | None:
    texts: list[str] = []
    came = False
    for message in reversed(messages):
        if message.role == "user":
            came = True
            if message.content:
                texts.append(message.content)
        elif message.role == "assistant" and (calls_end_it or (came and not message.tool_calls)):
            break
    return "\n".join(reversed(texts)) or None
