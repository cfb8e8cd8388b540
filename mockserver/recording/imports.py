"""Imports: message lists, pairs of request and response, and cassettes of other recorders → recorded turns."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import yaml

from mockserver.chat import Reply
from mockserver.errors import MockServerError
from mockserver.recording.redact import redact_turn
from mockserver.recording.upstream_response import NotRecorded, UpstreamResponse, turn_from_exchange
from mockserver.redaction import Sanitiser
from mockserver.scenario import Turn
from mockserver.wire.chat_completions.parse import parse
from mockserver.wire.codec import encode
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.refusal import Refused

_CHAT = "/chat/completions"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DECODERS: Mapping[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "deflate": zlib.decompress}


class NotImportable(MockServerError, ValueError):
    """A file is not in a known format; the message says where it goes wrong."""


def import_turns(text: str, sanitiser: Sanitiser, *, model: str) -> list[Turn]:
    """The turns of a file; `model` stands where the file names none.

    Raises:
        NotImportable: the text, or one of its exchanges, is not in a known format.
    """
    found: list[Turn] = []
    for number, entry in enumerate(_entries(text), 1):
        try:
            found += _turns(entry, sanitiser, model)
        except (KeyError, TypeError, AttributeError, ValueError, Refused, NotRecorded) as error:
            raise NotImportable(f"entry {number} cannot be understood: {type(error).__name__}: {error}") from None
    if not found:
        raise NotImportable("there is no answer of a model in it")
    return found


def _entries(text: str) -> Iterator[Any]:
    """The values of a JSON file, of JSON Lines, or the interactions of a cassette."""
    try:
        whole = json.loads(text)
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        if lines and lines[0].lstrip().startswith(("{", "[")):
            yield from [_line(line, number) for number, line in enumerate(lines, 1)]
            return
        whole = _yaml(text)
    if isinstance(whole, dict) and isinstance(whole.get("interactions"), list):
        yield from whole["interactions"]
    elif isinstance(whole, list) and whole and not all(isinstance(entry, dict) and "role" in entry for entry in whole):
        yield from whole
    else:
        yield whole


def _line(line: str, number: int) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise NotImportable(f"line {number} is not JSON: {error}") from None


def _yaml(text: str) -> Any:
    try:
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 - the safe loader, in C where there is one
    except yaml.YAMLError as error:
        raise NotImportable(f"neither JSON, nor JSON Lines, nor YAML: {str(error).splitlines()[0]}") from None


def _turns(entry: Any, sanitiser: Sanitiser, model: str) -> Iterator[Turn]:
    if isinstance(entry, list):
        yield from _conversation({"messages": entry}, sanitiser, model)
    elif "request" in entry and "response" in entry:
        yield from _exchange(entry["request"], entry["response"], sanitiser)
    elif "messages" in entry:
        yield from _conversation(entry, sanitiser, model)
    else:
        raise ValueError("neither a list of messages nor a request with its response")


def _conversation(entry: Mapping[str, Any], sanitiser: Sanitiser, model: str) -> Iterator[Turn]:
    """A turn for each message of the model."""
    messages = entry["messages"]
    rest = {key: value for key, value in entry.items() if key in ("model", "tools", "tool_choice", "temperature")}
    whole = _parsed({"model": model, **rest, "messages": messages}).request
    for index, message in enumerate(whole.messages):
        if message.role == "assistant":
            reply = Reply(message.content, message.tool_calls, refusal=message.refusal)
            yield redact_turn(Turn(reply, heard=replace(whole, messages=whole.messages[:index])), sanitiser)


def _exchange(request: Mapping[str, Any], response: Any, sanitiser: Sanitiser) -> Iterator[Turn]:
    """An exchange as plain JSON, or as VCR wrote it: with an address, headers, and bodies as text."""
    if "uri" in request and _CHAT not in request["uri"]:
        return
    body = _body(request, request) if "messages" not in request else encode(request)
    yield turn_from_exchange(parse(body, strict=False), _response(response), sanitiser)


def _response(response: Any) -> UpstreamResponse:
    wrapped = isinstance(response, dict) and "body" in response
    body = _body(response, response) if wrapped else response if isinstance(response, str) else encode(response)
    data = body.encode() if isinstance(body, str) else body
    status = _status(response.get("status")) if isinstance(response, dict) else None
    streamed = data.lstrip().startswith((b"data:", b":", b"event:"))
    kind = "text/event-stream" if streamed else "application/json"
    failed = isinstance(response, dict) and "error" in response and not wrapped
    return UpstreamResponse(status or (400 if failed else 200), {"content-type": kind}, [(0.0, data)] if data else [])


def _body(holder: Mapping[str, Any], message: Mapping[str, Any]) -> bytes:
    """The bytes of a body, decompressed as its headers say."""
    body = holder["body"]
    if isinstance(body, dict) and body.keys() & {"string", "base64_string"}:
        body = body.get("string", body.get("base64_string"))
    if isinstance(body, dict | list):
        return encode(body)
    data = body.encode() if isinstance(body, str) else bytes(body or b"")
    headers = {str(name).lower(): value for name, value in (message.get("headers") or {}).items()}
    coding = headers.get("content-encoding", "")
    coding = coding[0] if isinstance(coding, list) and coding else coding
    decoder = _DECODERS.get(str(coding))
    try:
        return decoder(data) if decoder is not None else data
    except (OSError, zlib.error, EOFError):
        return data  # the recorder had decompressed it already


def _status(status: Any) -> int | None:
    return status.get("code") if isinstance(status, dict) else status if isinstance(status, int) else None


def _parsed(body: Mapping[str, Any]) -> ParsedRequest:
    return parse(encode(dict(body)), strict=False)
