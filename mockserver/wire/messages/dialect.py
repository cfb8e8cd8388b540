"""The dialect of `POST /v1/messages`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mockserver.chat import ApiError, Reply
from mockserver.wire.dialect import Dialect
from mockserver.wire.messages.errors import refuse, response_headers, unauthorized, unknown_model
from mockserver.wire.messages.message import body, complete
from mockserver.wire.messages.parse import parse
from mockserver.wire.messages.render import events_in, frame, render, template
from mockserver.wire.provider import Occasion, Provider

if TYPE_CHECKING:
    from mockserver.faults.parts import Parts


def _parts() -> "Parts":
    from mockserver.wire.messages.parts import PARTS  # a server without faults starts without it

    return PARTS


def _adopt(replies: Sequence[Reply], provider: Provider, occasion: Occasion) -> tuple[Reply, ...] | ApiError:
    """The replies as they are: ids are drawn when the message is written."""
    return tuple(replies)


DIALECT = Dialect(
    name="messages",
    title="Anthropic Messages",
    parse=parse,
    render=render,
    template=template,
    refuse=refuse,
    adopt=_adopt,
    body=body,
    events=events_in,
    frame=frame,
    complete=complete,
    parts=_parts,
    reads_address=True,
    headers=response_headers,
    unauthorized=unauthorized,
    unknown_model=unknown_model,
)
