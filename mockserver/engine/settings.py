"""How the mock behaves: what a person chose on the command line, in Python, or by request header."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mockserver.wire.truncation import NamedFinish

if TYPE_CHECKING:
    from mockserver.faults import FaultSpec, Profile

NO_SEED = "0"
"""The seed where nobody chose one."""

NO_PROVIDER = "openai"
"""The provider where nobody chose one."""

FAULT_HEADER = "x-mock-fault"
"""Names the faults that a request asks for, and, in a response, those that were injected."""

SCENARIO_HEADER = "x-mock-scenario"
"""Names the scenario that a request asks for."""

PROVIDER_HEADER = "x-mock-provider"
"""Names whose way of writing the wire a request asks for."""

Fallback = Literal["simulate", "error"]
Checks = Literal["strict", "lenient"]
Invent = Literal["none", "reading", "all"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How the mock behaves.

    Without a `seed` that of the scenario which answers counts, and "0" where it has none. `named_finish` is how a call
    of the one function that a request names finishes, None for as the model's family does. `provider` is the name of
    the service whose way of writing the wire is used (`wire.providers`). `eager` and `invent` are for the simulated
    model: it calls the likeliest tool though none is clearly meant, and makes up required values of no tool, of tools
    that only look, or of all tools.
    """

    seed: str | None = None
    fallback: Fallback = "simulate"
    checks: Checks = "strict"
    time_scale: float = 1.0
    faults: "tuple[FaultSpec, ...]" = ()
    profile: "Profile | None" = None
    named_finish: NamedFinish | None = None
    provider: str = NO_PROVIDER
    eager: bool = False
    invent: Invent = "reading"
