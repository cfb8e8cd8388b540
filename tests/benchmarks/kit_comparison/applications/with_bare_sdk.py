"""The openai package alone."""

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


async def ask(base_url: str, headers: dict[str, str], text: str) -> str:
    messages: list[Any] = [{"role": "user", "content": text}]
    async with openai.AsyncOpenAI(base_url=base_url, api_key="key", default_headers=headers, max_retries=0) as client:
        for _ in range(6):
            completion = await client.chat.completions.create(model="gpt-4o", messages=messages, tools=TOOLS)
            message = completion.choices[0].message
            if not message.tool_calls:
                return message.content or message.refusal or ""
            messages.append(message.model_dump(exclude_none=True))
            for call in message.tool_calls:
                try:
                    arguments = json.loads(call.function.arguments)
                    if call.function.name == "send_email" and not confirm(call.function.name, arguments):
                        result = "declined by the user"
                    else:
                        result = FUNCTIONS[call.function.name](**arguments)
                except (ValueError, KeyError, TypeError) as error:
                    result = f"error: {error}"
                messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    raise RuntimeError("too many rounds")


SENT: list[list[object]] = []
SHOWN: list[object] = []
