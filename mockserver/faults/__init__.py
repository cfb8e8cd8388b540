"""Faults: errors of function calling that are injected by name; one registry, one module a category.

How to add a fault: one entry in a file of its category (`args_schema_limits`, say), a decorated function.

    @entry("enum_violation", "A value outside the enum is given.", source="…", adapt=breaking("enum"))
    def enum_violation(arguments: Arguments) -> Iterator[Values]:
        ...

`entry` is the file's `Register`: it fixes the category and what its faults share (layer, needs, promises, what a
robust application does), and any entry may say otherwise. Extra keywords are parameters: `seconds=Parameter(60.0,
"how long the silence lasts", seconds)`. Without `adapt` the function takes the value of its layer (see `Layer`) and a
`Context` and gives the changed value, or raises `DoesNotApply("…")` with words that complete "it does not apply here,
because …" (`NotHere` where the next answer may have what this one lacks). It never changes the value given, draws
only from `context.chance`, and breaks what its `Promises` say and nothing else: the law test finds every entry by
itself, holds it to that, and asks for a predicate in `tests/fault_predicates` that says whether what the definition
names is what changed. `impossible="…"` is for a fault that is known and can't be produced.

A fault of the body, of chunks or of steps sees them through the API's `Parts` (`parts`, and the adapters of
`on_parts`), so that it is written once for every API. One that exists in one API alone stands in that API's folder, in
the module `faults`, whose `REGISTERS` the catalogue takes up.
"""

from typing import TYPE_CHECKING, Any

from mockserver.faults.fault import (
    LAYERS,
    Category,
    Context,
    DoesNotApply,
    Fault,
    Invent,
    Layer,
    Need,
    NotHere,
    Parameter,
    Promise,
    Promises,
    Target,
)
from mockserver.faults.injection import DueFault, Injection, NotApplicable, NotProducible
from mockserver.faults.profiles import PROFILES, Profile, UnknownProfile, profile
from mockserver.faults.schedule import (
    FaultGroup,
    FiredOnce,
    SchedulePoint,
    Sources,
    inject,
    parse_cached,
    plan,
    turn_of,
)
from mockserver.faults.spec import WHEN, FaultSpec, UnknownFault, fault_spec, parse, specs_of

if TYPE_CHECKING:
    from mockserver.faults.catalogue import CATALOGUE

__all__ = [
    "CATALOGUE",
    "LAYERS",
    "PROFILES",
    "WHEN",
    "Category",
    "Context",
    "DoesNotApply",
    "DueFault",
    "Fault",
    "FaultGroup",
    "FaultSpec",
    "FiredOnce",
    "Injection",
    "Invent",
    "Layer",
    "Need",
    "NotApplicable",
    "NotHere",
    "NotProducible",
    "Parameter",
    "Profile",
    "Promise",
    "Promises",
    "SchedulePoint",
    "Sources",
    "Target",
    "UnknownFault",
    "UnknownProfile",
    "fault_spec",
    "inject",
    "parse",
    "parse_cached",
    "plan",
    "profile",
    "specs_of",
    "turn_of",
]

if not TYPE_CHECKING:  # so that names which there are not are still found wrong

    def __getattr__(name: str) -> Any:
        """The catalogue is fetched when it is first looked at: a server without faults starts without it."""
        if name != "CATALOGUE":
            raise AttributeError(f"module 'mockserver.faults' has no attribute {name!r}")
        from mockserver.faults.catalogue import CATALOGUE

        return CATALOGUE
