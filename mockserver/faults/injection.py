"""Faults strike an answer: those that are due are applied layer by layer, and what struck is written down."""

from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Any, NamedTuple, TypeVar

from mockserver.chat import ApiError, ChatRequest, Reply
from mockserver.faults.chosen import Chosen
from mockserver.faults.fault import Category, Context, DoesNotApply, Fault, Invent, Layer, NotHere

Value = TypeVar("Value")

# Within a layer: first which calls there are, then their values, then their names, then the text of their arguments.
_ORDER: tuple[Category, ...] = (
    "dialogue", "callset", "args_schema", "args_semantic", "name", "args_text", "text_call", "envelope", "stream",
    "transport",
)  # fmt: skip
_SHARED: dict[Category, Category] = {"args_semantic": "args_schema"}


def stage(fault: Fault) -> tuple[Layer, Category]:
    """At most one fault of a stage strikes a call: values of arguments, names, texts of arguments, …, each by layer."""
    return fault.layer, _SHARED.get(fault.category, fault.category)


class NotApplicable(Exception):
    """A fault that was asked for by name can't be shown in this answer; the message says why, and for which tool."""

    code = "fault_not_applicable"

    def __init__(self, fault: Chosen, reason: str) -> None:
        super().__init__(f"The fault '{fault.name}' does not apply here, because {reason}.")
        self.fault = fault


class NotProducible(Exception):
    """A fault that is known, and that no server can produce; the message says why."""

    code = "fault_not_producible"

    def __init__(self, fault: Chosen) -> None:
        super().__init__(f"The fault '{fault.name}' can't be produced: {fault.fault.impossible}")
        self.fault = fault


class Due(NamedTuple):
    """A fault whose time has come.

    `if_needed` passes it over where the reply lacks what it needs (a standing fault meets many replies);
    `if_possible` wherever it does not apply (a rate says how often at most).
    """

    chosen: Chosen
    if_needed: bool = False
    if_possible: bool = False


class Injection:
    """The faults that one answer is to show.

    `labels` name what was wrong with it before; `tell` hears of each fault that struck. Sites are drawn from `seed`, so
    that the attempts of a request are all broken in the same place.
    """

    def __init__(  # noqa: PLR0913 - the answer, and what shall go wrong with it
        self,
        due: Iterable[Due],
        request: ChatRequest,
        seed: str,
        invent: Invent,
        *,
        labels: Sequence[str] = (),
        tell: Callable[[Chosen], None] = lambda _: None,
    ) -> None:
        self.due: Sequence[Due] = sorted(due, key=lambda one: _ORDER.index(one.chosen.fault.category))
        self.struck: list[Chosen] = []
        self._labels = labels
        self._request = request
        self._seed = seed
        self._invent = invent
        self._tell = tell
        self._reply: Reply | ApiError | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The faults that struck, in order."""
        return (*self._labels, *(one.name for one in self.struck))

    @property
    def ended(self) -> str | None:
        """How the exchange ended, when a fault kept the answer from its proper end: "fault:NAME"."""
        for one in self.struck:
            if one.fault.promises.complete == "broken":
                return f"fault:{one.name}"
        return None

    def into(self, layer: Layer, value: Value) -> Value:
        """The value of a layer with the faults that act on it.

        Raises:
            NotApplicable: a fault asked for by name finds nothing that it could break.
            NotProducible: a fault asked for by name is one that can't be produced.
        """
        changed: Any = value
        for due in self.due:
            if due.chosen.fault.layer == layer:
                if layer in ("dialogue", "reply"):
                    self._reply = changed
                changed = self._one(due, changed)
        if layer in ("dialogue", "reply"):
            self._reply = changed
        return changed  # type: ignore[no-any-return]  # a fault gives a value of the kind it got

    def _one(self, due: Due, value: Any) -> Any:
        chosen, fault = due.chosen, due.chosen.fault
        if fault.impossible is not None:
            if due.if_possible:
                return value
            raise NotProducible(chosen)
        if (lacking := self.lacking(fault, self._reply)) is not None:
            if due.if_needed or due.if_possible:
                return value
            raise NotApplicable(chosen, lacking)
        chance = Random(f"{self._seed}/{chosen}".encode("utf-8", "surrogatepass"))
        context = Context(self._request, chance, self._invent, chosen.parameters, chosen.target)
        try:
            changed = fault.apply(value, context)
        except DoesNotApply as reason:
            if due.if_possible or (due.if_needed and isinstance(reason, NotHere)):
                return value
            raise NotApplicable(chosen, str(reason)) from None
        self.struck.append(chosen)
        self._tell(chosen)
        return changed

    def lacking(self, fault: Fault, reply: Reply | ApiError | None) -> str | None:
        """What a fault needs and an answer that says this has not."""
        request, needs = self._request, fault.needs
        if isinstance(reply, ApiError):
            return "the answer is an error already" if fault.layer != "steps" else None
        calls = len(reply.calls) if reply is not None else 0
        alone = all(message.role != "assistant" for message in request.messages) if "conversation" in needs else False
        lacking = {
            "conversation": alone and "it needs earlier turns, and the conversation has only just begun",
            "call": not calls and "it needs a tool call in the reply, and this one is text",
            "several calls": calls < 2 and f"it needs several calls in a reply, and this one has {calls or 'none'}",
            "stream": not request.stream and "it shows in a streamed answer only, and this one is plain",
            "plain": request.stream and "it shows in a plain answer only, and this one is streamed",
        }
        return next((lacking[need] for need in needs if lacking.get(need)), None) or None
