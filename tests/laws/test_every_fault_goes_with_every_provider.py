"""Faults and providers combine: whatever goes wrong with an answer can go wrong in any provider's manner."""

import pytest

from mockserver.chat import ApiError
from mockserver.faults import DueFault, Injection, NotApplicable, fault_spec
from mockserver.simulate.invent import invent
from mockserver.steps import Head
from mockserver.wire.chat_completions.dialect import CHAT_COMPLETIONS
from mockserver.wire.chat_completions.manner import adopt
from mockserver.wire.chat_completions.providers import PROVIDERS, Occasion, Provider
from mockserver.wire.provider import Alteration
from mockserver.wire.response import render_altered
from tests.faulty import IDENTITY, IN_CHAT, PARALLEL, TEXT, asked
from tests.replies import heard

SENT = [fault.name for fault in IN_CHAT.values() if fault.layer in ("body", "chunks", "steps")]


def shown(name: str, provider: Provider, *, stream: bool) -> bool:
    """Whether a fault shows in an answer of this provider's, calls or text; its label says so."""
    request = asked(stream=stream)
    occasion = Occasion("/v1/chat/completions", {}, IDENTITY, request)
    found = False
    for reply in (PARALLEL, TEXT):
        injection = Injection(due=[DueFault(fault_spec(name))], request=request, seed="seed", invent=invent)
        replied, injection = injection.apply(reply, "reply")
        said = adopt([replied], provider, occasion)
        assert not isinstance(said, ApiError)
        try:
            steps = render_altered(
                CHAT_COMPLETIONS, said, heard(request), IDENTITY, {}, Alteration(provider, occasion, injection)
            ).steps
        except NotApplicable:
            continue
        found = True
        assert all(dict(step.headers)["x-mock-fault"] == name for step in steps if isinstance(step, Head))
    return found


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_fault_of_what_is_sent_goes_with_every_provider(provider: str) -> None:
    streamed = {name for name in SENT if shown(name, PROVIDERS[provider], stream=True)}
    plain = {name for name in SENT if shown(name, PROVIDERS[provider], stream=False)}

    assert len(streamed | plain) > 0.7 * len(SENT)
