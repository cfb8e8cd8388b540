"""Short ways to write down what a test asks of the simulated model."""

import json
from typing import Any

from mockserver.chat import ChatRequest, Message, Reply, Tool, ToolCall
from mockserver.simulate import simulate

SYSTEM = Message("system", "You are a helpful assistant that can access external functions.")
CITIES = "What is the current temperature of New York, San Francisco, and Chicago?"
WEATHER = Tool(
    "get_current_weather",
    "Get the current weather in a given location",
    {
        "type": "object",
        "properties": {
            "location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA"},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
        },
    },
)


def tool(_name: str, _description: str = "", _required: list[str] | None = None, **properties: Any) -> Tool:
    required = list(properties) if _required is None else _required
    return Tool(_name, _description, {"type": "object", "properties": properties, "required": required})


TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
NUMBER = {"type": "number"}
EMAIL = tool("send_email", to=TEXT, body=TEXT)
CUSTOMERS = tool("get_customers", min_revenue=WHOLE, created_before=TEXT, limit=WHOLE)
EXTRACT = tool("extract_data", name=TEXT, birthday=TEXT)
SQL = tool("sql_query", query=TEXT)
ALL = (WEATHER, EMAIL, CUSTOMERS, EXTRACT, SQL)


def ask(said: str | list[Message], *tools: Tool, seed: str = "seed", **options: Any) -> Reply:
    messages = [Message("user", said)] if isinstance(said, str) else said
    return simulate(ChatRequest("gpt-4o", (SYSTEM, *messages), tools, **options), seed)


def said_by(reply: Reply) -> str:
    """The text of a reply, "" when it has none."""
    return reply.text or ""


def calls(said: str | list[Message], *tools: Tool, **options: Any) -> list[tuple[str, dict[str, Any]]]:
    return [(call.name, json.loads(call.arguments)) for call in ask(said, *tools, **options).calls]


def values(said: str | list[Message], offered: Tool, **options: Any) -> list[dict[str, Any]]:
    return [arguments for _, arguments in calls(said, offered, **options)]


def answered(question: str, *pairs: tuple[ToolCall, str]) -> list[Message]:
    made = tuple(ToolCall(call.name, call.arguments, f"call_{index}") for index, (call, _) in enumerate(pairs))
    results = [Message("tool", text, tool_call_id=f"call_{index}") for index, (_, text) in enumerate(pairs)]
    return [Message("user", question), Message("assistant", None, made), *results]
