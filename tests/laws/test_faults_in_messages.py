"""Every fault that exists in the Messages API shows there what it is named for, plain and streamed."""

import json
from dataclasses import replace
from typing import NamedTuple

import pytest

from mockserver.chat import ApiError, ChatRequest, Reply, call
from mockserver.faults import CATALOGUE, DueFault, Fault, Injection, Layer, NotApplicable, fault_spec
from mockserver.faults.catalogue import apis_of
from mockserver.handbook.examples import Example, examples, sample, thoughtful_examples
from mockserver.steps import Step
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.messages.assemble import hear, hear_stream
from mockserver.wire.messages.dialect import DIALECT
from mockserver.wire.messages.message import complete
from mockserver.wire.messages.parts import ABSENT, STREAMED_ONLY
from mockserver.wire.provider import Alteration
from mockserver.wire.refusal import Refused
from mockserver.wire.response import render_altered, render_altered_error
from tests.fault_answers import Answer, Case
from tests.fault_predicates import PREDICATES
from tests.fault_predicates.message_wire import MESSAGE_PREDICATES, Wire
from tests.faulty import IN_CHAT as CHAT_FAULTS

IDENTITY = Identity("0", b"request", "session", 1)
MESSAGES = {name: fault for name, fault in CATALOGUE.items() if "messages" in apis_of(fault)}
SAID: tuple[Layer, ...] = ("dialogue", "reply")
OWN_ERRORS = {"overloaded_529": 529, "signature_rejected": 400}
UNREADABLE = {"nan_infinity", "deep_nesting"}
"""As a value in a plain body a strict reader cannot take what these make."""
OTHER_SITUATIONS = {"exfiltration_call", "alternating_loop"}
"""What these make of a conversation is judged in the law on chat completions, in conversations made for them."""
JUDGED_BY_THEMSELVES = {"pause_turn", *OWN_ERRORS}


class Shown(NamedTuple):
    """A fault in an example: what is said and sent, without it and with it."""

    request: ChatRequest
    sound: Reply
    said: Reply | ApiError
    before: list[Step]
    after: list[Step]


def shown(fault: Fault, example: Example, *, stream: bool) -> Shown:
    request = replace(example.request, stream=stream, api="messages")
    asked = ParsedRequest(request, b"request", 82)
    injection = Injection(due=[DueFault(fault_spec(fault.name))], request=request, seed="0", invent=sample)
    said, injection = injection.apply(example.reply, *SAID)
    alteration = Alteration(injection=injection)
    if isinstance(said, ApiError):
        after = render_altered_error(DIALECT, said, {}, alteration).steps
    else:
        after = render_altered(DIALECT, [said], asked, IDENTITY, {}, alteration).steps
    return Shown(request, example.reply, said, DIALECT.render([example.reply], asked, IDENTITY, {}), after)


def all_shown(fault: Fault, *, stream: bool) -> list[Shown]:
    found = []
    for example in (*examples(), *thoughtful_examples()):
        try:
            found.append(shown(fault, example, stream=stream))
        except NotApplicable:
            continue
    return found


def forms(fault: Fault) -> list[bool]:
    """Streamed or not, as far as the fault exists so."""
    if "stream" in fault.needs or fault.name in STREAMED_ONLY:
        return [True]
    return [False] if "plain" in fault.needs else [False, True]


def is_named_for(fault: Fault, case: Shown, *, stream: bool) -> bool:
    """Whether the predicate of the fault holds: that of the API, or the one that holds for every API."""
    old, new = Wire(case.before, stream), Wire(case.after, stream)
    if fault.name in MESSAGE_PREDICATES:
        return MESSAGE_PREDICATES[fault.name](old, new)
    if fault.name in OTHER_SITUATIONS:
        return case.said != case.sound
    defaults = {name: parameter.default for name, parameter in fault.parameters.items()}
    if fault.layer in SAID:
        return PREDICATES[fault.name](Case(case.request, Answer(case.sound), Answer(case.said), defaults))
    return PREDICATES[fault.name](Case(case.request, Answer(case.before), Answer(case.after), defaults))


def test_most_faults_exist_here() -> None:
    assert len([name for name in CHAT_FAULTS if name in MESSAGES]) >= 165
    assert not ABSENT.keys() & MESSAGES.keys()
    assert {*MESSAGE_PREDICATES} <= {*MESSAGES}


@pytest.mark.parametrize("name", sorted({*MESSAGES} - JUDGED_BY_THEMSELVES))
def test_a_fault_shows_what_it_is_named_for(name: str) -> None:
    fault = MESSAGES[name]

    for stream in forms(fault):
        cases = all_shown(fault, stream=stream)
        assert cases, f"nothing shows it {'streamed' if stream else 'plain'}"
        assert [is_named_for(fault, case, stream=stream) for case in cases] == [True] * len(cases)


@pytest.mark.parametrize("name", [name for name, fault in MESSAGES.items() if fault.layer in SAID])
def test_what_a_fault_makes_the_model_say_is_what_is_sent(name: str) -> None:
    fault = MESSAGES[name]
    for stream in forms(fault):
        for case in all_shown(fault, stream=stream):
            if isinstance(case.said, ApiError) or (name in UNREADABLE and not stream):
                continue
            heard = (hear_stream if stream else hear)(Wire(case.after, stream).data)
            meant = complete(case.said, ParsedRequest(case.request, b"request", 82), IDENTITY)
            assert [each.name for each in heard.calls] == [each.name for each in meant.calls]
            assert (heard.text or heard.refusal or "") == (meant.text or meant.refusal or "")
            if stream:
                assert [each.arguments for each in heard.calls] == [each.arguments or "{}" for each in meant.calls]


@pytest.mark.parametrize("name", sorted(MESSAGE_PREDICATES))
def test_an_answer_without_the_fault_is_not_what_the_predicate_asks_for(name: str) -> None:
    fault = MESSAGES[name]
    cases = [(stream, case) for stream in forms(fault) for case in all_shown(fault, stream=stream)]

    sound = [MESSAGE_PREDICATES[name](Wire(case.before, stream), Wire(case.before, stream)) for stream, case in cases]
    assert sound == [False] * len(cases)


@pytest.mark.parametrize(("name", "status"), OWN_ERRORS.items())
def test_an_error_of_the_api_has_its_status_and_type(name: str, status: int) -> None:
    [case, *_] = all_shown(MESSAGES[name], stream=False)

    assert isinstance(case.said, ApiError)
    assert case.said.status == status
    assert json.loads(Wire(case.after, False).data)["type"] == "error"


def test_a_paused_turn_says_so() -> None:
    for stream in (False, True):
        for case in all_shown(MESSAGES["pause_turn"], stream=stream):
            assert Wire(case.after, stream).message["stop_reason"] == "pause_turn"


@pytest.mark.parametrize("name", sorted(ABSENT))
def test_a_fault_that_does_not_exist_here_says_why_and_where_it_does(name: str) -> None:
    with pytest.raises(NotApplicable, match=r"It exists in chat_completions"):
        shown(CHAT_FAULTS[name], examples()[0], stream=True)


@pytest.mark.parametrize("name", sorted(STREAMED_ONLY))
def test_text_that_is_not_json_is_for_streams(name: str) -> None:
    with pytest.raises(NotApplicable, match="only a stream shows text that is not JSON"):
        shown(MESSAGES[name], examples()[0], stream=False)


def test_arguments_that_are_scripted_wrong_are_refused_plain() -> None:
    asked = ParsedRequest(replace(examples()[0].request, api="messages"), b"request", 82)

    with pytest.raises(Refused, match="are not a JSON object"):
        DIALECT.render([Reply(calls=[call("get_current_weather", arguments="[1]")])], asked, IDENTITY, {})
