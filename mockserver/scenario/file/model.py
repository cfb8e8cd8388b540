"""The shape of a scenario file: every key and what it may hold."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, WithJsonSchema, model_validator

from mockserver.chat.api_errors import HIGHEST, LOWEST
from mockserver.scenario.file.bounds import (
    FASTEST,
    LARGEST_CUT,
    LATEST_SECONDS,
    LONGEST_SECONDS,
    MOST_TIMES,
    MOST_TOKENS,
    SLOWEST,
)
from mockserver.scenario.file.durations import seconds, share
from mockserver.scenario.file.recorded import ROLES
from mockserver.scenario.file.sent import chunks_in

TEXT, NUMBER, OBJECT = "<a text>", "<a whole number>", "<an object>"
"""How messages name the kinds a value may have; in angle brackets, so that no key of a file is called the same."""


def _kind(value: Any) -> str:
    return {str: TEXT, int: NUMBER, dict: OBJECT}.get(type(value), "<another>")


_Text = Annotated[str, Tag(TEXT)]
_Number = Annotated[int, Tag(NUMBER)]
_NAME = r"^[a-zA-Z0-9_-]{1,64}$"
_Count = Annotated[int, Field(ge=1, le=MOST_TIMES)]
_Tokens = Annotated[int, Field(ge=0, le=MOST_TOKENS)]
_SECONDS = {"type": ["number", "string"], "minimum": 0, "maximum": LONGEST_SECONDS}
_Duration = Annotated[Any, AfterValidator(seconds), WithJsonSchema(_SECONDS)]
_Share = Annotated[Any, AfterValidator(share), WithJsonSchema({"type": ["number", "string"]})]

_Fault = Annotated[_Text | Annotated[dict[str, Any], Tag(OBJECT)], Discriminator(_kind)]


def _absent(alias: str | None = None) -> Any:
    """The default of a key that may be left out but not be null; types are judged only where a value is given."""
    return Field(default=None, alias=alias)


def _chunks(value: str) -> str:
    for _ in chunks_in(value):
        pass
    return value


_LONGEST_GAP = str(LONGEST_SECONDS * 1000)


def _gaps(value: Any) -> Any:
    gaps = str(value).split() if isinstance(value, str | int) else []
    if not gaps or not all(gap.isascii() and gap.isdecimal() for gap in gaps):
        raise ValueError("expected whole numbers of milliseconds")
    if any(len(gap) > len(_LONGEST_GAP) or int(gap) > int(_LONGEST_GAP) for gap in gaps):
        raise ValueError(f"expected gaps of at most {_LONGEST_GAP} milliseconds")
    return value


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class TextModel(_Keys):
    """What a text must be like; all that is given must hold."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    equals: str = _absent()
    contains: str = _absent()
    matches: str = _absent()
    not_: "TextCondition" = _absent("not")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("expected `equals`, `contains`, `matches` or `not`, found an empty object")
        return self


TextCondition = Annotated[_Text | Annotated[TextModel, Tag(OBJECT)], Discriminator(_kind)]
_ByName = dict[str, TextCondition]
_ResultCondition = Annotated[
    Annotated[int, Field(ge=0, le=MOST_TIMES), Tag(NUMBER)] | Annotated[_ByName, Tag(OBJECT)], Discriminator(_kind)
]


class WhenModel(_Keys):
    """The condition of a turn or rule; all that is given must hold."""

    user_says: TextCondition = _absent()
    system_says: TextCondition = _absent()
    assistant_said: TextCondition = _absent()
    tool_results: _ResultCondition = _absent()
    tools: list[str] = _absent()
    model: str = _absent()
    tool_choice: str = _absent()
    stream: bool = _absent()
    turn: _Count = _absent()
    header: _ByName = _absent()
    any: Annotated[list["WhenModel"], Field(min_length=1)] = _absent()
    not_: "WhenModel" = _absent("not")


class CallModel(_Keys):
    """A tool call: its arguments as values (`with`) or as raw text (`arguments`), or a custom tool's text (`input`)."""

    call: Annotated[str, Field(min_length=1)]
    with_: dict[str, Any] = _absent("with")
    arguments: str = _absent()
    input: str = _absent()
    compact: bool = _absent()
    id: Annotated[str, Field(min_length=1)] = _absent()
    fault: _Fault = _absent()


class ErrorModel(_Keys):
    """An error of the API; what is left out follows from the status."""

    status: Annotated[int, Field(ge=LOWEST, le=HIGHEST)]
    message: str = _absent()
    type: str = _absent()
    code: str | None = None
    param: str | None = None
    retry_after: Annotated[float, Field(ge=0, le=LATEST_SECONDS)] = _absent()
    retry_after_ms: Annotated[float, Field(ge=0, le=LATEST_SECONDS * 1000)] = _absent()
    headers: dict[str, str] = _absent()
    body: Annotated[_Text | Annotated[dict[str, Any], Tag(OBJECT)], Discriminator(_kind)] = _absent()


class TimingModel(_Keys):
    """How long a reply takes: until its first token, and from token to token."""

    first_token: _Duration = _absent()
    gap: _Duration = _absent()
    jitter: _Share = _absent()
    tokens_per_second: Annotated[float, Field(ge=SLOWEST, le=FASTEST)] = _absent()


class StreamModel(_Keys):
    """How a reply is cut into chunks."""

    cut: Annotated[
        Annotated[Literal["word", "character", "whole"], Tag(TEXT)]
        | Annotated[int, Field(ge=1, le=LARGEST_CUT), Tag(NUMBER)],
        Discriminator(_kind),
    ]


class UsageModel(_Keys):
    """The count of tokens; what is left out is computed."""

    prompt_tokens: _Tokens = _absent()
    completion_tokens: _Tokens = _absent()
    total_tokens: _Tokens = _absent()
    prompt_tokens_details: dict[str, Any] = _absent()
    completion_tokens_details: dict[str, Any] = _absent()


class FunctionModel(_Keys):
    """A function that the application offers."""

    name: Annotated[str, Field(pattern=_NAME)]
    description: str = _absent()
    parameters: dict[str, Any] = _absent()
    strict: bool | None = None


class GrammarModel(_Keys):
    """The grammar that a custom tool's text follows."""

    syntax: Literal["lark", "regex"]
    definition: str


class FormatModel(_Keys):
    """What text a custom tool takes: any, or what a grammar allows."""

    type: Literal["text", "grammar"]
    grammar: GrammarModel = _absent()


class CustomModel(_Keys):
    """A custom tool, which takes plain text."""

    name: Annotated[str, Field(pattern=_NAME)]
    description: str = _absent()
    format: FormatModel = _absent()


class ToolModel(_Keys):
    """A tool in the API's own shape: a function, or a custom tool."""

    type: Literal["function", "custom"]
    function: FunctionModel = _absent()
    custom: CustomModel = _absent()

    @model_validator(mode="after")
    def _is_what_its_type_says(self) -> Self:
        if self.type not in self.model_fields_set:
            raise ValueError(f"the key `{self.type}` is missing")
        return self


class MessageModel(_Keys):
    """A message that was heard: its role with the text, or with the parts of its content."""

    system: Any = None
    developer: Any = None
    user: Any = None
    assistant: Any = None
    tool: Any = None
    function: Any = None
    calls: list[CallModel] = _absent()
    of: str = _absent()
    name: str = _absent()
    refusal: str = _absent()

    @model_validator(mode="after")
    def _has_one_role(self) -> Self:
        found = [role for role in ROLES if role in self.model_fields_set]
        if len(found) != 1:
            raise ValueError(f"expected one of {', '.join(ROLES)}")
        content = getattr(self, found[0])
        parts = isinstance(content, list) and all(isinstance(part, dict) for part in content)
        if not (content is None or isinstance(content, str) or parts):
            raise ValueError("expected a text or a list of parts")
        return self


class HeardModel(_Keys):
    """The request that a recorded turn answers; what is left out is as in the turn before it (`after`)."""

    model: str = _absent()
    tools: list[str | ToolModel] = _absent()
    tool_choice: Literal["auto", "none", "required"] | dict[str, Any] = _absent()
    parallel_tool_calls: bool = _absent()
    legacy: bool = _absent()
    options: dict[str, Any] = _absent()
    messages: list[MessageModel]


class SentModel(_Keys):
    """How the upstream sent a recorded answer."""

    status: Annotated[int, Field(ge=100, le=599)] = _absent()
    content_type: str = _absent()
    body: str = _absent()
    envelope: dict[str, Any] = _absent()
    shapes: dict[str, Any] = _absent()
    texts: dict[str, str] = _absent()
    chunks: Annotated[str, AfterValidator(_chunks)] = _absent()
    cut: bool = _absent()
    gaps: Annotated[Any, AfterValidator(_gaps)] = _absent()


class RecordingModel(_Keys):
    """What makes a scenario a recording; a recorder writes it."""

    format: _Count
    recorded: str = _absent()
    upstream: str = _absent()
    personal: Literal["pseudonyms"] = _absent()


class TurnModel(_Keys):
    """A turn or a rule: one of `text`, `calls` (with or without a text) and `error`, and when it is said."""

    name: str = _absent()
    after: str = _absent()
    heard: HeardModel = _absent()
    sent: SentModel = _absent()
    when: WhenModel = _absent()
    text: str = _absent()
    refusal: str = _absent()
    calls: Annotated[list[CallModel], Field(min_length=1)] = _absent()
    error: ErrorModel = _absent()
    times: _Count = _absent()
    timing: TimingModel = _absent()
    stream: StreamModel = _absent()
    finish_reason: Literal["stop", "length", "tool_calls", "content_filter", "function_call"] = _absent()
    usage: UsageModel = _absent()
    fault: _Fault = _absent()
    faults: list[_Fault] = _absent()


class ScenarioModel(_Keys):
    """A scenario file."""

    scenario: Annotated[str, Field(min_length=1)] = _absent()
    recording: RecordingModel = _absent()
    about: str = _absent()
    model: str = _absent()
    seed: Annotated[_Text | _Number, Discriminator(_kind)] = _absent()
    order: Literal["conversation", "arrival"] = "conversation"
    timing: TimingModel = _absent()
    fault: _Fault = _absent()
    faults: list[_Fault] = _absent()
    profile: str = _absent()
    provider: str = _absent()
    tools: list[ToolModel] = _absent()
    turns: list[TurnModel] = _absent()
    rules: list[TurnModel] = _absent()
