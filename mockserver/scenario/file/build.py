"""From a file that is free of mistakes to the scenario that it holds."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from mockserver.api_errors import api_error, retry_headers
from mockserver.chat import ApiError, Reply, Timing, Tool, ToolCall
from mockserver.faults import AS_WRITTEN, Chosen, given_as
from mockserver.scenario.arguments import as_text
from mockserver.scenario.file.durations import timing
from mockserver.scenario.file.tree import Node, Path
from mockserver.scenario.values import Place, Rule, Say, Scenario, Turn
from mockserver.scenario.when import When

_RATES = ("gap", "tokens_per_second")
_NAMED = ("message", "type", "code", "param")


def scenario_of(tree: Node, file: str) -> Scenario:
    """The scenario of a file; one without a name is called like its file."""
    data = tree.plain()
    usual = data.get("timing", {})

    def place(path: Path) -> Place:
        return Place(file, *tree.at(path).mark)

    turns = (
        Turn(
            _say(part, usual),
            _when(part),
            part.get("times", 1),
            part.get("name"),
            _fault(part),
            place(("turns", index)),
        )
        for index, part in enumerate(data.get("turns", ()))
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
        tuple(tool_of(entry) for entry in data.get("tools", ())),
        tuple(turns),
        tuple(rules),
        faults=_faults(data),
        profile=data.get("profile"),
        provider=data.get("provider"),
        place=place(()),
    )


def tool_of(entry: Mapping[str, Any]) -> Tool:
    """A tool in the API's shape."""
    if entry["type"] == "custom":
        custom = entry["custom"]
        grammar = custom.get("format", {}).get("grammar")
        return Tool(custom["name"], custom.get("description", ""), kind="custom", format=grammar)
    function = entry["function"]
    return Tool(
        function["name"],
        function.get("description", ""),
        function.get("parameters"),
        bool(function.get("strict")),
    )


def _faults(holder: Mapping[str, Any]) -> tuple[Chosen, ...]:
    """The faults of a turn, a rule or the whole file: one (`fault`), several (`faults`), or both."""
    return (*given_as(holder.get("fault", ())), *given_as(holder.get("faults", ())))


def _fault(holder: Mapping[str, Any]) -> str | None:
    return "; ".join(map(str, _faults(holder))) or None


def _when(part: Mapping[str, Any]) -> When | None:
    return When.of(**part["when"]) if "when" in part else None


def _say(part: Mapping[str, Any], usual: Mapping[str, Any]) -> Say:
    if "error" in part:
        return _error(part["error"])
    return Reply(
        part.get("text"),
        [_call(entry) for entry in part.get("calls", ())],
        finish_reason=part.get("finish_reason"),
        usage=part.get("usage"),
        stream=part["stream"]["cut"] if "stream" in part else None,
        timing=_timing(part.get("timing"), usual),
        refusal=part.get("refusal"),
    )


def _call(entry: Mapping[str, Any]) -> ToolCall:
    name, marks = entry["call"], (entry.get("id"), _call_fault(entry.get("fault")))
    if "input" in entry:
        return ToolCall(name, entry["input"], *marks, kind="custom")
    if "arguments" in entry:
        return ToolCall(name, entry["arguments"], *marks, verbatim=True)
    return ToolCall(name, as_text(entry.get("with", {}), compact=entry.get("compact", False)), *marks)


def _call_fault(written: Any) -> str | None:
    return written if written in (None, AS_WRITTEN) else "; ".join(map(str, given_as(written)))


def _timing(own: Mapping[str, Any] | None, usual: Mapping[str, Any]) -> Timing | None:
    """A turn's own keys win over the file's; its own pace wins in whichever way either is written."""
    if own is None:
        return timing(usual) if usual else None
    if any(key in own for key in _RATES):
        usual = {key: value for key, value in usual.items() if key not in _RATES}
    return timing({**usual, **own})


def _error(given: Mapping[str, Any]) -> ApiError:
    body = given.get("body", {}).get("error", {})
    words = {**body, **given}
    named = {key: words[key] for key in _NAMED if key in words}
    headers = {name.lower(): value for name, value in given.get("headers", {}).items()}
    headers = {**headers, **retry_headers(given.get("retry_after"), given.get("retry_after_ms"))}
    extra = {key: value for key, value in body.items() if key not in _NAMED}
    return api_error(given["status"], **named, headers=headers, extra=extra)
