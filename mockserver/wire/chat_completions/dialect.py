"""The dialect of `POST /v1/chat/completions`."""

from mockserver.wire.chat_completions.completion import complete
from mockserver.wire.chat_completions.manner import adopt, body_in_manner, chunks_in_manner, frame, refuse
from mockserver.wire.chat_completions.parse import parse
from mockserver.wire.chat_completions.render import render
from mockserver.wire.dialect import Dialect

CHAT_COMPLETIONS = Dialect(
    name="chat_completions",
    paths=("/chat/completions",),
    parse=parse,
    render=render,
    refuse=refuse,
    adopt=adopt,
    body=body_in_manner,
    events=chunks_in_manner,
    frame=frame,
    complete=complete,
)
