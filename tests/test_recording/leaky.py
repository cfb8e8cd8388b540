"""A session full of secrets: every kind of them in every place where a request or an answer can say one."""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import quote

from mockserver.recording.ordering import ordered_scenario
from mockserver.recording.upstream_response import UpstreamResponse, reply_of
from mockserver.scenario import Recording, Turn, dump
from mockserver.wire.chat_completions.parse import parse
from tests.planted import KINDS, drawn

IN_HEADERS = ("authorization", "x-api-key", "cookie", "query")
IN_REQUESTS = ("system", "user", "name", "tool", "schema", "argument", "result", "option")
IN_ANSWERS = (
    "text",
    "pieces",
    "refusal",
    "call",
    "error",
    "detail",
    "odd body",
    "odd stream",
    "response header",
    "model",
)
_PIECE = re.compile(r'\bpiece\\*"?: *\\*"?([^"\\\n]{1,3})')
BY_VALUE = ("known by value", "known by value, in base64")
PLACES = (*IN_HEADERS, *IN_REQUESTS, *IN_ANSWERS)


class Leaky(NamedTuple):
    """All the secrets of one kind, by the place where each is planted; `round_` tells sessions apart."""

    kind: str
    round_: str = ""

    def at(self, place: str) -> str:
        """The secret that stands there."""
        # What is known by value is one value, wherever it stands: a user names few.
        where = "anywhere" if self.kind in BY_VALUE else f"{self.kind} {place}"
        return KINDS[self.kind](drawn(f"{where} {self.round_}"))


def leaked(
    text: str, *rounds: str, places: tuple[str, ...] = PLACES, kinds: tuple[str, ...] = tuple(KINDS)
) -> list[str]:
    """Where the secrets stood that a text says, or a part of them, in capitals or not."""
    small = (text + "".join(_PIECE.findall(text))).lower()
    return [where for where, telling in _all(rounds or ("",), places, kinds) if telling in small]


@cache
def _all(rounds: tuple[str, ...], places: tuple[str, ...], kinds: tuple[str, ...]) -> list[tuple[str, str]]:
    return [
        (f"{kind}: {place}", telling(Leaky(kind, round_).at(place)))
        for kind in kinds
        for place in places
        for round_ in rounds
    ]


def telling(secret: str) -> str:
    """The part of a secret that no other one has, in small letters."""
    lines = secret.lower().splitlines()
    return lines[len(lines) // 2][-11:-3]


def known_values(*rounds: str) -> list[str]:
    """The secrets that have no shape, for those who take them out by value."""
    return [Leaky("known by value", round_).at("anywhere") for round_ in rounds]


def request(secrets: Leaky, form: str) -> dict[str, Any]:
    """A request that says a secret in every place that it has."""
    made = {"name": "look_up", "arguments": json.dumps({"q": secrets.at("argument")})}
    return {
        "model": "gpt-4o",
        "messages": [
            {"role": "system", "content": f"{form}. The key is {secrets.at('system')}."},
            {"role": "user", "content": f"Use {secrets.at('user')} now", "name": secrets.at("name")},
            {"role": "assistant", "content": None, "tool_calls": [{"id": "c1", "type": "function", "function": made}]},
            {"role": "tool", "tool_call_id": "c1", "content": json.dumps({"found": [secrets.at("result")]})},
        ],
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "look_up",
                    "description": f"Looks up {secrets.at('tool')}",
                    "parameters": {
                        "type": "object",
                        "properties": {"q": {"type": "integer", "description": f"as in {secrets.at('schema')}"}},
                    },
                },
            }
        ],
        "metadata": {"kind": secrets.kind, "form": form},
        "prediction": {"type": "content", "content": secrets.at("option")},
        "stream": FORMS[form][1],
    }


def headers(secrets: Leaky) -> dict[str, str]:
    """Headers with secrets; line ends have no place there."""
    return {
        "authorization": f"Bearer {in_a_header(secrets.at('authorization'))}",
        "x-api-key": in_a_header(secrets.at("x-api-key")),
        "cookie": f"session={in_a_header(secrets.at('cookie'))}",
        "content-type": "application/json",
    }


def query(secrets: Leaky) -> str:
    """The query of an address."""
    return f"api_key={quote(secrets.at('query'), safe='')}"


def in_a_header(secret: str) -> str:
    """A secret on one line."""
    return secret.replace("\n", " ")


def _completion(secrets: Leaky, **message: Any) -> UpstreamResponse:
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": f"gpt {secrets.at('model')}",
        "choices": [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}],
    }
    return _answered(200, json.dumps(body), secrets)


def _answered(status: int, body: str, secrets: Leaky, kind: str = "application/json") -> UpstreamResponse:
    header = in_a_header(secrets.at("response header"))
    given = {"content-type": kind, "x-ratelimit-reset-tokens": header, "x-request-id": header, "set-cookie": header}
    return UpstreamResponse(status, given, [(0.0, body.encode())])


def _streamed(secrets: Leaky, deltas: list[dict[str, Any]]) -> UpstreamResponse:
    events = [
        {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": f"gpt {secrets.at('model')}",
            "choices": [{"index": 0, "delta": delta, "finish_reason": None}],
        }
        for delta in deltas
    ]
    lines = [f"data: {json.dumps(event)}\n\n" for event in events]
    return _answered(200, "".join([*lines, "data: [DONE]\n\n"]), secrets, "text/event-stream")


def _pieces(text: str, size: int = 3) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def _call(secrets: Leaky) -> UpstreamResponse:
    opening = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "look_up", "arguments": ""}}
    arguments = json.dumps({"q": secrets.at("call"), "password": "tulip"})
    pieces = [{"index": 0, "function": {"arguments": piece}} for piece in _pieces(arguments)]
    return _streamed(secrets, [{"role": "assistant", "tool_calls": [each]} for each in (opening, *pieces)])


def _error(secrets: Leaky) -> UpstreamResponse:
    said = {"message": f"Wrong key {secrets.at('error')}.", "type": "t", "param": None, "code": "c"}
    return _answered(429, json.dumps({"error": {**said, "detail": [secrets.at("detail")]}}), secrets)


FORMS: Mapping[str, tuple[Callable[[Leaky], UpstreamResponse], bool]] = {
    "plain": (lambda secrets: _completion(secrets, content=f"It is {secrets.at('text')}.", refusal=None), False),
    "refused": (lambda secrets: _completion(secrets, content=None, refusal=f"Not {secrets.at('refusal')}."), False),
    "streamed": (
        lambda secrets: _streamed(secrets, [{"content": piece} for piece in _pieces(f"It is {secrets.at('pieces')}.")]),
        True,
    ),
    "called": (_call, True),
    "failed": (_error, False),
    "odd": (lambda secrets: _answered(502, f"<p>{secrets.at('odd body')}</p>", secrets, "text/html"), False),
    "odd stream": (
        lambda secrets: _streamed(
            secrets, [{"thoughts": [{"piece": piece}]} for piece in _pieces(secrets.at("odd stream"))]
        ),
        True,
    ),
}
"""The forms of an answer, and whether it is asked for as a stream."""


@contextmanager
def answering_with(answered: Callable[[Any], UpstreamResponse]) -> Iterator[str]:
    """An API that answers a request with what `answered` makes of it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            answer = answered(asked)
            self.send_response(answer.status or 500)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing: what is printed is looked at."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()
    thread.join()


def answer_to(asked: Any) -> UpstreamResponse:
    """What the upstream answers: the form that was asked for, with the secrets of the kind."""
    return FORMS[asked["metadata"]["form"]][0](Leaky(asked["metadata"]["kind"]))


def leaky_recording(round_: str = "") -> str:
    """The session as a recorder would write it that knows nothing of secrets; such files are edited by hand."""
    turns = []
    for kind in KINDS:
        for form, (answered, _) in FORMS.items():
            secrets = Leaky(kind, round_)
            heard = parse(json.dumps(request(secrets, form)).encode(), strict=False)
            turns.append(Turn(reply_of(answered(secrets), heard), heard=replace(heard.request, stream=False)))
    return dump(ordered_scenario("leaky", Recording(upstream="https://api.example.com/v1"), turns))
