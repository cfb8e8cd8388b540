"""Every fault of the Responses API, plain and streamed: what it names is broken, the rest is as without it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Any

import pytest
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter, ValidationError

from mockserver.chat import ApiError
from mockserver.faults import CATALOGUE, DueFault, Fault, Injection, NotApplicable, fault_spec
from mockserver.faults.catalogue import apis_of
from mockserver.simulate.invent import invent
from mockserver.steps import Drop, Head, Step
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.provider import Alteration
from mockserver.wire.response import render_altered, render_altered_error
from mockserver.wire.responses.dialect import DIALECT
from mockserver.wire.responses.render import render
from tests.fault_answers import Case, sent, strictly
from tests.fault_law import LIGHTER
from tests.fault_predicates import PREDICATES
from tests.fault_predicates.responses import OF_RESPONSES
from tests.fault_situations import KINDS, MORE, Situation, situations
from tests.responses_answers import TERMINAL, ResponsesAnswer

IDENTITY = Identity("0", b"request", "session", 1)
EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
HERE = [name for name, fault in CATALOGUE.items() if "responses" in apis_of(fault)]
NOT_OF_THE_TYPES = {"content_missing"}
"""Faults whose natural form here is not one of the SDK's types."""
TRIED = [*list(MORE)[:3], *[kind for kind in KINDS if kind not in MORE][:3]]


def parsed(situation: Situation, *, stream: bool) -> ParsedRequest:
    request = replace(situation.request, stream=stream, api="responses")
    return ParsedRequest(request, b"request", 10, body={"stream_options": {"include_obfuscation": False}})


def answered(fault: Fault, situation: Situation, *, stream: bool) -> list[Step]:
    """The whole answer with the fault.

    Raises:
        NotApplicable: the fault does not show in this situation.
    """
    asked = parsed(situation, stream=stream)
    due = DueFault(fault_spec(fault.name, **LIGHTER.get(fault.name, {})))
    injection = Injection(due=[due], request=asked.request, seed="0", invent=invent)
    said, injection = injection.apply(situation.reply, "dialogue", "reply")
    alteration = Alteration(injection=injection)
    if isinstance(said, ApiError):
        return render_altered_error(DIALECT, said, {}, alteration).steps
    return render_altered(DIALECT, [said], asked, IDENTITY, {}, alteration).steps


def cases(fault: Fault, *, stream: bool) -> Iterator[Case]:
    """The answer with the fault beside the sound one, in a situation of each kind that shows it."""
    defaults = {name: parameter.default for name, parameter in fault.parameters.items()}
    for kind in [*TRIED, *[other for other in KINDS if other not in TRIED]]:
        shown = False
        for situation in situations(kind):
            try:
                steps = answered(fault, situation, stream=stream)
            except NotApplicable:
                continue
            asked = parsed(situation, stream=stream)
            sound = render([situation.reply], asked, IDENTITY, {})
            given = {**defaults, **LIGHTER.get(fault.name, {})}
            yield Case(asked.request, ResponsesAnswer(sound), ResponsesAnswer(steps), given)
            shown = True
            break
        if shown and kind == TRIED[-1]:
            return


def broken(steps: Sequence[Step]) -> set[str]:
    """What is not sound about the types and the end of a response."""
    head = next((step for step in steps if isinstance(step, Head)), None)
    if head is None or any(isinstance(step, Drop) for step in steps[:-1]):
        return {"complete"}
    answer = ResponsesAnswer(list(steps))
    if head.status != 200:
        return {"complete"}
    if answer.chunks is None:
        value = strictly(sent(steps))
        if not isinstance(value, dict):
            return {"complete"}
        length = dict(head.headers).get("content-length")
        found = set() if _is(Response, value) else {"types"}
        whole = value.get("status") in ("completed", "incomplete")
        return found if whole and length == str(len(sent(steps))) else found | {"complete"}
    events = [*takewhile(lambda event: event.get("type") != "error", answer.raw_events)]
    found = set() if all(_is(EVENT, event) for event in events) else {"types"}
    ends = [event for event in events if event.get("type") in TERMINAL]
    good = any(isinstance(end.get("response"), dict) and end["response"].get("status") in ("completed", "incomplete")
               for end in ends)  # fmt: skip
    return found if good and all(end["type"] != "response.failed" for end in ends) else found | {"complete"}


def _is(kind: Any, value: Any) -> bool:
    try:
        if isinstance(kind, TypeAdapter):
            kind.validate_python(value)
        else:
            kind.model_validate(value, strict=True)
    except ValidationError:
        return False
    return True


def test_at_least_195_faults_exist_here() -> None:
    assert len(HERE) >= 195
    assert not [name for name in OF_RESPONSES if CATALOGUE[name].api not in ("Responses", None)]


@pytest.mark.parametrize("name", HERE)
def test_a_fault_breaks_what_it_names_and_nothing_else(name: str) -> None:
    fault, predicate = CATALOGUE[name], OF_RESPONSES.get(name) or PREDICATES[name]
    shown = 0
    for stream in (False, True):
        for case in cases(fault, stream=stream):
            shown += 1
            where = f"stream {stream}, {sent(case.after.steps)[:3000]!r}"
            assert predicate(case), f"what it is named for is not what changed: {where}"
            head = next((step for step in case.after.steps if isinstance(step, Head)), None)
            assert head is None or dict(head.headers).get("x-mock-fault") == name
            if head is None or head.status < 400:
                _promised(fault, broken(case.after.steps), where)
    assert shown or fault.impossible, "the fault shows nowhere"


def _promised(fault: Fault, found: set[str], where: str) -> None:
    for promise in ("types", "complete") if fault.name not in NOT_OF_THE_TYPES else ("complete",):
        if getattr(fault.promises, promise) == "kept":
            assert promise not in found, f"`{promise}` is broken: {where}"


@pytest.mark.parametrize("name", [name for name in HERE if not CATALOGUE[name].impossible])
def test_a_sound_answer_is_not_what_a_predicate_asks_for(name: str) -> None:
    predicate = OF_RESPONSES.get(name) or PREDICATES[name]
    for stream in (False, True):
        case = next(cases(CATALOGUE[name], stream=stream), None)
        assert case is None or not predicate(case._replace(after=case.before))
