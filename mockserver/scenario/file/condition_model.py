"""The pydantic model of conditions (`when`) in a scenario file, and the kinds of values that its unions tell apart."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, WithJsonSchema, model_validator

from mockserver.chat import ApiName
from mockserver.scenario.value_conditions import BOUND_KEYS, TEXT_KEYS, Bounds, is_path

MOST_TIMES = 1_000_000
"""`times` of a turn or rule, and the numbers of `turn` and `tool_results` in conditions."""

TEXT, NUMBER, OBJECT = "<a text>", "<a whole number>", "<an object>"
VALUE, BOUNDS, LIST = "<a value>", "<bounds such as {at_least: 2}>", "<a list of names>"
TAGS = (TEXT, NUMBER, OBJECT, VALUE, BOUNDS, LIST)
"""Tags of unions, as messages name them; the angle brackets keep them apart from keys of a file."""


def kind(value: Any) -> str:
    """The tag of a value."""
    return {str: TEXT, int: NUMBER, dict: OBJECT}.get(type(value), "<another>")


def _kind_in_has(value: Any) -> str:
    return OBJECT if isinstance(value, dict) else VALUE


def _kind_of_number(value: Any) -> str:
    return BOUNDS if isinstance(value, dict) else kind(value) if type(value) is int else "<another>"


def _kind_of_results(value: Any) -> str:
    if isinstance(value, dict) and value and all(key in BOUND_KEYS for key in value):
        return BOUNDS
    return LIST if isinstance(value, list) else kind(value) if isinstance(value, int | dict) else "<another>"


def absent(alias: str | None = None) -> Any:
    """The default of a key that may be absent but not null; only values that are present are validated."""
    return Field(default=None, alias=alias)


def _checked_bounds(value: dict[str, Any]) -> dict[str, Any]:
    try:
        Bounds.of(value)
    except TypeError as error:
        raise ValueError(str(error)) from None
    if not value:
        raise ValueError(f"expected bounds such as {{at_least: 1}}, found {value}")
    return value


def _checked_paths(value: dict[str, Any]) -> dict[str, Any]:
    for path in value:
        if not is_path(path):
            raise ValueError(f"`{path}` is not a path: write keys with dots between, odd ones in quotes")
    return value


_PLAIN_SCHEMA = {"type": ["string", "number", "boolean", "null", "array"]}
_BOUNDS_SCHEMA = {
    "type": "object",
    "properties": {key: {"type": "number"} for key in BOUND_KEYS},
    "additionalProperties": False,
    "minProperties": 1,
}
Text = Annotated[str, Tag(TEXT)]
Count = Annotated[int, Field(ge=1, le=MOST_TIMES)]
_Bounds = Annotated[dict[str, Any], AfterValidator(_checked_bounds), WithJsonSchema(_BOUNDS_SCHEMA)]


class Keys(BaseModel):
    """An object of a scenario file: no other keys, no conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class ValueModel(Keys):
    """A condition on a value within JSON: bounds of a number, or a condition on a text."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    below: float = absent()
    above: float = absent()
    at_least: float = absent()
    at_most: float = absent()
    equals: str = absent()
    contains: str = absent()
    matches: str = absent()
    has: "_Has" = absent()
    not_: "TextCondition" = absent("not")

    @model_validator(mode="after")
    def _is_one_kind(self) -> Self:
        keys = {"not" if name == "not_" else name for name in self.model_fields_set}
        if not keys:
            raise ValueError("expected bounds or a text condition, found an empty object")
        if keys & set(BOUND_KEYS) and keys & set(TEXT_KEYS):
            raise ValueError("bounds of a number cannot go with conditions on a text")
        return self


class TextModel(Keys):
    """A condition on a text; every key that is present must hold."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    equals: str = absent()
    contains: str = absent()
    matches: str = absent()
    has: "_Has" = absent()
    not_: "TextCondition" = absent("not")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("expected `equals`, `contains`, `matches`, `has` or `not`, found an empty object")
        return self


TextCondition = Annotated[Text | Annotated[TextModel, Tag(OBJECT)], Discriminator(kind)]
_ValueCondition = Annotated[
    Annotated[Any, WithJsonSchema(_PLAIN_SCHEMA), Tag(VALUE)] | Annotated[ValueModel, Tag(OBJECT)],
    Discriminator(_kind_in_has),
]
_Has = Annotated[dict[str, _ValueCondition], Field(min_length=1), AfterValidator(_checked_paths)]
_ByName = dict[str, TextCondition]
_ResultCondition = Annotated[
    Annotated[int, Field(ge=0, le=MOST_TIMES), Tag(NUMBER)]
    | Annotated[_Bounds, Tag(BOUNDS)]
    | Annotated[list[str], Field(min_length=1), Tag(LIST)]
    | Annotated[_ByName, Tag(OBJECT)],
    Discriminator(_kind_of_results),
]
_Turn = Annotated[Annotated[Count, Tag(NUMBER)] | Annotated[_Bounds, Tag(BOUNDS)], Discriminator(_kind_of_number)]
_Called = Annotated[Text | Annotated[dict[str, dict[str, Any]], Field(min_length=1), Tag(OBJECT)], Discriminator(kind)]


class WhenModel(Keys):
    """The condition of a turn or rule; every key that is present must hold."""

    user_says: TextCondition = absent()
    system_says: TextCondition = absent()
    assistant_said: TextCondition = absent()
    tool_results: _ResultCondition = absent()
    called: _Called = absent()
    tools: list[str] = absent()
    model: str = absent()
    tool_choice: str = absent()
    stream: bool = absent()
    turn: _Turn = absent()
    api: ApiName = absent()
    header: _ByName = absent()
    any: Annotated[list["WhenModel"], Field(min_length=1)] = absent()
    not_: "WhenModel" = absent("not")
