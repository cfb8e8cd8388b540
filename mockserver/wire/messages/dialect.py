"""The dialect of `POST /v1/messages`."""

from typing import TYPE_CHECKING

from mockserver.wire.dialect import Dialect
from mockserver.wire.messages.errors import refuse, response_headers, unauthorized, unknown_model
from mockserver.wire.messages.message import body, complete
from mockserver.wire.messages.parse import parse
from mockserver.wire.messages.render import frame, render, template
from mockserver.wire.messages.stream import events_of

if TYPE_CHECKING:
    from mockserver.faults.parts import Parts


def _parts() -> "Parts":
    from mockserver.wire.messages.parts import PARTS  # a server without faults starts without it

    return PARTS


DIALECT = Dialect(
    name="messages",
    title="Anthropic Messages",
    parse=parse,
    render=render,
    template=template,
    refuse=refuse,
    adopt=lambda replies, *_: tuple(replies),
    body=lambda replies, parsed, identity, _: body(replies, parsed, identity),
    events=lambda message, replies, *_: events_of(message, replies[0].stream),
    frame=frame,
    complete=complete,
    parts=_parts,
    reads_address=True,
    headers=response_headers,
    unauthorized=unauthorized,
    unknown_model=unknown_model,
)
