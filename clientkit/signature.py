"""What a signature and its docstring say: the schema of the arguments, and how to read them as the function's types."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from inspect import cleandoc
from typing import Annotated, Any, get_origin, get_type_hints

from pydantic import PydanticUserError, TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema

from clientkit.errors import BadCall, Problem
from clientkit.schema import Schema, close_objects, describe, without_noise

_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD)
_UNTOLD_DEFAULT = "the function's own default"
_READING_ORDER = ("type", "properties", "required", "additionalProperties")

_ARGUMENTS = frozenset({"Args", "Arguments", "Parameters", "Params", "Keyword Args", "Keyword Arguments"})
_SECTIONS = _ARGUMENTS | {
    *("Attributes", "Example", "Examples", "Note", "Notes", "Other Parameters", "Raises", "References", "Return"),
    *("Returns", "See Also", "Todo", "Warning", "Warnings", "Warns", "Yield", "Yields"),
}
_GOOGLE = re.compile(r"\*{0,2}(?P<name>\w+)\s*(?:\([^)]*\))?:\s*(?P<text>.*)")
_NUMPY = re.compile(r"\*{0,2}(?P<name>\w+)\s*(?::.*)?(?P<text>)")
_SPHINX = re.compile(
    r":(?:param|parameter|arg|argument|key|keyword)\s+(?:[^:]*\s)?\*{0,2}(?P<name>\w+):\s*(?P<text>.*)"
)
_SPHINX_FIELD = re.compile(r":\w+(?:\s[^:]*)?:")


@dataclass(frozen=True, slots=True)
class Signature:
    """A function seen as a tool: what it is for, which arguments it takes, and how they become Python values."""

    name: str
    description: str
    parameters: Schema
    read: Callable[[dict[str, Any]], dict[str, Any]]
    defaults: dict[str, Any] = field(default_factory=dict)
    """The defaults of the parameters, as JSON; a default that JSON cannot express is described in words."""


def read_signature(function: Callable[..., Any]) -> Signature:
    """Read annotations, defaults and docstring.

    What a partial hands in, and the object of a method, is not offered to the model.

    Raises:
        TypeError: They do not say what a model should send.
    """
    inner = _inner(function)
    name = str(getattr(inner, "__name__", type(inner).__name__))
    documentation = read_docstring(inspect.getdoc(inner))
    parameters = _parameters(function, name)
    adapter, schema = _adapter_and_schema(_collector(parameters, name), name)
    for parameter in parameters:
        describe(schema, parameter.name, _note(parameter.annotation))
    for parameter_name, text in documentation.parameters.items():
        describe(schema, parameter_name, text)
    schema = {**{keyword: schema[keyword] for keyword in _READING_ORDER if keyword in schema}, **schema}
    defaults = {
        parameter.name: schema["properties"][parameter.name].get("default", _UNTOLD_DEFAULT)
        for parameter in parameters
        if parameter.default is not inspect.Parameter.empty
    }
    return Signature(name, documentation.about, schema, _reader(name, adapter), defaults)


def read_model(model: type[Any]) -> Signature:
    """The same for a type, such as a pydantic model, whose value is wanted itself: a function of one argument.

    Raises:
        TypeError: It is not a type with named fields.
    """
    adapter, schema = _adapter_and_schema(model, model.__name__)
    schema.pop("description", None)
    about = read_docstring(model.__doc__).about
    if schema.get("type") != "object":
        raise TypeError(f"{model.__name__} is not a type with named fields, so a model cannot send it as arguments")
    return Signature(model.__name__, about, schema, _reader(model.__name__, adapter, wrap=True))


class _Quiet(GenerateJsonSchema):
    # A default that JSON cannot express is not a mistake: the model may leave the parameter out all the same.
    ignored_warning_kinds = GenerateJsonSchema.ignored_warning_kinds | {"non-serializable-default"}


def _adapter_and_schema(kind: Any, name: str) -> tuple[TypeAdapter[Any], Schema]:
    """The validator of a type, and its schema.

    Raises:
        TypeError: JSON cannot express the type.
    """
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(kind)
        return adapter, close_objects(without_noise(adapter.json_schema(schema_generator=_Quiet)))
    except PydanticUserError as error:
        why = error.message.partition("\n")[0]
        raise TypeError(f"the types of {name} cannot be described to a model: {why}") from error


def _reader(name: str, adapter: TypeAdapter[Any], *, wrap: bool = False) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def read(arguments: dict[str, Any]) -> dict[str, Any]:
        try:
            value = adapter.validate_python(arguments)
        except ValidationError as error:
            problems = [
                Problem(path_text(found["loc"]), found["input"], found["msg"])
                for found in error.errors(include_url=False, include_context=False)
            ]
            raise BadCall(name, problems) from None
        return {"value": value} if wrap else value

    return read


def path_text(steps: tuple[int | str, ...]) -> str:
    """A place in the arguments as one would write it: `cities[0].name`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".") or "arguments"


def _collector(parameters: list[inspect.Parameter], name: str) -> Any:
    """A function with the same parameters that only returns what it was called with: reading must run nothing."""

    def collect(**values: Any) -> dict[str, Any]:
        return values

    collect.__name__ = name
    collect.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    vars(collect)["__signature__"] = inspect.Signature(parameters)
    return collect


def _inner(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function inside partials, for its name, its docstring and its annotations."""
    while isinstance(function, partial):
        function = function.func
    return function


def _parameters(function: Callable[..., Any], name: str) -> list[inspect.Parameter]:
    """The parameters that a model fills in."""
    parameters = list(inspect.signature(function).parameters.values())
    if parameters and parameters[0].name == "self" and parameters[0].annotation is inspect.Parameter.empty:
        parameters = parameters[1:]  # a method in its class body, see Tool.__get__
    given = set(function.keywords) if isinstance(function, partial) else set()
    hints = _hints(function, name)
    return [_parameter(each, hints, name) for each in parameters if each.name not in given]


def _hints(function: Callable[..., Any], name: str) -> dict[str, Any]:
    # A partial keeps its annotations on the function inside, a callable object on its __call__.
    inner = _inner(function)
    annotated = inner if inspect.isroutine(inner) else type(inner).__call__
    try:
        return get_type_hints(annotated, include_extras=True)
    except NameError as error:
        raise TypeError(f"the types of {name} cannot be read: {error}. Define them at module level.") from None


def _note(annotation: Any) -> str:
    """The description that stands in the annotation: `Annotated[str, "The city"]`."""
    if get_origin(annotation) is not Annotated:
        return ""
    return " ".join(note for note in annotation.__metadata__ if isinstance(note, str))


def _parameter(parameter: inspect.Parameter, hints: dict[str, Any], function: str) -> inspect.Parameter:
    if parameter.kind not in _BY_NAME:
        raise TypeError(
            f"{function} takes {parameter} by position, but a model names every argument: make it a keyword"
        )
    if parameter.name not in hints:
        raise TypeError(
            f"the parameter {parameter.name} of {function} has no type, so a model cannot know what to send: "
            f"write for example {parameter.name}: str"
        )
    by_name = parameter.kind is not inspect.Parameter.VAR_KEYWORD
    return parameter.replace(
        annotation=hints[parameter.name], kind=inspect.Parameter.KEYWORD_ONLY if by_name else parameter.kind
    )


@dataclass(frozen=True, slots=True)
class Documentation:
    """What the docstring says: about the function, and by name about its parameters."""

    about: str
    parameters: dict[str, str]


def read_docstring(docstring: str | None) -> Documentation:
    """Reads the text before the first section or field, and what describes parameters."""
    lines = cleandoc(docstring or "").splitlines()
    starts = [number for number in range(len(lines)) if _begins_section(lines, number)]
    about = lines[: starts[0]] if starts else lines
    parameters: dict[str, str] = {}
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        parameters |= _section(lines[start:end])
    return Documentation("\n".join(about).strip(), parameters)


def _begins_section(lines: Sequence[str], number: int) -> bool:
    line = lines[number]
    if _SPHINX_FIELD.match(line):
        return True
    return line.removesuffix(":") in _SECTIONS and (line.endswith(":") or _is_underlined(lines[number:]))


def _is_underlined(lines: Sequence[str]) -> bool:
    return len(lines) > 1 and re.fullmatch(r"-{3,}", lines[1]) is not None


def _section(lines: Sequence[str]) -> dict[str, str]:
    if _SPHINX_FIELD.match(lines[0]):
        return _read(lines, _SPHINX)
    if lines[0].removesuffix(":") not in _ARGUMENTS:
        return {}
    return _read(lines[2:], _NUMPY) if _is_underlined(lines) else _read(lines[1:], _GOOGLE)


def _read(lines: Sequence[str], entry: re.Pattern[str]) -> dict[str, str]:
    """One parameter begins at the depth of the first; what stands deeper goes on with it."""
    found: dict[str, list[str]] = {}
    depth = next((_depth(line) for line in lines if line.strip()), 0)
    latest: list[str] = []
    for line in lines:
        match = entry.fullmatch(line.strip()) if _depth(line) == depth else None
        if match:
            latest = found.setdefault(match["name"], [])
            latest.append(match["text"])
        elif line.strip():
            latest.append(line.strip())
    return {name: " ".join(texts).strip() for name, texts in found.items()}


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
