"""Serialisation of a scenario: the plain data of its file; the inverse of `loader.scenario_of`."""

from typing import Any

from mockserver.chat import ApiError, Reply, Timing
from mockserver.chat.api_errors import api_error, retry_headers
from mockserver.scenario.condition_keys import Calls, Named
from mockserver.scenario.error_messages import Undumpable
from mockserver.scenario.file.durations import seconds, share
from mockserver.scenario.file.recorded_turn import HeardSerialiser, sent_data
from mockserver.scenario.file.tool_calls import call_data, tool_data, without_none
from mockserver.scenario.scenario_model import Recording, Rule, Scenario, Turn
from mockserver.scenario.value_conditions import Bounds, Text, ValueCondition
from mockserver.scenario.when import When

_RETRY_HEADERS = {"retry-after": "retry_after", "retry-after-ms": "retry_after_ms"}


def data_of(scenario: Scenario) -> dict[str, Any]:
    """The data of a scenario's file, with the keys in reading order.

    Raises:
        Undumpable: a turn or a condition is a function.
    """
    requests = HeardSerialiser(scenario.tools)
    found = {
        "scenario": scenario.name,
        "recording": _recording(scenario.recording) if scenario.recording is not None else None,
        "about": scenario.about or None,
        "api": scenario.api,
        "model": scenario.model,
        "seed": scenario.seed,
        "order": scenario.order if scenario.order != "conversation" else None,
        "profile": scenario.profile,
        "provider": scenario.provider,
        "faults": [str(fault) for fault in scenario.faults] or None,
        "tools": [tool_data(tool) for tool in scenario.tools] or None,
        "turns": [_part(turn, requests) for turn in scenario.turns] or None,
        "rules": [_part(rule) for rule in scenario.rules] or None,
    }
    return without_none(found)


def _recording(recording: Recording) -> dict[str, Any]:
    found = {
        "format": recording.format,
        "recorded": recording.recorded or None,
        "upstream": recording.upstream or None,
        "personal": "pseudonyms" if recording.personal else None,
        "ignore": list(recording.ignore) or None,
    }
    return without_none(found)


def _part(part: Turn | Rule, requests: HeardSerialiser | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"name": part.name}
    if isinstance(part, Turn) and part.heard is not None and requests is not None:
        found |= requests.data(part)
    if part.when is not None and (isinstance(part, Turn) or part.when != When()):
        found["when"] = _when(part.when)
    found["times"] = part.times if part.times != 1 or isinstance(part, Rule) else None
    if isinstance(part, Turn) and part.either:
        return without_none({**found, "either": [_part(alternative) for alternative in part.either]})
    match part.say:
        case ApiError():
            found["error"] = _error(part.say)
        case Reply():
            found |= _reply(part.say)
        case _:
            raise Undumpable(f"{part.say!r} is a function, and no file can hold one")
    if part.say.sent is not None:
        found["sent"] = sent_data(part.say.sent)
    faults = [part.fault, part.say.fault if isinstance(part.say, Reply) else None]
    return without_none({**found, "fault": "; ".join(filter(None, faults)) or None})


def _reply(reply: Reply) -> dict[str, Any]:
    return {
        "thinking": reply.thinking,
        "text": reply.text,
        "refusal": reply.refusal,
        "calls": [call_data(call) for call in reply.calls] or None,
        "finish_reason": reply.finish_reason,
        "usage": dict(reply.usage) if reply.usage is not None else None,
        "stream": {"cut": reply.stream} if reply.stream is not None else None,
        "timing": _timing(reply.timing) if reply.timing is not None else None,
    }


def _timing(timing: Timing) -> dict[str, Any]:
    times = {"first_token": timing.first_token, "gap": timing.gap}
    found = {key: _time(value) for key, value in times.items() if value}
    return {**found, "jitter": _share(timing.jitter)} if timing.jitter else found


def _time(value: float) -> str | float:
    text = f"{round(value * 1000)}ms"
    return text if seconds(text) == value else value


def _share(value: float) -> str | float:
    text = f"{round(value * 100)}%"
    return text if share(text) == value else value


def _error(error: ApiError) -> dict[str, Any]:
    usual = api_error(error.status)
    found: dict[str, Any] = {"status": error.status}
    if error.code != usual.code:
        found["code"] = error.code
        usual = api_error(error.status, code=error.code)
    found |= {key: getattr(error, key) for key in ("type", "message") if getattr(error, key) != getattr(usual, key)}
    found |= {"param": error.param} if error.param is not None else {}
    headers = dict(error.headers)
    for header, key in _RETRY_HEADERS.items():
        if (number := _number(headers.get(header))) is not None:
            found[key] = number
            del headers[header]
    found |= {"headers": headers} if headers else {}
    return found | ({"body": {"error": dict(error.extra)}} if error.extra else {})


def _number(text: str | None) -> float | None:
    """The number of a `retry-after` header that this library would write in the same way."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    number = int(number) if number.is_integer() else number
    return number if number >= 0 and retry_headers(number, None) == {"retry-after": text} else None


def _when(when: When) -> dict[str, Any]:
    if when.test is not None:
        raise Undumpable(f"the condition {when} is a function, and no file can hold one")
    found: dict[str, Any] = {
        "user_says": _text(when.user_says),
        "system_says": _text(when.system_says),
        "assistant_said": _text(when.assistant_said),
        "tool_results": _results(when.tool_results),
        "called": _called(when.called) if when.called else None,
        "tools": list(when.tools) or None,
        "model": when.model,
        "tool_choice": when.tool_choice,
        "stream": when.stream,
        "turn": when.turn.data if isinstance(when.turn, Bounds) else when.turn,
        "api": when.api,
        "header": _named(when.header) or None,
        "any": [_when(part) for part in when.any_of] or None,
        "not": _when(when.no) if when.no is not None else None,
    }
    return without_none(found)


def _results(condition: int | Bounds | Named | None) -> Any:
    if isinstance(condition, Bounds):
        return condition.data
    if not isinstance(condition, tuple):
        return condition
    if condition and all(text == Text() for _, text in condition):
        return [name for name, _ in condition]
    return _named(condition)


def _called(calls: Calls) -> Any:
    return calls[0][0] if len(calls) == 1 and not calls[0][1] else {name: dict(values) for name, values in calls}


def _value(condition: ValueCondition) -> Any:
    if isinstance(condition, Bounds):
        return condition.data
    if not isinstance(condition, Text):
        return condition
    return _text(condition) if condition != Text(contains=condition.contains) else {"contains": condition.contains}


def _named(conditions: Named) -> dict[str, Any]:
    return {name: _text(condition) for name, condition in conditions}


def _text(condition: Text | None) -> Any:
    if condition is None:
        return None
    if condition == Text(contains=condition.contains):
        return condition.contains
    found = {
        "equals": condition.equals,
        "contains": condition.contains,
        "matches": condition.matches,
        "has": {path: _value(part) for path, part in condition.has} or None,
        "not": _text(condition.no),
    }
    return without_none(found)
