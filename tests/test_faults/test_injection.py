"""An injection is a value: what it did to a layer is part of what it gives back."""

from copy import deepcopy

import pytest

from mockserver.faults import DueFault, FaultSpec, FiredOnce, Injection, SchedulePoint, Sources, inject, parse
from mockserver.simulate.invent import invent
from mockserver.wire.chat_completions.dialect import CHAT_COMPLETIONS
from mockserver.wire.chat_completions.parts import PARTS
from mockserver.wire.provider import Alteration
from mockserver.wire.response import render_altered
from tests.faulty import IDENTITY, PARALLEL, asked
from tests.replies import heard


def injection(*faults: str) -> Injection:
    due = [DueFault(one) for fault in faults for one in parse(fault)]
    return Injection(due=due, request=asked(), seed="0", invent=invent)


def test_an_injection_applied_twice_gives_the_same_value_and_the_same_names() -> None:
    _, once = injection("missing_id").apply(PARALLEL, "reply")
    first, second = (
        render_altered(CHAT_COMPLETIONS, [PARALLEL], heard(asked()), IDENTITY, {}, Alteration(injection=once))
        for _ in "ab"
    )

    assert first == second
    assert first.injection is not None
    assert first.injection.names == ("missing_id",)
    assert once.names == ()


@pytest.mark.parametrize("fault", ["truncated_json", "repeat_loop", "http_status"])
def test_a_layer_is_applied_without_a_trace_in_what_was_given(fault: str) -> None:
    given = injection(fault)
    kept = deepcopy((given.hits, given.reply, PARALLEL))

    _, applied = given.apply(PARALLEL, "dialogue", "reply")

    assert [hit.name for hit in applied.hits] == [fault]
    assert (given.hits, given.reply, PARALLEL) == kept


def test_layers_add_up_in_the_injection_that_comes_back() -> None:
    said, after_reply = injection("missing_id", "unknown_param").apply(PARALLEL, "reply")
    body = {"choices": [{"message": {"tool_calls": [{"id": "call_1", "function": {"name": "f"}}]}}]}

    changed, after_body = after_reply.apply(body, "body", parts=PARTS)

    assert after_reply.names == ("unknown_param",)
    assert after_body.names == ("unknown_param", "missing_id")
    assert after_body.reply == said
    assert changed != body


def hits(fault: str, fired: FiredOnce, session: str = "a") -> tuple[FaultSpec, ...]:
    moment = SchedulePoint(1, 1, "0", fired.in_session(session))
    return inject(PARALLEL, asked(), Sources(server=parse(fault)), moment, invent)[1].hits


def test_a_fault_with_once_is_due_until_it_is_noted_as_happened() -> None:
    fired = FiredOnce()
    first = hits("unknown_param:once", fired)

    assert hits("unknown_param:once", fired) == first
    fired.note("a", first)
    assert hits("unknown_param:once", fired) == ()
    assert hits("unknown_param:once", fired, "b") == first


def test_a_fault_without_once_happens_again() -> None:
    fired = FiredOnce()
    fired.note("a", hits("unknown_param", fired))

    assert hits("unknown_param", fired)
