"""The law of faults: what a fault names is broken, and everything else is as without it.

Judged by strangers: jsonschema-rs, a strict JSON parser, and the official SDK's types and its reader of events.
With more seeds than in the suite: `python -m tests.fault_law --runs 1000 [NAME …]`.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple

import jsonschema_rs
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from pydantic import ValidationError

from mockserver.chat import ApiError, ChatRequest, Reply, Tool, ToolCall
from mockserver.faults import Context, DoesNotApply, DueFault, Fault, Injection, NotApplicable, fault_spec
from mockserver.simulate.invent import invent
from mockserver.steps import Drop, Head, Step
from mockserver.wire.chat_completions.completion import body
from mockserver.wire.chat_completions.dialect import CHAT_COMPLETIONS
from mockserver.wire.chat_completions.parts import PARTS
from mockserver.wire.chat_completions.render import render
from mockserver.wire.chat_completions.stream import chunks
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.provider import Alteration
from mockserver.wire.response import render_altered, render_altered_error
from tests.fault_answers import Answer, Call, Case, call_of, events, gathered, sent, strictly
from tests.fault_predicates import PREDICATES
from tests.fault_situations import KINDS, Situation, situations
from tests.faulty import IN_CHAT

SEEDS = 20
IDENTITY = Identity("0", b"request", "session", 1)
LIGHTER: dict[str, dict[str, int]] = {"deep_nesting": {"levels": 60}, "huge_arguments": {"size": 5_000}}
"""Parameters that make some whole answers quicker to judge."""


class Outcome(NamedTuple):
    """What a fault made of a situation under a seed: a value of the fault's own layer."""

    seed: int
    request: ChatRequest
    value: Any


def outcomes(fault: Fault, situation: Situation, seeds: range) -> Iterator[Outcome]:
    """Each different thing that a fault makes of a situation, streamed and not; nothing where it does not apply.

    One that draws nothing under the first seed makes the same of it under every other.
    """
    for request in forms(fault, situation):
        sound = sound_value(fault, request, situation.reply)
        injection = Injection(due=[DueFault(fault_spec(fault.name))], request=request, seed="0", invent=invent)
        if injection.lacking(fault, situation.reply) is not None:
            continue
        found: list[Any] = []
        for seed in seeds:
            chance = Random(seed)
            drawn = chance.getstate() if seed == seeds.start else None
            parameters = {name: parameter.default for name, parameter in fault.parameters.items()}
            try:
                value = fault.apply(
                    sound, Context(request=request, chance=chance, invent=invent, parameters=parameters, parts=PARTS)
                )
            except DoesNotApply:
                value = None
            if value is not None and value not in found:
                found.append(value)
                yield Outcome(seed, request, value)
            if drawn is not None and chance.getstate() == drawn:
                break


def _context(request: ChatRequest, chance: Random, parameters: dict[str, Any]) -> Context:
    return Context(request=request, chance=chance, invent=invent, parameters=parameters, parts=PARTS)


def forms(fault: Fault, situation: Situation) -> list[ChatRequest]:
    """The request as the fault's layer tells it apart: what is said is the same streamed and not."""
    streamed = replace(situation.request, stream=True)
    by_layer = {"chunks": [streamed], "steps": [situation.request, streamed]}
    if "stream" in fault.needs:
        return [streamed]
    return by_layer.get(fault.layer, [situation.request])


def sound_value(fault: Fault, request: ChatRequest, reply: Reply) -> Any:
    """The value of a fault's layer, without the fault."""
    if fault.layer in ("dialogue", "reply"):
        return reply
    return _written(fault.layer, ParsedRequest(request, b"request", 10), reply)


def _written(layer: str, asked: ParsedRequest, reply: Reply) -> Any:
    key = (layer, id(reply), asked.request.stream)
    if key not in _WRITTEN:
        write_layer = {"body": body, "chunks": chunks}.get(layer)
        written = write_layer([reply], asked, IDENTITY) if write_layer else render([reply], asked, IDENTITY, {})
        _WRITTEN[key] = (reply, written)
    return _WRITTEN[key][1]


_WRITTEN: dict[Any, tuple[Reply, Any]] = {}


def violations(fault: Fault, situation: Situation, outcome: Outcome) -> Iterator[str]:
    """Everything about an outcome that is not as promised."""
    value = outcome.value
    if not PREDICATES[fault.name](case(fault, situation, outcome)):
        yield "what it is named for is not what changed"
    if isinstance(value, ApiError):
        return
    if fault.layer in ("dialogue", "reply"):
        if value == situation.reply:
            yield "nothing changed"
        yield from _as_promised(fault, ("parses", "validates", "offered"), broken_in(value.calls, outcome.request))
    elif fault.layer == "body":
        yield from _as_promised(fault, ("ids", "types", "complete"), broken_body(value))
    elif fault.layer == "chunks":
        yield from _as_promised(fault, ("types", "complete"), broken_stream([*value, "[DONE]"]))
    else:
        yield from _as_promised(fault, ("types", "complete"), broken_on_the_wire(value))


def case(fault: Fault, situation: Situation, outcome: Outcome) -> Case:
    """An outcome beside what it was made of."""
    sound = sound_value(fault, outcome.request, situation.reply)
    defaults = {name: parameter.default for name, parameter in fault.parameters.items()}
    return Case(outcome.request, Answer(sound), Answer(outcome.value), defaults)


def whole_cases(fault: Fault, situation: Situation, answers: Sequence[tuple[bool, list[Step]]]) -> Iterator[Case]:
    """Whole answers, as they were sent, beside those without the fault."""
    defaults = {name: parameter.default for name, parameter in fault.parameters.items()}
    for stream, steps in answers:
        request = replace(situation.request, stream=stream)
        sound = _written("steps", ParsedRequest(request, b"request", 10), situation.reply)
        yield Case(request, Answer(sound), Answer(steps), {**defaults, **LIGHTER.get(fault.name, {})})


def whole_answers(fault: Fault, situation: Situation) -> Iterator[tuple[bool, list[Step]]]:
    """The whole answer as it leaves the server, plain and streamed (True)."""
    for stream in (False, True):
        request = replace(situation.request, stream=stream)
        due = DueFault(fault_spec(fault.name, **LIGHTER.get(fault.name, {})))
        injection = Injection(due=[due], request=request, seed="0", invent=invent)
        try:
            said, injection = injection.apply(situation.reply, "dialogue", "reply")
            alteration = Alteration(injection=injection)
            if isinstance(said, ApiError):
                yield stream, render_altered_error(CHAT_COMPLETIONS, said, {}, alteration).steps
            else:
                yield (
                    stream,
                    render_altered(
                        CHAT_COMPLETIONS, [said], ParsedRequest(request, b"request", 10), IDENTITY, {}, alteration
                    ).steps,
                )
        except NotApplicable:
            continue


def whole_violations(fault: Fault, answers: Sequence[tuple[bool, list[Step]]]) -> Iterator[str]:
    """Everything about the whole answers that is not as promised: labels, types, ends, plain beside streamed."""
    heard: dict[bool, list[Call]] = {}
    for stream, steps in answers:
        broken = broken_on_the_wire(steps)
        if any(isinstance(step, Head) and step.status < 400 for step in steps):
            yield from (f"stream {stream}: {wrong}" for wrong in _as_promised(fault, ("types", "complete"), broken))
        for head in steps:
            if isinstance(head, Head) and dict(head.headers).get("x-mock-fault") != fault.name:
                yield "the response does not say which fault it shows"
        calls = (heard_streamed if stream else heard_plain)(steps)
        if calls is not None and "complete" not in broken:
            heard[stream] = calls
    if fault.category not in ("stream", "transport") and len(heard) == 2 and heard[False] != heard[True]:
        yield f"plain and streamed say other things: {heard[False]} and {heard[True]}"


def _as_promised(fault: Fault, promises: Sequence[str], broken: set[str]) -> Iterator[str]:
    for name in promises:
        promise = getattr(fault.promises, name)
        if promise == "kept" and name in broken:
            yield f"`{name}` is broken"
        if promise == "broken" and name not in broken:
            yield f"`{name}` is not broken"


# ------------------------------------------------------------------------------------------------ what is said


def broken_in(calls: Sequence[ToolCall], request: ChatRequest) -> set[str]:
    """What is not sound about calls."""
    found = set()
    for call in calls:
        tool = request.tool(call.name)
        if tool is None:
            found.add("offered")
        values = strictly(call.arguments)
        if not isinstance(values, dict):
            found.add("parses")
        elif tool is not None and not fits(tool, values):
            found.add("validates")
    return found


def fits(tool: Tool, values: Any) -> bool:
    try:
        return bool(_judge(tool).is_valid(values))
    except (ValueError, RecursionError):
        return False


@lru_cache(maxsize=256)
def _judge(tool: Tool) -> Any:
    return jsonschema_rs.validator_for(dict(tool.parameters or {}), validate_formats=True)


# ------------------------------------------------------------------------------------------------ what is sent


def broken_on_the_wire(steps: Sequence[Step]) -> set[str]:
    """What is not sound about a response."""
    head = next((step for step in steps if isinstance(step, Head)), None)
    if head is None or any(isinstance(step, Drop) for step in steps[:-1]):
        return {"complete"}
    headers = dict(head.headers)
    streaming = headers.get("content-type", "").startswith("text/event-stream")
    found = broken_stream(events(steps)) if streaming else broken_body(strictly(sent(steps)))
    told, length = headers.get("content-length"), str(len(sent(steps)))
    whole = head.status == 200 and (told == length or (streaming and told is None))
    return found if whole else found | {"complete"}


def broken_body(value: Any) -> set[str]:
    """What is not sound about the body of a completion."""
    if not isinstance(value, dict):
        return {"complete"}
    ends = [choice.get("finish_reason") for choice in value.get("choices") or ()]
    found = set() if ends and all(ends) else {"complete"}
    if not is_of(ChatCompletion, value):
        found.add("types")
    return found | _broken_ids(heard_body(value) or ())


def broken_stream(said: list[Any]) -> set[str]:
    """What is not sound about the events of a stream."""
    found = set()
    chunks = [chunk for chunk in said if isinstance(chunk, dict) and "error" not in chunk]
    reasons = [choice.get("finish_reason") for chunk in chunks for choice in chunk.get("choices") or ()]
    if said[-1:] != ["[DONE]"] or not any(reasons):
        found.add("complete")
    if not all(is_of(ChatCompletionChunk, chunk) for chunk in chunks):
        found.add("types")
    return found


def _broken_ids(calls: Sequence[Call]) -> set[str]:
    ids = [call[0] for call in calls]
    sound = all(isinstance(one, str) and one for one in ids) and len(set(map(str, ids))) == len(ids)
    return set() if sound else {"ids"}


def is_of(kind: Any, value: Any) -> bool:
    """Whether the official SDK's types agree."""
    try:
        kind.model_validate(value, strict=True)
    except ValidationError:
        return False
    return True


def heard_plain(steps: Sequence[Step]) -> list[Call] | None:
    """The calls of a plain answer: id, name, arguments."""
    return heard_body(strictly(sent(steps)))


def heard_body(value: Any) -> list[Call] | None:
    """The calls of the first choice of a completion."""
    if not isinstance(value, dict) or not value.get("choices"):
        return None
    message = value["choices"][0].get("message") or {}
    return [call_of(call) for call in message.get("tool_calls") or []]


def heard_streamed(steps: Sequence[Step]) -> list[Call] | None:
    """The calls of a stream, gathered by index."""
    first = next(
        (choice for choice in gathered([c for c in events(steps) if isinstance(c, dict)]) if choice["index"] == 0), None
    )
    return [call_of(call) for call in (first["message"].get("tool_calls") or [])] if first else []


def held(fault: Fault, kinds: Sequence[str], seeds: range) -> tuple[list[str], list[str]]:
    """The kinds of schemas that a fault applies to, and where it broke its promise, in words."""
    applied, found = [], []
    for kind in kinds:
        for situation in situations(kind):
            struck = False
            for outcome in outcomes(fault, situation, seeds):
                struck = True
                where = f"{fault.name}, {kind}, {situation.name}, seed {outcome.seed}"
                found += [f"{where}: {wrong}" for wrong in violations(fault, situation, outcome)]
            if struck:
                applied.append(kind)
                break
    return applied, found


def held_whole(fault: Fault, kind: str) -> list[str]:
    """Where whole answers, plain and streamed, broke a promise: in the first situation that shows the fault."""
    for situation in in_few_chunks(kind):
        if answers := list(whole_answers(fault, situation)):
            wrong = list(whole_violations(fault, answers))
            wrong += [
                f"stream {one.request.stream}: what it is named for is not what changed"
                for one in whole_cases(fault, situation, answers)
                if not PREDICATES[fault.name](one)
            ]
            return [f"{fault.name}, {kind}, {situation.name}: {line}" for line in wrong]
    return []


def first_cases(fault: Fault) -> list[Case]:
    """What a fault makes of the first situation that shows it, and the whole answers there, plain and streamed."""
    for kind in KINDS:
        for situation, light in zip(situations(kind), in_few_chunks(kind), strict=True):
            if found := [case(fault, situation, outcome) for outcome in outcomes(fault, situation, range(1))]:
                return [*found, *whole_cases(fault, light, list(whole_answers(fault, light)))]
    return []


def altered(answer: Answer) -> Iterator[Answer]:
    """The answer with something changed that no fault is named for: a refusal nobody needs, a key, a chunk."""
    value = answer.value
    if isinstance(value, Reply):
        yield Answer(replace(value, refusal="Not that."))
    elif isinstance(value, dict):
        yield Answer({**value, "more": 1})
    elif answer.chunks and not answer.steps:
        stray = {"index": 0, "delta": {"content": "And more."}, "finish_reason": None}
        yield Answer([*value[:-1], {**value[0], "choices": [stray]}, value[-1]])


@lru_cache(maxsize=256)
def in_few_chunks(kind: str) -> tuple[Situation, ...]:
    """The situations, with replies that are quickly sent."""
    return tuple(one._replace(reply=replace(one.reply, stream="whole")) for one in situations(kind))


def main() -> int:
    """Hold faults to the law with as many seeds as wanted."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=SEEDS, help="seeds for each fault and schema")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    wrong: list[str] = []
    for name in options.names or IN_CHAT:
        applied, found = held(IN_CHAT[name], list(KINDS), range(options.runs))
        found += [line for kind in KINDS for line in held_whole(IN_CHAT[name], kind)]
        wrong += found
        print(*found[:3], f"{name}: {len(applied)} of {len(KINDS)} schemas, {len(found)} broken promises", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
