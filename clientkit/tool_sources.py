"""Tools that are not written as Python signatures: from a JSON Schema, from a model to be filled in, from MCP."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Mapping
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
    listing: Any,
    call: Callable[[str, dict[str, Any]], Awaitable[Any]],
    *,
    harmless: Collection[str] = (),
    trusted: bool = False,
) -> list[AnyTool]:
    """The tools that an MCP server listed; `call(name, arguments)` asks the server to run one.

    `listing` is the result of `list_tools` or the list in it, as objects of the MCP package or as JSON. A tool acts,
    and so needs a yes for each call, unless you name it in `harmless`, or the server marks it read-only and is
    `trusted`: a server can say anything of itself. Names that the API does not allow are changed in the offer only.
    """
    entries = listing if isinstance(listing, list | tuple) else _part(listing, "tools")
    return [_from_mcp(entry, call, harmless, trusted=trusted) for entry in entries]


def _from_mcp(
    entry: Any, call: Callable[[str, dict[str, Any]], Awaitable[Any]], harmless: Collection[str], *, trusted: bool
) -> AnyTool:
    name = _part(entry, "name")

    async def run(**arguments: Any) -> str:
        return _mcp_text(await call(name, arguments))

    read_only = trusted and _part(_part(entry, "annotations"), "readOnlyHint") is True
    return Tool(
        function=run,
        name=re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:64],
        description=_part(entry, "description") or "",
        parameters=_part(entry, "inputSchema") or {"type": "object", "properties": {}},
        acts=not (read_only or name in harmless),
    )


def _part(thing: Any, name: str) -> Any:
    """What a thing holds under a name, as JSON writes it or as Python does."""
    for spelling in (name, re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)):
        found = thing.get(spelling) if isinstance(thing, Mapping) else getattr(thing, spelling, None)
        if found is not None:
            return found
    return None


def _mcp_text(result: Any) -> str:
    """The texts of a result; other kinds of content are named. Raises RuntimeError if the result is an error."""
    content = _part(result, "content")
    if not isinstance(content, list):
        return result if isinstance(result, str) else as_json(result)
    text = "\n".join(_content_text(part) for part in content)
    if _part(result, "isError"):
        raise RuntimeError(text)
    structured = _part(result, "structuredContent")
    return text if text or structured is None else as_json(structured)


def _content_text(part: Any) -> str:
    text = _part(part, "text") or _part(_part(part, "resource"), "text")
    return str(text) if text else f"({_part(part, 'type')} content)"
