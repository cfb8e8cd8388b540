"""The files that a request enters: `python -m tests.request_flow` prints for some requests how many, and the switches.

A switch is a call from one file of the package into another. Imports are warm: each request is sent twice with
different words, and the second is counted. Comprehensions and lambdas are not.
"""

import json
import threading
import urllib.request
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import mockserver

ROOT = f"{Path(mockserver.__file__).parent}/"
QUIET = ("<genexpr>", "<listcomp>", "<lambda>", "<dictcomp>", "<setcomp>")
TOOL = {"type": "object", "properties": {"location": {"type": "string"}}, "required": ["location"]}
CHAT = {
    "model": "gpt-4o",
    "tools": [{"type": "function", "function": {"name": "get_current_weather", "parameters": TOOL}}],
}


class Sent(NamedTuple):
    """A request whose flow is counted."""

    title: str
    stream: bool = False
    headers: dict[str, str] = {}  # noqa: RUF012  # nothing changes it


REQUESTS = (
    Sent("plain"),
    Sent("streamed with a fault", True, {"x-mock-fault": "unknown_param"}),
    Sent("streamed as groq", True, {"x-mock-provider": "groq"}),
)


class Watch:
    """Notes every call of a function of the package while it is on."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.on = False

    def note(self, frame: FrameType, event: str, argument: Any) -> None:
        """The profile function."""
        code = frame.f_code
        if self.on and event == "call" and code.co_filename.startswith(ROOT) and code.co_name not in QUIET:
            self.files.append(code.co_filename)


def flow(sent: Sent, watch: Watch) -> tuple[int, int]:
    """The files that the second of two such requests enters, and the switches between them."""
    with mockserver.MockLLM() as llm:
        llm.when(user_says="temperature").reply(mockserver.call("get_current_weather", location="{user}"))
        for city in ("Rome", "Oslo"):
            watch.files.clear()
            watch.on = city == "Oslo"
            body = {**CHAT, "messages": [{"role": "user", "content": f"What is the temperature in {city}?"}]}
            data = json.dumps({**body, "stream": sent.stream}).encode()
            headers = {"content-type": "application/json", "connection": "close", **sent.headers}
            with urllib.request.urlopen(
                urllib.request.Request(f"{llm.base_url}/chat/completions", data, headers)
            ) as answer:
                answer.read()
            watch.on = False
            llm.journal  # noqa: B018  # asked of the server's thread, it comes when the request is through
    pairs = zip(watch.files, watch.files[1:], strict=False)
    return len(set(watch.files)), 1 + sum(one != two for one, two in pairs)


if __name__ == "__main__":
    watch = Watch()
    threading.setprofile(watch.note)
    print(json.dumps({sent.title: flow(sent, watch) for sent in REQUESTS}))
