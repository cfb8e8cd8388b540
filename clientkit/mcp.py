"""Tools of an MCP server, offered to the model under names and schemas that the API takes."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, TypeAlias

from clientkit.display import as_json, shorten
from clientkit.tools import TOOL_SECONDS, AnyTool, Tool

_LOGGER = logging.getLogger("clientkit")
_NOT_IN_A_NAME = re.compile(r"[^a-zA-Z0-9_-]")

CallTool: TypeAlias = Callable[[str, dict[str, Any]], Awaitable[Any]]
"""Asks the server to run a tool: `session.call_tool`."""


def tools_from_mcp(  # noqa: PLR0913 - one keyword for each choice about a stranger's tools
    listing: Any,
    call: CallTool,
    *,
    harmless: Collection[str] = (),
    trusted: bool = False,
    prefix: str = "",
    timeout: float | None = TOOL_SECONDS,
) -> list[AnyTool]:
    """The tools that an MCP server listed; `call(name, arguments)` asks the server to run one.

    `listing` is the result of `list_tools` or the list in it, as objects of the MCP package or as JSON. A tool acts,
    and so needs a yes for each call, unless you name it in `harmless`, or the server marks it read-only and is
    `trusted`: a server can say anything of itself. `prefix` keeps the tools of several servers apart: with "files" the
    model is offered `files_read`. The user is shown the server's own name for a tool. `timeout` is in seconds, for each
    tool. A tool whose schema is not valid is left out, and logged.
    """
    entries = listing if isinstance(listing, list | tuple) else _part(listing, "tools")
    tools: list[AnyTool] = []
    for entry in entries:
        name = str(_part(entry, "name"))
        acts = not (name in harmless or (trusted and _part(_part(entry, "annotations"), "readOnlyHint") is True))
        try:
            tools.append(_tool(entry, name, call, prefix, acts=acts, timeout=timeout))
        except (ValueError, TypeError) as error:
            _LOGGER.warning("the MCP tool %s is left out: %s", shorten(name, 100), shorten(str(error), 500))
    return tools


def _tool(entry: Any, name: str, call: CallTool, prefix: str, **settings: Any) -> AnyTool:
    async def run(**arguments: Any) -> str:
        return _result_text(await call(name, arguments))

    offered = _NOT_IN_A_NAME.sub("_", f"{prefix}_{name}" if prefix else name)[:64]
    return Tool(
        function=run,
        name=offered,
        description=_part(entry, "description") or "",
        parameters=_part(entry, "inputSchema") or {"type": "object", "properties": {}},
        original_name=f"{name} (of {prefix})" if prefix else name,
        **settings,
    )


def _part(thing: Any, name: str) -> Any:
    """What a thing holds under a name, as JSON writes it or as Python does."""
    for spelling in (name, re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)):
        found = thing.get(spelling) if isinstance(thing, Mapping) else getattr(thing, spelling, None)
        if found is not None:
            return found
    return None


def _result_text(result: Any) -> str:
    """The texts of a result; other kinds of content are named.

    Raises:
        RuntimeError: The result is an error.
    """
    content = _part(result, "content")
    if not isinstance(content, list):
        return result if isinstance(result, str) else as_json(result)
    text = "\n".join(_content_text(part) for part in content)
    if _part(result, "isError"):
        raise RuntimeError(text)
    structure = _part(result, "structuredContent")
    return text if text or structure is None else as_json(structure)


def _content_text(part: Any) -> str:
    text = _part(part, "text") or _part(_part(part, "resource"), "text")
    return str(text) if text else f"({_part(part, 'type')} content)"
