"""A client without a library: what is asked is plain data, what comes back is looked at byte by byte."""

import json
import urllib.request
from typing import Any, NamedTuple
from urllib.error import HTTPError

KEY = "client-key-1234567890"
TOOLS = [{"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}}}]


class Got(NamedTuple):
    """An answer."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def value(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        said: str = self.value["choices"][0]["message"]["content"]
        return said

    @property
    def chunks(self) -> list[Any]:
        return [json.loads(line[6:]) for line in self.body.decode().splitlines() if line.startswith("data: {")]


def body(text: str = "Hello", **more: Any) -> dict[str, Any]:
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": text}], **more}


def ask(url: str, asked: dict[str, Any], **headers: str) -> Got:
    named = {"authorization": f"Bearer {KEY}", "content-type": "application/json", **headers}
    request = urllib.request.Request(f"{url}/chat/completions", json.dumps(asked).encode(), named)
    try:
        with urllib.request.urlopen(request) as response:
            return Got(response.status, response.read(), {k.lower(): v for k, v in response.headers.items()})
    except HTTPError as error:
        with error:
            return Got(error.code, error.read(), {k.lower(): v for k, v in error.headers.items()})
