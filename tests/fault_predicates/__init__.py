"""A predicate for every fault of the catalogue: whether what its one sentence says is what changed, and nothing else.

Each is written from the definition and knows nothing of how the fault is made. It judges a `Case`: the answer with the
fault beside the answer without it, in any form (a reply, a body, chunks, the steps of a response).
"""

from tests.fault_answers import Case
from tests.fault_predicates import (
    args_schema,
    args_semantic,
    args_text,
    callsets,
    dialogues,
    envelopes,
    names,
    streams,
    text_calls,
    transports,
)
from tests.fault_predicates.changes import Predicate

PREDICATES: dict[str, Predicate] = {
    **args_schema.PREDICATES,
    **args_semantic.PREDICATES,
    **args_text.PREDICATES,
    **callsets.PREDICATES,
    **dialogues.PREDICATES,
    **envelopes.PREDICATES,
    **names.PREDICATES,
    **streams.PREDICATES,
    **text_calls.PREDICATES,
    **transports.PREDICATES,
}

__all__ = ["PREDICATES", "Case", "Predicate"]
