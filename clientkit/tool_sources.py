"""Tools that are not written as Python signatures: from a JSON Schema, from a model to be filled in, from MCP."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from clientkit.printable import as_json
from clientkit.signature import read_model
from clientkit.tools import AnyTool, Tool

T = TypeVar("T")


def tool_from_schema(definition: Mapping[str, Any], function: Callable[..., Any], **manners: Any) -> AnyTool:
    """The tool that an entry of the API's `tools` describes; `function` takes the arguments by name.

    `definition` is the entry itself or what stands under its `function`; `manners` are the settings of `Tool`.
    """
    described = definition.get("function", definition)
    return Tool(
        function=function,
        name=described["name"],
        description=described.get("description") or "",
        parameters=described.get("parameters") or {"type": "object", "properties": {}},
        **({"strict": True} if described.get("strict") else {}) | manners,
    )


def tool_from_model(model: type[T], *, name: str | None = None, strict: bool = False) -> Tool[[T], T]:
    """The tool with which a model fills in a type, such as a pydantic model: to extract data from text.

    The value stands in the record of the call: `answer.calls[0].value`.
    """

    def keep(value: T) -> T:
        return value

    signature = read_model(model)
    return Tool(
        function=keep,
        name=name or model.__name__,
        description=signature.description,
        parameters=signature.parameters,
        read=signature.read,
        strict=strict,
    )


def tools_from_mcp(
    listing: Iterable[Any],
    call: Callable[[str, dict[str, Any]], Awaitable[Any]],
    *,
    harmless: Collection[str] = (),
) -> list[AnyTool]:
    """The tools that an MCP server listed; `call(name, arguments)` asks the server to run one.

    A tool acts, and so needs a yes for each call, unless the server marks it read-only or you name it in `harmless`.
    Names that the API does not allow are changed in the offer only.
    """
    return [_from_mcp(entry, call, harmless) for entry in listing]


def _from_mcp(entry: Any, call: Callable[[str, dict[str, Any]], Awaitable[Any]], harmless: Collection[str]) -> AnyTool:
    name = _part(entry, "name")

    async def run(**arguments: Any) -> str:
        return _mcp_text(await call(name, arguments))

    read_only = _part(_part(entry, "annotations"), "readOnlyHint") is True
    return Tool(
        function=run,
        name=re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:64],
        description=_part(entry, "description") or "",
        parameters=_part(entry, "inputSchema") or {"type": "object", "properties": {}},
        acts=not (read_only or name in harmless),
    )


def _part(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


def _mcp_text(result: Any) -> str:
    """The texts of a result; other kinds of content are named. Raises RuntimeError if the result is an error."""
    content = _part(result, "content")
    if not isinstance(content, list):
        return result if isinstance(result, str) else as_json(result)
    text = "\n".join(_part(part, "text") or f"({_part(part, 'type')} content)" for part in content)
    if _part(result, "isError"):
        raise RuntimeError(text)
    return text
