"""Tools: functions of yours that a model may call."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from types import MethodType
from typing import Any, Generic, NoReturn, ParamSpec, TypeAlias, TypeVar, overload

import jsonschema_rs

from clientkit.repair import require_repair
from clientkit.reply import function_of
from clientkit.schema import close_objects, strict_form
from clientkit.signature import read_model, read_signature

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


TOOL_SECONDS = 60.0
"""How long a tool may take that does not say so itself."""


def _as_they_are(arguments: dict[str, Any]) -> dict[str, Any]:
    return arguments


@dataclass(frozen=True, kw_only=True, eq=False)
class Tool(Generic[P, R]):
    """A function with what a model must know to call it; calling the tool calls the function.

    `acts` says that it changes the world, so that a person must agree to each call. `strict` offers it in strict form.
    `coerce` lets arguments pass that have the wrong type but only one possible meaning, such as "3" for 3. `repair`
    lets broken JSON pass of which only the punctuation is wrong, marked as such. `timeout` is in seconds, None for no
    limit. `read` turns checked arguments into the function's own types, `defaults` are those of the function, and
    `original_name` is what the user is shown where the API does not allow the name.

    Raises:
        ValueError: The name is not one that an API takes, or the schema is not one.
    """

    function: Callable[P, R]
    name: str
    description: str
    parameters: Mapping[str, Any]
    read: Callable[[dict[str, Any]], dict[str, Any]] = _as_they_are
    defaults: Mapping[str, Any] = field(default_factory=dict)
    original_name: str | None = None
    acts: bool = False
    strict: bool = False
    coerce: bool = False
    repair: bool = False
    timeout: float | None = TOOL_SECONDS

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(
                f"{self.name!r} cannot be the name of a tool: "
                "write 1 to 64 letters (a-z, A-Z), digits, underscores or hyphens"
            )
        if self.repair:
            require_repair()
        # At once, so that a wrong schema is an error where it is written and not in the middle of a conversation.
        _ = self.validator, self.definition

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Calls the function as plain code does; nothing is checked or confirmed."""
        return self.function(*args, **kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Tool[..., R]:
        """The tool of a method, bound to the object on which it is looked up."""
        if instance is None:
            return self
        return replace(self, function=MethodType(self.function, instance))

    @cached_property
    def definition(self) -> dict[str, Any]:
        """The tool as the API wants it in `tools`."""
        about = {"description": self.description} if self.description else {}
        parameters = strict_form(self.parameters) if self.strict else dict(self.parameters)
        strict = {"strict": True} if self.strict else {}
        return {"type": "function", "function": {"name": self.name, **about, "parameters": parameters, **strict}}

    @cached_property
    def validator(self) -> jsonschema_rs.Validator:
        """Judges arguments. A property that an object does not name fits only where its schema says so."""
        # What `read` parses as a date or time, it judges better: a time without an offset may be right.
        formats = {} if self.read is _as_they_are else dict.fromkeys(("date-time", "time"), _any_text)
        return jsonschema_rs.validator_for(
            close_objects(self.parameters), validate_formats=True, formats=formats, retriever=_refuse
        )


AnyTool: TypeAlias = Tool[..., Any]


def _any_text(_text: str) -> bool:
    return True


def _refuse(address: str) -> NoReturn:
    raise ValueError(f"the schema refers to {address}; nothing is fetched from elsewhere, put it under $defs")


@overload
def tool(function: Callable[P, R], /) -> Tool[P, R]: ...
@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    acts: bool = False,
    strict: bool = False,
    coerce: bool = False,
    repair: bool = False,
    timeout: float | None = TOOL_SECONDS,
) -> Callable[[Callable[P, R]], Tool[P, R]]: ...
def tool(
    function: Callable[P, R] | None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    **settings: Any,
) -> Tool[P, R] | Callable[[Callable[P, R]], Tool[P, R]]:
    """Make a function a tool: types and defaults from its signature, descriptions from its docstring.

    Use it bare (`@tool`) or with settings (`@tool(acts=True)`); see `Tool` for what they mean.

    Raises:
        TypeError: A parameter has no type, or a setting is not one of a tool.
    """
    _check_settings(function, settings)

    def decorate(function: Callable[P, R]) -> Tool[P, R]:
        signature = read_signature(function)
        return Tool(
            function=function,
            name=name or signature.name,
            description=signature.description if description is None else description,
            parameters=signature.parameters,
            read=signature.read,
            defaults=signature.defaults,
            **settings,
        )

    return decorate if function is None else decorate(function)


_SETTINGS = ("name", "description", "acts", "strict", "coerce", "repair", "timeout")


def _check_settings(function: object, settings: Mapping[str, Any]) -> None:
    if isinstance(function, str):
        raise TypeError(f"@tool takes settings by name: write @tool(name={function!r})")
    if function is not None and not callable(function):
        raise TypeError(f"{function!r} is not a function; @tool makes functions tools")
    for setting in settings.keys() - set(_SETTINGS):
        near = get_close_matches(setting, _SETTINGS, n=1)
        meant = f"did you mean {near[0]}=…?" if near else f"it takes {', '.join(_SETTINGS)}"
        raise TypeError(f"@tool has no setting {setting!r}: {meant}")


def tools_for_choice(tools: Mapping[str, AnyTool], choice: Any) -> dict[str, AnyTool]:
    """Those of the tools that a `tool_choice` lets a model call, for a model need not keep to it."""
    match choice:
        case "none":
            names: Sequence[str] = []
        case {"function": {"name": str(name)}}:
            names = [name]
        case {"allowed_tools": {"tools": [*entries]}}:
            names = [str(function_of(entry).get("name")) for entry in entries]
        case _:
            names = list(tools)
    return {name: tool for name, tool in tools.items() if name in names}


def by_name(tools: Iterable[object]) -> dict[str, AnyTool]:
    """The tools by their names; plain functions become tools.

    Raises:
        TypeError: It is not a list of tools and functions.
        ValueError: Two tools have the same name.
    """
    if callable(tools) or isinstance(tools, Mapping | str):
        raise TypeError(f"tools is a list: write tools=[{getattr(tools, '__name__', getattr(tools, 'name', '…'))}]")
    found: dict[str, AnyTool] = {}
    for given in tools:
        if not callable(given):
            raise TypeError(
                f"{given!r} is not a function; a tool that is described in JSON needs one: tool_from_schema(…)"
            )
        each = given if isinstance(given, Tool) else tool(given)
        if each.name in found:
            raise ValueError(f"two tools are called {each.name}: give one of them another with @tool(name=…)")
        found[each.name] = each
    return found


def tool_from_schema(definition: Mapping[str, Any], function: Callable[..., Any], **settings: Any) -> AnyTool:
    """The tool that an entry of the API's `tools` describes; `function` takes the arguments by name.

    `definition` is the entry itself or what stands under its `function`; `settings` are those of `Tool`.
    """
    described = definition.get("function", definition)
    return Tool(
        function=function,
        name=described["name"],
        description=described.get("description") or "",
        parameters=described.get("parameters") or {"type": "object", "properties": {}},
        **({"strict": True} if described.get("strict") else {}) | settings,
    )


def tool_from_model(model: type[T], *, name: str | None = None, strict: bool = False) -> Tool[[T], T]:
    """The tool with which a model fills in a type, such as a pydantic model: to extract data from text.

    The value stands in the record of the call: `answer.calls[0].value`. For one typed answer, `answer_as` is shorter.
    """

    def keep(value: T) -> T:
        return value

    signature = read_model(model)
    return Tool(
        function=keep,
        name=name or signature.name,
        description=signature.description,
        parameters=signature.parameters,
        read=signature.read,
        strict=strict,
    )
