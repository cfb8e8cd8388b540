"""An injection: the faults that are due in one answer, applied layer by layer, and those that were applied."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from random import Random
from typing import Any, NamedTuple, TypeVar

from mockserver.chat import ApiError, ChatRequest, Reply
from mockserver.faults.fault import Category, Context, DoesNotApply, Fault, Invent, Layer, NotHere
from mockserver.faults.parts import Parts
from mockserver.faults.spec import FaultSpec

Value = TypeVar("Value")

# Within a layer: first which calls there are, then their values, then their names, then the text of their arguments.
_ORDER: tuple[Category, ...] = (
    "dialogue", "callset", "args_schema", "args_semantic", "name", "args_text", "text_call", "envelope", "stream",
    "transport",
)  # fmt: skip
_SHARED: dict[Category, Category] = {"args_semantic": "args_schema"}


def stage(fault: Fault) -> tuple[Layer, Category]:
    """A call gets at most one fault of a stage: values of arguments, names, texts of arguments, …, each by layer."""
    return fault.layer, _SHARED.get(fault.category, fault.category)


class NotApplicable(Exception):
    """A fault that was asked for by name can't be shown in this answer; the message says why, and for which tool."""

    code = "fault_not_applicable"

    def __init__(self, fault: FaultSpec, reason: str) -> None:
        super().__init__(f"The fault '{fault.name}' does not apply here, because {reason}.")
        self.fault = fault


class NotProducible(Exception):
    """A known fault that a server cannot produce; the message says why."""

    code = "fault_not_producible"

    def __init__(self, fault: FaultSpec) -> None:
        super().__init__(f"The fault '{fault.name}' can't be produced: {fault.fault.impossible}")
        self.fault = fault


class DueFault(NamedTuple):
    """A fault that is due in an answer.

    `if_needed` passes it over where the reply lacks what it needs (a standing fault meets many replies);
    `if_possible` wherever it does not apply (a rate says how often at most).
    """

    spec: FaultSpec
    if_needed: bool = False
    if_possible: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """The faults that one answer is to show, and what came of them so far: a value, changed by nothing.

    `labels` name what was wrong with the answer before. `hits` are the faults that were applied, in order, and `reply`
    what the answer says after the layers so far. Sites are drawn from `seed`, so that the attempts of a request are
    all broken in the same place.
    """

    due: Sequence[DueFault]
    request: ChatRequest
    seed: str
    invent: Invent
    labels: tuple[str, ...] = ()
    hits: tuple[FaultSpec, ...] = ()
    reply: Reply | ApiError | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the faults in the answer, in order."""
        return (*self.labels, *(hit.fault.name for hit in self.hits))

    @property
    def ended(self) -> str | None:
        """How the exchange ended, when a fault kept the answer from its proper end: "fault:NAME"."""
        cut = (hit.fault.name for hit in self.hits if hit.fault.promises.complete == "broken")
        return next((f"fault:{name}" for name in cut), None)

    @property
    def layers(self) -> frozenset[Layer]:
        """The layers that a fault is to change."""
        return frozenset([due.spec.fault.layer for due in self.due])

    def apply(self, value: Value, *layers: Layer, parts: Parts | None = None) -> "tuple[Value, Injection]":
        """The value with the faults of its layers, one layer after the other, and the injection with their hits.

        `parts` are the API's lenses, for the layers of what is sent.

        Raises:
            NotApplicable: a fault asked for by name finds nothing that it could break.
            NotProducible: a fault asked for by name is one that can't be produced.
        """
        changed, hits, reply = value, list(self.hits), self.reply
        for layer in layers:
            for due in sorted(self.due, key=lambda one: _ORDER.index(one.spec.fault.category)):
                if due.spec.fault.layer == layer:
                    reply = _reply_of(layer, changed, reply)
                    result = self._apply_one(due, changed, reply, parts)
                    if result is not None:
                        changed = result[0]
                        hits.append(due.spec)
            reply = _reply_of(layer, changed, reply)
        return changed, replace(self, hits=tuple(hits), reply=reply)

    def _apply_one(
        self, due: DueFault, value: Value, reply: Reply | ApiError | None, parts: Parts | None
    ) -> tuple[Value] | None:
        """The value with one fault; None where it is passed over."""
        spec, fault = due.spec, due.spec.fault
        if fault.impossible is not None:
            if due.if_possible:
                return None
            raise NotProducible(spec)
        lacking = self.lacking(fault, reply) or _absent(fault, self.request.api, parts) or _unseen(fault, self.request)
        if lacking is not None:
            if due.if_needed or due.if_possible:
                return None
            raise NotApplicable(spec, lacking)
        chance = Random(f"{self.seed}/{spec.written}".encode("utf-8", "surrogatepass"))
        context = Context(
            request=self.request,
            chance=chance,
            invent=self.invent,
            parameters=spec.parameters,
            target=spec.target,
            parts=parts,
        )
        try:
            return (fault.apply(value, context),)
        except DoesNotApply as reason:
            if due.if_possible or (due.if_needed and isinstance(reason, NotHere)):
                return None
            raise NotApplicable(spec, str(reason)) from None

    def lacking(self, fault: Fault, reply: Reply | ApiError | None) -> str | None:
        """What a fault needs and an answer that says this has not."""
        request, needs = self.request, fault.needs
        if isinstance(reply, ApiError):
            return "the answer is an error already" if fault.layer != "steps" else None
        calls = len(reply.calls) if reply is not None else 0
        alone = all(message.role != "assistant" for message in request.messages) if "conversation" in needs else False
        lacking = {
            "conversation": alone and "it needs earlier turns, and this conversation has none",
            "call": not calls and "it needs a tool call in the reply, and this reply is text",
            "several calls": calls < 2 and f"it needs several calls in a reply, and this reply has {calls or 'none'}",
            "stream": not request.stream and "it shows in a streamed answer only, and this answer is plain",
            "plain": request.stream and "it shows in a plain answer only, and this answer is streamed",
        }
        return next((lacking[need] for need in needs if lacking.get(need)), None) or None


def _absent(fault: Fault, api: str, parts: Parts | None) -> str | None:
    """Why a fault can't be shown in the API of the request, with the APIs that have it and the nearest fault here."""
    from mockserver.faults.catalogue import CATALOGUE, apis_of, parts_of, why_absent

    here = parts_of(api)
    if here is None or (parts is not None and parts.api != here.api):
        foreign = fault.api is not None and parts is not None and fault.api != parts.api
        return f"it exists in {fault.api} only, and this is {parts.api}" if foreign and parts is not None else None
    if fault.api is None and fault.name not in here.absent:
        return None
    reason = why_absent(fault, api)
    if reason is None:
        return None
    elsewhere = ", ".join(apis_of(fault)) or "no API"
    alike = [one.name for one in CATALOGUE.values() if one.layer == fault.layer and why_absent(one, api) is None]
    near = get_close_matches(fault.name, alike, 1, 0)
    return f"{reason}. It exists in {elsewhere}; the nearest one here is '{near[0]}'"


def _unseen(fault: Fault, request: ChatRequest) -> str | None:
    """Why a plain answer of an API that sends arguments as an object can't show a fault."""
    if request.stream or request.api == "chat_completions":
        return None
    from mockserver.faults.catalogue import is_streamed_only

    if not is_streamed_only(fault, request.api):
        return None
    return "this API sends arguments as an object, and only a stream shows text that is not JSON: ask for a stream"


def _reply_of(layer: Layer, value: Any, reply: Reply | ApiError | None) -> Reply | ApiError | None:
    """What the answer says: the value of a layer that says something, else what an earlier layer said."""
    return value if layer in ("dialogue", "reply") else reply
