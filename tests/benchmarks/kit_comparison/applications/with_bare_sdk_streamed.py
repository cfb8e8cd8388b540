"""The openai package alone, with streams."""

import json
from typing import Any

import openai


def find_address(name: str) -> str:
    return f"{name.lower()}@example.org"


def send_email(to: str, subject: str, copies: int = 1) -> str:
    SENT.append([to, subject, copies])
    return "sent"


def confirm(name: str, arguments: dict[str, Any]) -> bool:
    SHOWN.append(arguments)
    return True


def described(function: str, about: str, **properties: str) -> dict[str, Any]:
    required = [key for key in properties if key != "copies"]
    schema = {
        "type": "object",
        "properties": {key: {"type": kind} for key, kind in properties.items()},
        "required": required,
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": function, "description": about, "parameters": schema}}


TOOLS: Any = [
    described("find_address", "Find somebody's mail address.", name="string"),
    described("send_email", "Send an email.", to="string", subject="string", copies="integer"),
]
FUNCTIONS: dict[str, Any] = {"find_address": find_address, "send_email": send_email}


async def message_of(stream: Any) -> dict[str, Any]:
    content, calls = "", {}
    async for chunk in stream:
        if not chunk.choices:
            continue
        delta = chunk.choices[0].delta
        content += delta.content or delta.refusal or ""
        for part in delta.tool_calls or []:
            function = {"name": "", "arguments": ""}
            call = calls.setdefault(part.index, {"id": "", "type": "function", "function": function})
            call["id"] = part.id or call["id"]
            if part.function:
                call["function"]["name"] += part.function.name or ""
                call["function"]["arguments"] += part.function.arguments or ""
    tool_calls = {"tool_calls": list(calls.values())} if calls else {}
    return {"role": "assistant", "content": content or None, **tool_calls}


async def ask(base_url: str, headers: dict[str, str], text: str) -> str:
    messages: list[Any] = [{"role": "user", "content": text}]
    async with openai.AsyncOpenAI(base_url=base_url, api_key="key", default_headers=headers, max_retries=0) as client:
        for _ in range(6):
            stream = await client.chat.completions.create(model="gpt-4o", messages=messages, tools=TOOLS, stream=True)
            message = await message_of(stream)
            if "tool_calls" not in message:
                return str(message["content"] or "")
            messages.append(message)
            for call in message["tool_calls"]:
                name = call["function"]["name"]
                try:
                    arguments = json.loads(call["function"]["arguments"])
                    if name == "send_email" and not confirm(name, arguments):
                        result = "declined by the user"
                    else:
                        result = FUNCTIONS[name](**arguments)
                except (ValueError, KeyError, TypeError) as error:
                    result = f"error: {error}"
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
    raise RuntimeError("too many rounds")


SENT: list[list[object]] = []
SHOWN: list[object] = []
