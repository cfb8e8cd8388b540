"""Diff of a response with and without a fault: what is said, and what is sent."""

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from mockserver.chat import Reply
from mockserver.faults import Fault
from mockserver.handbook.examples import Shown
from mockserver.steps import Drop, Head, Send, Step, Wait
from mockserver.wire.streaming import data_of

_LONGEST = 360
_LINES = 7


def example(fault: Fault, shown: Shown) -> list[str]:
    """What changed: in what is said where that shows it, else in what is sent."""
    if fault.layer in ("dialogue", "reply") and isinstance(shown.said, Reply):
        said = _few(_changed(_said(shown.example.reply), _said(shown.said)))
        return [*said, "on the wire:", *_sent(shown, unfolded=True)]
    return _sent(shown, unfolded=fault.layer == "body")


def _said(reply: Reply) -> list[str]:
    lines = [f"thinking: {reply.thinking}"] if reply.thinking is not None else []
    lines += [f"text: {_short(json.dumps(reply.text, ensure_ascii=False))}"] if reply.text is not None else []
    lines += [f"{call.name}({_short(_visible(call.arguments))})" for call in reply.calls]
    if reply.refusal is not None:
        lines.append(f"refusal: {reply.refusal}")
    if reply.finish_reason is not None:
        lines.append(f"finish_reason: {reply.finish_reason}")
    return lines


def _sent(shown: Shown, *, unfolded: bool) -> list[str]:
    """The lines in which the responses differ, and where there is none, those that both have."""
    shared = _shared(shown.before)
    old, new = (list(_lines(steps, shared, unfolded)) for steps in (shown.before, shown.after))
    return _few(_changed(old, new) or [f"  {line}" for line in new])


def _changed(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """What went and what came, in order."""
    found = []
    for kind, i, j, k, n in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            found += [*(f"- {line}" for line in old[i:j]), *(f"+ {line}" for line in new[k:n])]
    return found


def _few(lines: Sequence[str]) -> list[str]:
    """The first lines of each sign."""
    shown: list[str] = []
    left_out = 0
    for line in lines:
        if sum(1 for other in shown if other[0] == line[0]) < _LINES:
            shown.append(line)
        else:
            left_out += 1
    return [*shown, f"  … and {left_out} more lines"] if left_out else shown


def _lines(steps: Sequence[Step], shared: dict[str, Any], unfolded: bool) -> Iterator[str]:
    for step in steps:
        if isinstance(step, Head):
            kind = dict(step.headers).get("content-type", "no content type")
            more = [
                f"{name}: {value}"
                for name, value in step.headers
                if name in ("retry-after", "retry-after-ms", "connection")
            ]
            length = dict(step.headers).get("content-length")
            told = [f"content-length: {length}"] if length is not None and int(length) != _length(steps) else []
            yield ", ".join([f"HTTP {step.status}", kind, *more, *told])
        elif isinstance(step, Send):
            yield from (_short(_visible(line)) for line in _bodies(step.data, shared, unfolded) if line)
        elif isinstance(step, Wait):
            yield f"(nothing for {step.seconds:g} s)"
        elif isinstance(step, Drop):
            yield f"(the connection is {'reset' if step.reset else 'closed'})"


def _length(steps: Sequence[Step]) -> int:
    return sum(len(step.data) for step in steps if isinstance(step, Send))


def _bodies(data: bytes, shared: dict[str, Any], unfolded: bool) -> Iterator[str]:
    """The lines of a body or event; what every sound one has in common is left out of JSON."""
    for line in data.decode("utf-8", "backslashreplace").splitlines():
        head, brace, rest = line.partition("{")
        try:
            found = json.loads(brace + rest)
        except ValueError:
            yield line
            continue
        kept = {key: value for key, value in found.items() if key not in shared or shared[key] != value}
        indent = 2 if unfolded and not head else None
        yield from f"{head}{json.dumps(_plainer(kept), ensure_ascii=False, indent=indent)}".split("\n")


def _plainer(value: Any) -> Any:
    """Without the keys of a choice or message that say nothing here."""
    if isinstance(value, dict):
        quiet: dict[str, Any] = {"logprobs": None, "refusal": None, "annotations": []}
        return {key: _plainer(inner) for key, inner in value.items() if key not in quiet or inner != quiet[key]}
    return [_plainer(inner) for inner in value] if isinstance(value, list) else value


def _shared(steps: Sequence[Step]) -> dict[str, Any]:
    """What the body, or every event, of a sound response says around the choices."""
    first = next(step.data for step in steps if isinstance(step, Send)).decode()
    found = json.loads(data_of(first) or first)
    return {key: value for key, value in found.items() if key != "choices"}


def _visible(text: str) -> str:
    return "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in text)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} … ({len(text)} characters)"
