"""From a file that is free of mistakes to the scenario that it holds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from mockserver.chat import ApiError, ChatRequest, Reply, Timing, Tool
from mockserver.chat.api_errors import api_error, retry_headers
from mockserver.chat.sent import Sent
from mockserver.faults import FaultSpec, specs_of
from mockserver.scenario.file.calls import call_of
from mockserver.scenario.file.durations import timing
from mockserver.scenario.file.recorded import heard_of
from mockserver.scenario.file.sent import sent_of
from mockserver.scenario.file.tools import tool_of
from mockserver.scenario.file.tree import Node, Path
from mockserver.scenario.model import Place, Recording, Rule, Say, Scenario, Turn
from mockserver.scenario.when import When

_RATES = ("gap", "tokens_per_second")
_NAMED = ("message", "type", "code", "param")


def scenario_of(tree: Node, file: str) -> Scenario:
    """The scenario of a file; one without a name is called like its file."""
    data = tree.plain()
    usual = data.get("timing", {})

    def place(path: Path) -> Place:
        return Place(file, *tree.at(path).mark)

    tools = tuple(tool_of(entry) for entry in data.get("tools", ()))
    turns: list[Turn] = []
    for index, part in enumerate(data.get("turns", ())):
        heard = _heard(part, turns, tools)
        turns.append(
            Turn(
                _say(part, usual),
                _when(part),
                part.get("times", 1),
                part.get("name"),
                _fault(part),
                place(("turns", index)),
                heard,
            )
        )
    rules = (
        Rule(
            _say(part, usual),
            _when(part) or When(),
            part.get("times"),
            part.get("name"),
            _fault(part),
            place(("rules", index)),
        )
        for index, part in enumerate(data.get("rules", ()))
    )
    return Scenario(
        data.get("scenario") or PurePath(file).stem.strip("<>"),
        data.get("about", ""),
        data.get("model"),
        data.get("seed"),
        data.get("order", "conversation"),
        tools,
        tuple(turns),
        tuple(rules),
        faults=_faults(data),
        profile=data.get("profile"),
        provider=data.get("provider"),
        place=place(()),
        recording=_recording(data["recording"]) if "recording" in data else None,
    )


def _faults(holder: Mapping[str, Any]) -> tuple[FaultSpec, ...]:
    """The faults of a turn, a rule or the whole file: one (`fault`), several (`faults`), or both."""
    return (*specs_of(holder.get("fault", ())), *specs_of(holder.get("faults", ())))


def _fault(holder: Mapping[str, Any]) -> str | None:
    return "; ".join(map(str, _faults(holder))) or None


def _when(part: Mapping[str, Any]) -> When | None:
    return When.of(**part["when"]) if "when" in part else None


def _recording(given: Mapping[str, Any]) -> Recording:
    personal = given.get("personal") == "pseudonyms"
    return Recording(given.get("recorded", ""), given.get("upstream", ""), personal, given["format"])


def _heard(part: Mapping[str, Any], before: Sequence[Turn], tools: Sequence[Tool]) -> ChatRequest | None:
    """The request that a recorded turn answers."""
    if "heard" not in part:
        return None
    parent = next((turn for turn in before if turn.name == part["after"]), None) if "after" in part else None
    return heard_of(part["heard"], parent, tools)


def _say(part: Mapping[str, Any], usual: Mapping[str, Any]) -> Say:
    sent = sent_of(part["sent"]) if "sent" in part else None
    if "error" in part:
        error = _error(part["error"])
        return error if sent is None else replace(error, sent=sent)
    return Reply(
        part.get("text"),
        [call_of(entry) for entry in part.get("calls", ())],
        finish_reason=part.get("finish_reason"),
        usage=part.get("usage"),
        stream=part["stream"]["cut"] if "stream" in part else None,
        timing=_timing(part.get("timing"), usual),
        refusal=part.get("refusal"),
        sent=sent,
    )


def _timing(own: Mapping[str, Any] | None, usual: Mapping[str, Any]) -> Timing | None:
    """A turn's own keys win over the file's; its own pace wins in whichever way either is written."""
    if own is None:
        return timing(usual) if usual else None
    if any(key in own for key in _RATES):
        usual = {key: value for key, value in usual.items() if key not in _RATES}
    return timing({**usual, **own})


def _error(given: Mapping[str, Any]) -> ApiError:
    body = given.get("body", {})
    is_ours = isinstance(body, dict) and body.keys() <= {"error"} and isinstance(body.get("error", {}), dict)
    inside = body.get("error", {}) if is_ours else {}
    words = {**inside, **given}
    named = {key: words[key] for key in _NAMED if key in words}
    headers = {name.lower(): value for name, value in given.get("headers", {}).items()}
    sent = None if is_ours else _as_it_is(body, headers.pop("content-type", None))
    headers = {**headers, **retry_headers(given.get("retry_after"), given.get("retry_after_ms"))}
    extra = {key: value for key, value in inside.items() if key not in _NAMED}
    return replace(api_error(given["status"], **named, headers=headers, extra=extra), sent=sent)


def _as_it_is(body: Any, content_type: str | None) -> Sent:
    """A body that is not of the API's shape."""
    if isinstance(body, str):
        return Sent(body=body, content_type=content_type or "text/plain; charset=utf-8")
    return Sent(body=json.dumps(body, ensure_ascii=False), content_type=content_type or "application/json")
