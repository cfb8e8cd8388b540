"""Custom tools, which take plain text: seen as functions of one text while the model thinks, and called as they are."""

import json
from dataclasses import replace

from mockserver.chat import Tool, ToolCall
from mockserver.simulate.bounds import TooMuch

_INPUT = "input"


def as_function(tool: Tool) -> Tool:
    """A tool as a function; a custom one takes one text, which its format may bind to a pattern."""
    if tool.kind == "function":
        return tool
    text: dict[str, str] = {"type": "string", "description": tool.description}
    if tool.format is not None and tool.format.get("syntax") == "regex":
        text["pattern"] = f"^(?:{tool.format.get('definition')})$"
    schema = {"type": "object", "properties": {_INPUT: text}, "required": [_INPUT]}
    return Tool(tool.name, tool.description, schema)


def as_custom(call: ToolCall, tool: Tool, seed: str) -> ToolCall:
    """A call of such a function as the call of the custom tool that it stands for; a grammar decides on the text.

    Raises:
        TooMuch: the grammar, or its shortest sentence, is longer than is made up.
    """
    said = str(json.loads(call.arguments).get(_INPUT, ""))
    if tool.format is not None and tool.format.get("syntax") == "lark":
        from mockserver.simulate.grammar import sentence  # few tools have a grammar, and a start need not wait for it

        try:
            said = sentence(str(tool.format.get("definition")), seed)
        except TooMuch as error:
            raise error.of(f"the tool '{tool.name}'") from None
    return replace(call, arguments=said, kind="custom", verbatim=True)
