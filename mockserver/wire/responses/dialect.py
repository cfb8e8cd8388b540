"""The dialect of `POST /v1/responses`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mockserver.chat import ApiError, Reply
from mockserver.wire.dialect import Dialect
from mockserver.wire.provider import Occasion, Provider
from mockserver.wire.refusal import invalid
from mockserver.wire.responses.parse import parse
from mockserver.wire.responses.render import body, events, frame, refuse, render, template
from mockserver.wire.responses.response_object import complete

if TYPE_CHECKING:
    from mockserver.faults.parts import Parts


def _adopt(replies: Sequence[Reply], provider: Provider, occasion: Occasion) -> tuple[Reply, ...] | ApiError:
    del provider, occasion
    return tuple(replies)


def _unknown_model(model: str) -> ApiError:
    return invalid(f"The requested model '{model}' does not exist.", "model", "model_not_found").error


def _parts() -> "Parts":
    from mockserver.wire.responses.parts import PARTS  # a server without faults starts without it

    return PARTS


DIALECT = Dialect(
    name="responses",
    title="Responses",
    parse=parse,
    render=render,
    template=template,
    refuse=refuse,
    adopt=_adopt,
    body=body,
    events=events,
    frame=frame,
    complete=complete,
    parts=_parts,
    unknown_model=_unknown_model,
)
