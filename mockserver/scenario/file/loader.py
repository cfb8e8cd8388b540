"""Loading of scenario files: text → tree → validation → scenario; all mistakes are reported at once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from mockserver.chat import ApiError, ChatRequest, Reply, Timing, Tool
from mockserver.chat.api_errors import api_error, retry_headers
from mockserver.chat.recorded_wire import Sent
from mockserver.faults import FaultSpec, specs_of
from mockserver.scenario.error_messages import ScenarioErrors
from mockserver.scenario.file.consistency import check_consistency
from mockserver.scenario.file.durations import timing
from mockserver.scenario.file.json_parser import read_json
from mockserver.scenario.file.recorded_turn import request_of, sent_of
from mockserver.scenario.file.tool_calls import call_of, tool_of
from mockserver.scenario.file.tree import Mark, Node, Path, Report, UnreadableText, written
from mockserver.scenario.file.validation import validate
from mockserver.scenario.file.yaml_parser import read_yaml
from mockserver.scenario.scenario_model import FORMAT, Place, Recording, Rule, Say, Scenario, Turn
from mockserver.scenario.when import When

_RATES = ("gap", "tokens_per_second")
_NAMED = ("message", "type", "code", "param")


def read(source: str | bytes, path: str) -> Scenario:
    """The scenario in a file's text.

    Raises:
        ScenarioErrors: the text has mistakes; all of them are told.
    """
    report = Report(path)
    tree = examine(source, report)
    if tree is None or report.errors:
        raise ScenarioErrors(report.errors)
    return scenario_of(tree, path)


def examine(source: str | bytes, report: Report) -> Node | None:
    """Report every mistake of a text; its tree, when it can be parsed at all."""
    try:
        tree = _tree(_decoded(source), report)
    except UnreadableText as error:
        # What follows from a mistake that is reported already, such as an unquoted brace, would only confuse.
        if all(known.line != error.mark.line for known in report.errors):
            report.error(error.mark, error.message)
        return None
    if _is_newer(tree, report):
        return None
    validate(tree, report)
    check_consistency(tree, report)
    return tree


def scenario_of(tree: Node, file: str) -> Scenario:
    """The scenario of a file without mistakes; one without a name is called like its file."""
    data = tree.plain()
    defaults = data.get("timing", {})

    def place(path: Path) -> Place:
        return Place(file, *tree.at(path).mark)

    tools = tuple(tool_of(entry) for entry in data.get("tools", ()))
    turns: list[Turn] = []
    for index, part in enumerate(data.get("turns", ())):
        either = tuple(
            Turn(
                _say(alternative, defaults),
                _when(alternative),
                name=alternative.get("name"),
                fault=_fault(alternative),
                place=place(("turns", index, "either", number)),
            )
            for number, alternative in enumerate(part.get("either", ()))
        )
        turns.append(
            Turn(
                either[0].say if either else _say(part, defaults),
                _when(part),
                either=either,
                times=part.get("times", 1),
                name=part.get("name"),
                fault=_fault(part),
                place=place(("turns", index)),
                heard=_request_of(part, turns, tools),
            )
        )
    rules = (
        Rule(
            _say(part, defaults),
            _when(part) or When(),
            times=part.get("times"),
            name=part.get("name"),
            fault=_fault(part),
            place=place(("rules", index)),
        )
        for index, part in enumerate(data.get("rules", ()))
    )
    return Scenario(
        data.get("scenario") or PurePath(file).stem.strip("<>"),
        about=data.get("about", ""),
        model=data.get("model"),
        seed=data.get("seed"),
        order=data.get("order", "conversation"),
        tools=tools,
        turns=tuple(turns),
        rules=tuple(rules),
        faults=_faults(data),
        profile=data.get("profile"),
        provider=data.get("provider"),
        place=place(()),
        api=data.get("api"),
        recording=_recording(data["recording"]) if "recording" in data else None,
    )


def _is_newer(tree: Node, report: Report) -> bool:
    """Whether a newer version wrote this recording; further messages about it would mislead."""
    path = ("recording", "format")
    data = tree.plain()
    recording = data.get("recording") if isinstance(data, dict) else None
    number = recording.get("format") if isinstance(recording, dict) else None
    if not isinstance(number, int) or number <= FORMAT:
        return False
    message = f"this recording has format {number}, and this version reads formats up to {FORMAT}: upgrade mockserver"
    report.error(tree.at(path).mark, f"{written(path)}: {message}")
    return True


def _tree(text: str, report: Report) -> Node:
    if report.path.endswith(".json"):
        return read_json(text, report)
    if text.lstrip().startswith("{"):
        # JSON has tabs and escapes that YAML lacks; text that is not JSON may still be YAML.
        trial = Report(report.path)
        try:
            tree = read_json(text, trial)
        except UnreadableText:
            return read_yaml(text, report)
        report.add(trial)
        return tree
    return read_yaml(text, report)


def _decoded(source: str | bytes) -> str:
    if isinstance(source, str):
        return source.removeprefix("\ufeff")
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = source[: error.start].decode("utf-8")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        raise UnreadableText(Mark(line, column), "this is not UTF-8 text: save the file as UTF-8") from None


def _faults(holder: Mapping[str, Any]) -> tuple[FaultSpec, ...]:
    """The faults of a turn, a rule or the whole file: one (`fault`), several (`faults`), or both."""
    return (*specs_of(holder.get("fault", ())), *specs_of(holder.get("faults", ())))


def _fault(holder: Mapping[str, Any]) -> str | None:
    return "; ".join(map(str, _faults(holder))) or None


def _when(part: Mapping[str, Any]) -> When | None:
    return When.of(**part["when"]) if "when" in part else None


def _recording(data: Mapping[str, Any]) -> Recording:
    personal = data.get("personal") == "pseudonyms"
    names = data.get("recorded", ""), data.get("upstream", "")
    return Recording(*names, personal, data["format"], tuple(data.get("ignore", ())))


def _request_of(part: Mapping[str, Any], before: Sequence[Turn], tools: Sequence[Tool]) -> ChatRequest | None:
    """The request of a recorded turn."""
    if "heard" not in part:
        return None
    parent = next((turn for turn in before if turn.name == part["after"]), None) if "after" in part else None
    return request_of(part["heard"], parent, tools)


def _say(part: Mapping[str, Any], defaults: Mapping[str, Any]) -> Say:
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
        timing=_timing(part.get("timing"), defaults),
        refusal=part.get("refusal"),
        thinking=part.get("thinking"),
        sent=sent,
    )


def _timing(own: Mapping[str, Any] | None, defaults: Mapping[str, Any]) -> Timing | None:
    """The keys of a turn override those of the file; `gap` and `tokens_per_second` override each other."""
    if own is None:
        return timing(defaults) if defaults else None
    if any(key in own for key in _RATES):
        defaults = {key: value for key, value in defaults.items() if key not in _RATES}
    return timing({**defaults, **own})


def _error(data: Mapping[str, Any]) -> ApiError:
    body = data.get("body", {})
    is_ours = isinstance(body, dict) and body.keys() <= {"error"} and isinstance(body.get("error", {}), dict)
    inside = body.get("error", {}) if is_ours else {}
    words = {**inside, **data}
    named = {key: words[key] for key in _NAMED if key in words}
    headers = {name.lower(): value for name, value in data.get("headers", {}).items()}
    sent = None if is_ours else _verbatim(body, headers.pop("content-type", None))
    headers = {**headers, **retry_headers(data.get("retry_after"), data.get("retry_after_ms"))}
    extra = {key: value for key, value in inside.items() if key not in _NAMED}
    return replace(api_error(data["status"], **named, headers=headers, extra=extra), sent=sent)


def _verbatim(body: Any, content_type: str | None) -> Sent:
    """A body that does not have the API's shape."""
    if isinstance(body, str):
        return Sent(body=body, content_type=content_type or "text/plain; charset=utf-8")
    return Sent(body=json.dumps(body, ensure_ascii=False), content_type=content_type or "application/json")
