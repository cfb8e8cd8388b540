"""An API of another spelling than any real one, and its parts: steps in place of messages, JSON lines as events."""

import json
import re
from collections.abc import Sequence
from typing import Any

from mockserver.chat import Reply
from mockserver.faults.parts import (
    ALL_EXIST,
    AnswerParts,
    BodyParts,
    CallParts,
    EventParts,
    FinishWord,
    Framing,
    KeySlot,
    Run,
)
from mockserver.steps import Head, Send, Step

Json = dict[str, Any]
CONTENT_TYPE = "application/x-ndjson"


def toy_body(reply: Reply) -> Json:
    """What the API says in one piece."""
    calls = [
        {"do": {"key": f"k{place}", "tool": call.name, "with": call.arguments}}
        for place, call in enumerate(reply.calls)
    ]
    said = [{"say": reply.text}] if reply.text is not None else []
    return {"ref": "r-0001", "steps": [*said, *calls], "end": "done"}


def toy_events(reply: Reply) -> list[Json]:
    """The same as events, the arguments in pieces of eight characters, each event numbered."""
    found: list[Json] = [{"t": "text", "piece": reply.text}] if reply.text is not None else []
    for place, call in enumerate(reply.calls):
        found.append({"t": "open", "slot": place, "key": f"k{place}", "tool": call.name})
        pieces = [call.arguments[start : start + 8] for start in range(0, len(call.arguments), 8)]
        found += [{"t": "more", "slot": place, "piece": piece} for piece in pieces]
        found.append({"t": "shut", "slot": place})
    return numbered([*found, {"t": "over", "end": "done"}])


def toy_steps(value: Json | list[Json]) -> list[Step]:
    """The response that sends a body or events."""
    if isinstance(value, list):
        return [Head(200, (("content-type", CONTENT_TYPE),)), *[Send(line(event)) for event in value]]
    data = line(value)
    return [Head(200, (("content-type", "application/json"), ("content-length", str(len(data))))), Send(data)]


def numbered(events: list[Json]) -> list[Json]:
    return [{**event, "seq": number} for number, event in enumerate(events)]


def line(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


class Say:
    """Where the text stands: a step of its own, which is made when there is something to say."""

    def __init__(self, body: Json) -> None:
        self._steps = body["steps"]

    def _step(self) -> Json | None:
        return next((step for step in self._steps if "say" in step), None)

    @property
    def present(self) -> bool:
        return self._step() is not None

    def get(self) -> Any:
        step = self._step()
        return None if step is None else step["say"]

    def set(self, value: Any, /) -> None:
        step = self._step()
        if step is None:
            self._steps.insert(0, {"say": value})
        else:
            step["say"] = value

    def delete(self) -> None:
        self._steps[:] = [step for step in self._steps if "say" not in step]


class Calls:
    """The steps that call a tool, as one place."""

    def __init__(self, body: Json) -> None:
        self._steps = body["steps"]

    @property
    def present(self) -> bool:
        return any("do" in step for step in self._steps)

    def get(self) -> Any:
        return [step for step in self._steps if "do" in step]

    def set(self, value: Any, /) -> None:
        self.delete()
        self._steps.extend(value)

    def delete(self) -> None:
        self._steps[:] = [step for step in self._steps if "do" not in step]


class ToyParts:
    api = "toy"
    absent = ALL_EXIST
    framing = Framing(
        content_type=CONTENT_TYPE,
        is_sse=False,
        write=line,
        read=json.loads,
        arguments=re.compile(rb'"t": "more".*"piece": "(?:\\.|[^"\\])'),
    )

    def body(self, body: Json, /) -> BodyParts:
        calls = [_call(step["do"], "with") for step in body["steps"] if "do" in step]
        answer = AnswerParts(calls=calls, call_list=Calls(body), text=Say(body), finish=KeySlot(body, "end"))
        return BodyParts(body=body, answers=[answer])

    def event(self, event: Json, /) -> EventParts:
        call = _call(event, "piece") if event["t"] in ("open", "more", "shut") else None
        text = KeySlot(event, "piece") if "piece" in event else None
        over = event["t"] == "over"
        return EventParts(call=call, text=text, speaks=not over, finishes=over)

    def runs(self, events: list[Json], /) -> list[Run]:
        before: list[Json] = []
        calls: list[list[Json]] = []
        after: list[Json] = []
        for event in events:
            if event["t"] == "open":
                calls.append([event])
            elif event["t"] in ("more", "shut"):
                calls[-1].append(event)
            else:
                (after if calls else before).append(event)
        return [Run(before, calls, after)]

    def sequenced(self, events: list[Json], /) -> list[Json]:
        return numbered(events)

    def opened_again(self, opening: Json, event: Json, /) -> list[Json]:
        return [dict(opening), event] if event["t"] == "more" else [event]

    def whole(self, call: list[Json], /) -> list[Json]:
        pieces = [event for event in call if "piece" in event]
        return [call[0], {**pieces[0], "piece": "".join([event["piece"] for event in pieces])}, call[-1]]

    def empty(self, event: Json, /) -> Sequence[Json]:
        return ({"t": "text", "piece": ""},)

    def finish_word(self, word: FinishWord, /) -> str:
        return {"stop": "done", "tool_calls": "done"}.get(word, "cut")

    def error_events(self, message: str, /) -> list[Json]:
        return [{"t": "trouble", "why": message}]

    def assembled(self, events: list[Json], /) -> Json:
        by_slot: dict[int, Json] = {}
        for event in events:
            if event["t"] == "open":
                by_slot[event["slot"]] = {"do": {"key": event["key"], "tool": event["tool"], "with": ""}}
            elif event["t"] == "more":
                by_slot[event["slot"]]["do"]["with"] += event["piece"]
        return {"ref": "r-0001", "steps": list(by_slot.values()), "end": events[-1]["end"]}

    def streamed(self, body: Json, /) -> list[Json]:
        found: list[Json] = []
        for place, step in enumerate(body["steps"]):
            call = step["do"]
            opened = {"t": "open", "slot": place, "key": call["key"], "tool": call["tool"]}
            found += [opened, {"t": "more", "slot": place, "piece": call["with"]}, {"t": "shut", "slot": place}]
        return numbered([*found, {"t": "over", "end": body["end"]}])


def _call(holder: Json, arguments: str) -> CallParts:
    return CallParts(
        name=KeySlot(holder, "tool"),
        arguments=KeySlot(holder, arguments),
        id=KeySlot(holder, "key"),
        index=KeySlot(holder, "slot"),
    )
