"""The dialect of `POST /v1/chat/completions`."""

from typing import TYPE_CHECKING

from mockserver.wire.chat_completions.completion import complete
from mockserver.wire.chat_completions.manner import adopt, body_in_manner, chunks_in_manner, frame, refuse
from mockserver.wire.chat_completions.parse import parse
from mockserver.wire.chat_completions.providers import PROVIDERS
from mockserver.wire.chat_completions.render import render, template
from mockserver.wire.dialect import Dialect

if TYPE_CHECKING:
    from mockserver.faults.parts import Parts


def _parts() -> "Parts":
    from mockserver.wire.chat_completions.parts import PARTS  # a server without faults starts without it

    return PARTS


DIALECT = CHAT_COMPLETIONS = Dialect(
    name="chat_completions",
    title="chat completions",
    parse=parse,
    render=render,
    template=template,
    refuse=refuse,
    adopt=adopt,
    body=body_in_manner,
    events=chunks_in_manner,
    frame=frame,
    complete=complete,
    parts=_parts,
    providers=PROVIDERS,
)
