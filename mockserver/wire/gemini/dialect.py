"""The dialect of `generateContent` and `streamGenerateContent`."""

from typing import TYPE_CHECKING

from mockserver.wire.dialect import Dialect
from mockserver.wire.gemini.answer import body, complete
from mockserver.wire.gemini.errors import refuse, response_headers, unauthorized, unknown_model
from mockserver.wire.gemini.parse import parse
from mockserver.wire.gemini.render import events, frame, render, template

if TYPE_CHECKING:
    from mockserver.faults.parts import Parts


def _parts() -> "Parts":
    from mockserver.wire.gemini.parts import PARTS  # a server without faults starts without it

    return PARTS


DIALECT = Dialect(
    name="gemini",
    title="Gemini",
    parse=parse,
    render=render,
    template=template,
    refuse=refuse,
    adopt=lambda replies, *_: tuple(replies),
    body=body,
    events=events,
    frame=frame,
    complete=complete,
    parts=_parts,
    reads_address=True,
    headers=response_headers,
    unauthorized=unauthorized,
    unknown_model=unknown_model,
)
