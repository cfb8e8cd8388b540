"""The pydantic model of a scenario file: every key and its type."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from mockserver.chat import ApiName
from mockserver.chat.api_errors import HIGHEST, LOWEST
from mockserver.scenario.file.condition_model import (
    NUMBER,
    OBJECT,
    TEXT,
    Count,
    Keys,
    Text,
    WhenModel,
    absent,
    kind,
)
from mockserver.scenario.file.durations import FASTEST, LATEST_SECONDS, LONGEST_SECONDS, SLOWEST, seconds, share
from mockserver.scenario.file.recorded_turn import ROLES, checked_chunks, checked_gaps
from mockserver.scenario.ignored_parts import checked_item

LARGEST_CUT = 1_000_000
"""Characters of a chunk (`stream.cut`)."""

MOST_TOKENS = 1_000_000_000_000
"""`usage`: a trillion tokens."""

_Number = Annotated[int, Tag(NUMBER)]
_NAME = r"^[a-zA-Z0-9_-]{1,64}$"
_Tokens = Annotated[int, Field(ge=0, le=MOST_TOKENS)]
_SECONDS = {"type": ["number", "string"], "minimum": 0, "maximum": LONGEST_SECONDS}
_Duration = Annotated[Any, AfterValidator(seconds), WithJsonSchema(_SECONDS)]
_Share = Annotated[Any, AfterValidator(share), WithJsonSchema({"type": ["number", "string"]})]

_Fault = Annotated[Text | Annotated[dict[str, Any], Tag(OBJECT)], Discriminator(kind)]


class CallModel(Keys):
    """A tool call: its arguments as values (`with`) or as raw text (`arguments`), or a custom tool's text (`input`)."""

    call: Annotated[str, Field(min_length=1)]
    with_: dict[str, Any] = absent("with")
    arguments: str = absent()
    input: str = absent()
    compact: bool = absent()
    id: Annotated[str, Field(min_length=1)] = absent()
    fault: _Fault = absent()


class ErrorModel(Keys):
    """An error of the API; absent keys follow from the status."""

    status: Annotated[int, Field(ge=LOWEST, le=HIGHEST)]
    message: str = absent()
    type: str = absent()
    code: str | None = None
    param: str | None = None
    retry_after: Annotated[float, Field(ge=0, le=LATEST_SECONDS)] = absent()
    retry_after_ms: Annotated[float, Field(ge=0, le=LATEST_SECONDS * 1000)] = absent()
    headers: dict[str, str] = absent()
    body: Annotated[Text | Annotated[dict[str, Any], Tag(OBJECT)], Discriminator(kind)] = absent()


class TimingModel(Keys):
    """The timing of a reply: until its first token, and between tokens."""

    first_token: _Duration = absent()
    gap: _Duration = absent()
    jitter: _Share = absent()
    tokens_per_second: Annotated[float, Field(ge=SLOWEST, le=FASTEST)] = absent()


class StreamModel(Keys):
    """How a reply is cut into chunks."""

    cut: Annotated[
        Annotated[Literal["word", "character", "whole"], Tag(TEXT)]
        | Annotated[int, Field(ge=1, le=LARGEST_CUT), Tag(NUMBER)],
        Discriminator(kind),
    ]


class UsageModel(Keys):
    """The token counts; absent ones are computed."""

    prompt_tokens: _Tokens = absent()
    completion_tokens: _Tokens = absent()
    total_tokens: _Tokens = absent()
    prompt_tokens_details: dict[str, Any] = absent()
    completion_tokens_details: dict[str, Any] = absent()


class FunctionModel(Keys):
    """A function that the application offers."""

    name: Annotated[str, Field(pattern=_NAME)]
    description: str = absent()
    parameters: dict[str, Any] = absent()
    strict: bool | None = None


class GrammarModel(Keys):
    """The grammar that a custom tool's text follows."""

    syntax: Literal["lark", "regex"]
    definition: str


class FormatModel(Keys):
    """What text a custom tool takes: any, or what a grammar allows."""

    type: Literal["text", "grammar"]
    grammar: GrammarModel = absent()


class CustomModel(Keys):
    """A custom tool, which takes plain text."""

    name: Annotated[str, Field(pattern=_NAME)]
    description: str = absent()
    format: FormatModel = absent()


class ToolModel(Keys):
    """A tool in the API's own shape: a function, or a custom tool."""

    type: Literal["function", "custom"]
    function: FunctionModel = absent()
    custom: CustomModel = absent()

    @model_validator(mode="after")
    def _is_what_its_type_says(self) -> Self:
        if self.type not in self.model_fields_set:
            raise ValueError(f"the key `{self.type}` is missing")
        return self


class MessageModel(Keys):
    """A message of a recorded request: its role with the text, or with the parts of its content."""

    system: Any = None
    developer: Any = None
    user: Any = None
    assistant: Any = None
    tool: Any = None
    function: Any = None
    calls: list[CallModel] = absent()
    of: str = absent()
    name: str = absent()
    refusal: str = absent()
    thinking: str = absent()
    signature: str = absent()
    is_error: bool = absent()

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


class HeardModel(Keys):
    """The request of a recorded turn; absent keys are as in the turn before it (`after`)."""

    model: str = absent()
    tools: list[str | ToolModel] = absent()
    tool_choice: Literal["auto", "none", "required"] | dict[str, Any] = absent()
    parallel_tool_calls: bool = absent()
    legacy: bool = absent()
    options: dict[str, Any] = absent()
    messages: list[MessageModel]


class SentModel(Keys):
    """How the upstream sent a recorded response."""

    status: Annotated[int, Field(ge=100, le=599)] = absent()
    content_type: str = absent()
    api: ApiName = absent()
    body: str = absent()
    envelope: dict[str, Any] = absent()
    shapes: dict[str, Any] = absent()
    texts: dict[str, str] = absent()
    chunks: Annotated[str, AfterValidator(checked_chunks)] = absent()
    cut: bool = absent()
    gaps: Annotated[Any, AfterValidator(checked_gaps)] = absent()


class RecordingModel(Keys):
    """What makes a scenario a recording; a recorder writes it."""

    format: Count
    recorded: str = absent()
    upstream: str = absent()
    personal: Literal["pseudonyms"] = absent()
    ignore: list[Annotated[str, AfterValidator(checked_item)]] = absent()


class AlternativeModel(Keys):
    """An alternative of `either`: a reply and its condition."""

    name: str = absent()
    when: WhenModel = absent()
    thinking: str = absent()
    text: str = absent()
    refusal: str = absent()
    calls: Annotated[list[CallModel], Field(min_length=1)] = absent()
    timing: TimingModel = absent()
    stream: StreamModel = absent()
    finish_reason: Literal["stop", "length", "tool_calls", "content_filter", "function_call"] = absent()
    usage: UsageModel = absent()
    fault: _Fault = absent()
    faults: list[_Fault] = absent()


class TurnModel(AlternativeModel):
    """A turn or a rule: one of `text`, `calls` (with or without a text), `error` and `either`, and its condition."""

    either: Annotated[list[AlternativeModel], Field(min_length=1)] = absent()
    error: ErrorModel = absent()
    times: Count = absent()
    after: str = absent()
    heard: HeardModel = absent()
    sent: SentModel = absent()


class ScenarioModel(Keys):
    """A scenario file."""

    scenario: Annotated[str, Field(min_length=1)] = absent()
    recording: RecordingModel = absent()
    about: str = absent()
    api: ApiName = absent()
    model: str = absent()
    seed: Annotated[Text | _Number, Discriminator(kind)] = absent()
    order: Literal["conversation", "arrival"] = "conversation"
    timing: TimingModel = absent()
    fault: _Fault = absent()
    faults: list[_Fault] = absent()
    profile: str = absent()
    provider: str = absent()
    tools: list[ToolModel] = absent()
    turns: list[TurnModel] = absent()
    rules: list[TurnModel] = absent()
