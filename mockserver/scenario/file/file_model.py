"""The pydantic model of a scenario file: every key and its type."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, WithJsonSchema, model_validator

from mockserver.chat import ApiName
from mockserver.chat.api_errors import HIGHEST, LOWEST
from mockserver.scenario.file.durations import FASTEST, LATEST_SECONDS, LONGEST_SECONDS, SLOWEST, seconds, share
from mockserver.scenario.file.recorded_turn import ROLES, checked_chunks, checked_gaps

MOST_TIMES = 1_000_000
"""`times` of a turn or rule, and the numbers of `turn` and `tool_results` in conditions."""

LARGEST_CUT = 1_000_000
"""Characters of a chunk (`stream.cut`)."""

MOST_TOKENS = 1_000_000_000_000
"""`usage`: a trillion tokens."""

TEXT, NUMBER, OBJECT = "<a text>", "<a whole number>", "<an object>"
"""Tags of unions, as messages name them; the angle brackets keep them apart from keys of a file."""


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
    """The default of a key that may be absent but not null; only values that are present are validated."""
    return Field(default=None, alias=alias)


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class TextModel(_Keys):
    """A condition on a text; every key that is present must hold."""

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
    """The condition of a turn or rule; every key that is present must hold."""

    user_says: TextCondition = _absent()
    system_says: TextCondition = _absent()
    assistant_said: TextCondition = _absent()
    tool_results: _ResultCondition = _absent()
    tools: list[str] = _absent()
    model: str = _absent()
    tool_choice: str = _absent()
    stream: bool = _absent()
    turn: _Count = _absent()
    api: ApiName = _absent()
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
    """An error of the API; absent keys follow from the status."""

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
    """The timing of a reply: until its first token, and between tokens."""

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
    """The token counts; absent ones are computed."""

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
    """A message of a recorded request: its role with the text, or with the parts of its content."""

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
    thinking: str = _absent()
    signature: str = _absent()
    is_error: bool = _absent()

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
    """The request of a recorded turn; absent keys are as in the turn before it (`after`)."""

    model: str = _absent()
    tools: list[str | ToolModel] = _absent()
    tool_choice: Literal["auto", "none", "required"] | dict[str, Any] = _absent()
    parallel_tool_calls: bool = _absent()
    legacy: bool = _absent()
    options: dict[str, Any] = _absent()
    messages: list[MessageModel]


class SentModel(_Keys):
    """How the upstream sent a recorded response."""

    status: Annotated[int, Field(ge=100, le=599)] = _absent()
    content_type: str = _absent()
    api: ApiName = _absent()
    body: str = _absent()
    envelope: dict[str, Any] = _absent()
    shapes: dict[str, Any] = _absent()
    texts: dict[str, str] = _absent()
    chunks: Annotated[str, AfterValidator(checked_chunks)] = _absent()
    cut: bool = _absent()
    gaps: Annotated[Any, AfterValidator(checked_gaps)] = _absent()


class RecordingModel(_Keys):
    """What makes a scenario a recording; a recorder writes it."""

    format: _Count
    recorded: str = _absent()
    upstream: str = _absent()
    personal: Literal["pseudonyms"] = _absent()


class TurnModel(_Keys):
    """A turn or a rule: one of `text`, `calls` (with or without a text) and `error`, and its condition."""

    name: str = _absent()
    after: str = _absent()
    heard: HeardModel = _absent()
    sent: SentModel = _absent()
    when: WhenModel = _absent()
    thinking: str = _absent()
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
    api: ApiName = _absent()
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
