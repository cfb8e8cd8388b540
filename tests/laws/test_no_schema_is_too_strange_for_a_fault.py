"""Whatever a tool's schema and a call's arguments look like, a fault strikes or says why it does not."""

import pytest

from mockserver.chat import ChatRequest, Message, Reply, Tool, ToolCall, ToolChoice
from mockserver.faults import DueFault, Injection, NotApplicable, fault_spec
from mockserver.simulate import simulate
from mockserver.simulate.invent import invent
from tests.faulty import IN_CHAT
from tests.test_simulate.schemas import HOSTILE

SAID = [fault.name for fault in IN_CHAT.values() if fault.layer in ("dialogue", "reply")]
ODD = ["not json", "", "[]", '{"a": 1e400}', '{"a": "\\ud83d"}', '{"a": {"b": [1, {"c": null}]}}', '{"": 1, "a b": []}']


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_fault_strikes_or_says_why_it_does_not(kind: str) -> None:
    tool = Tool("probe", parameters=HOSTILE[kind])
    request = ChatRequest("gpt-4o", (Message("user", "Probe it."),), (tool,), ToolChoice("required"))
    replies = [simulate(request, "0"), *[Reply(calls=(ToolCall("probe", text),)) for text in ODD]]

    reasons = []
    for reply in replies:
        for name in SAID:
            injection = Injection(due=[DueFault(fault_spec(name))], request=request, seed="0", invent=invent)
            try:
                injection.apply(reply, "dialogue", "reply")
            except NotApplicable as reason:
                reasons.append(str(reason))
    assert all(" does not apply here, because " in reason for reason in reasons)
