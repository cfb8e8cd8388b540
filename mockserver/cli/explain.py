"""Command `explain`: who would answer a request, and why."""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from mockserver.chat import ApiError, ApiName, Reply
from mockserver.cli.options import OK, PROBLEMS, WRONG_USAGE, add_server_options, settings_of

if TYPE_CHECKING:
    from mockserver.engine import Answer, Engine
    from mockserver.wire.dialect import ParsedRequest

_SESSION = "explain"


class _Question(NamedTuple):
    """The body of a request, as bytes and as it was read, and its API."""

    body: bytes
    parsed: dict[str, Any]
    api: str


def add_explain(parser: argparse.ArgumentParser) -> None:
    """`mockserver explain REQUEST [SCENARIO …]`."""
    parser.add_argument("request", metavar="REQUEST", help="file with a request's JSON body; - reads standard input")
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="scenario files, folders or ready-made names")
    parser.add_argument("--api", choices=get_args(ApiName), help="API of the request (default: told by the body)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_server_options(parser)
    parser.set_defaults(run=_explain)


def _explain(options: argparse.Namespace) -> int:
    try:
        body = sys.stdin.buffer.read() if options.request == "-" else Path(options.request).read_bytes()
        parsed = json.loads(body)
    except OSError as error:
        print(f"mockserver: cannot read {options.request}: {error.strerror}", file=sys.stderr)
        return WRONG_USAGE
    except ValueError as error:
        print(f"mockserver: {options.request} is not JSON: {error}", file=sys.stderr)
        return WRONG_USAGE
    if not isinstance(parsed, dict):
        print(f"mockserver: {options.request} is not the body of a request: expected a JSON object", file=sys.stderr)
        return WRONG_USAGE
    found = _explanation(options, _Question(body, parsed, options.api or api_of(parsed)))
    if found is None:
        return WRONG_USAGE
    print(json.dumps(found, indent=2, ensure_ascii=False, default=str) if options.json else in_words(found))
    return OK if found["reply"] is not None else PROBLEMS


def api_of(body: dict[str, Any]) -> str:
    """The API that a body is written for."""
    if "contents" in body:
        return "gemini"
    if "input" in body:
        return "responses"
    tools = body.get("tools")
    has_schemas = isinstance(tools, list) and any(isinstance(tool, dict) and "input_schema" in tool for tool in tools)
    return "messages" if has_schemas or "system" in body else "chat_completions"


def _explanation(options: argparse.Namespace, question: _Question) -> dict[str, Any] | None:
    """What answers a request and why; None where options are wrong, which was said."""
    from mockserver.engine import Engine
    from mockserver.scenario import Files, ScenarioErrors, UnknownScenario, load
    from mockserver.server.request_context import UnknownProvider

    try:
        plays = Files(options.scenarios, load).read() if options.scenarios else ()
        settings = settings_of(options, options.fallback or ("error" if plays else "simulate"))
    except (ScenarioErrors, UnknownScenario, UnknownProvider) as error:
        print(f"mockserver: {error}", file=sys.stderr)
        return None
    return _answered(Engine(settings, plays), question)


def _answered(engine: "Engine", question: _Question) -> dict[str, Any]:
    from mockserver.server.apis import dialect as dialect_named
    from mockserver.server.request_context import context_of
    from mockserver.wire.refusal import Refused

    settings, dialect = engine.settings, dialect_named(question.api)
    context = context_of(dialect, settings, _path(question), {})
    try:
        context, parsed = context.parse(question.body, strict=settings.checks == "strict")
    except Refused as refused:
        return _as_json(question.api, refused.error)
    answer = asyncio.run(engine.answer(parsed, _SESSION, {}, settings))
    if isinstance(answer.content, ApiError):
        return _as_json(question.api, answer.content)
    reply = dialect.complete(answer.content[0], parsed, answer.identity)
    return _as_json(question.api, reply, parsed, answer)


def _path(question: _Question) -> str:
    """The path to which a request with this body goes."""
    if question.api == "gemini":
        return f"/v1beta/models/{question.parsed.get('model') or 'gemini-2.5-flash'}:generateContent"
    from mockserver.server.apis import APIS

    return f"/v1{APIS[question.api].paths[0]}" if question.api in APIS else "/v1/chat/completions"


def _as_json(
    api: str, content: Reply | ApiError, parsed: "ParsedRequest | None" = None, answer: "Answer | None" = None
) -> dict[str, Any]:
    from mockserver.engine import explanation_of
    from mockserver.journal.exchange import Exchange, exchange_json

    match, others = (answer.match, answer.others) if answer else (None, ())
    made = Exchange(1, _SESSION, None, lambda: content, match, (), 0.0, 0.0, 0, "complete", others=others, api=api)
    entry = exchange_json(made._replace(read_why=explanation_of(match, parsed)))
    why: Any = entry["why"] or {"tools": [], "values": []}
    reply: Any = entry["reply"]
    error = content if isinstance(content, ApiError) else None
    return {
        "api": api,
        "status": error.status if error is not None else 200,
        "match": entry["match"],
        "reply": None if error is not None else reply,
        "error": None if error is None else {key: item for key, item in reply["error"].items() if key != "near_misses"},
        "others": entry["others"],
        "near_misses": [_plain(miss) for miss in (error.extra.get("near_misses") or () if error is not None else ())],
        "tools": why["tools"],
        "values": why["values"],
    }


def _plain(miss: Any) -> Any:
    return asdict(miss) if is_dataclass(miss) and not isinstance(miss, type) else miss


def in_words(found: dict[str, Any]) -> str:
    """An explanation as people read it."""
    lines = [f"API: {found['api']}", f"answered by: {found['match'] or 'nothing'} ({found['status']})"]
    reply = found["reply"]
    if reply is not None:
        lines += [f"call: {call['name']} {call['arguments']}" for call in reply["calls"]]
        lines += [f"text: {reply['text']}"] if reply["text"] is not None else []
    if found["error"] is not None:
        lines.append(f"error: {found['error']['message']}")
    lines += [f"would have answered, too: {label}" for label in found["others"]]
    lines += [f"near miss: {json.dumps(miss, ensure_ascii=False, default=str)}" for miss in found["near_misses"]]
    if found["tools"]:
        lines += ["tools:"] + [
            f"  {tool['score']:.2f} {'called' if tool['called'] else '      '} {tool['name']}: {tool['why']}"
            for tool in found["tools"]
        ]
    if found["values"]:
        lines += ["values:"] + [f"  {_value_in_words(value)}" for value in found["values"]]
    return "\n".join(lines)


def _value_in_words(value: dict[str, Any]) -> str:
    evidence = value["evidence"]
    place = ""
    if evidence["message"] is not None:
        place = (
            f" in message {evidence['message']}, characters {evidence['start']}-{evidence['end']}: {evidence['text']!r}"
        )
    shown = json.dumps(value["value"], ensure_ascii=False)
    return f"call {value['call']}, {value['path'] or 'arguments'} = {shown}: {evidence['kind']}{place}"
