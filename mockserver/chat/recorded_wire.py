"""The wire of a recorded answer: what the reply does not say, so that it can be sent again as the upstream sent it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Chunk(NamedTuple):
    """One event of a stream: the shape it has, and how many characters of each running text it brings."""

    shape: str
    lengths: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """The wire of one recorded answer.

    `envelope` is what the answer, or all chunks of a stream, say beside the choices: the model, the fingerprint.
    `shapes` are the forms of chunks that differ from the usual ones, with holes such as `<text>` for what the reply
    holds; a plain answer has one, called `body`. `chunks` are the events of a stream in order, None for a plain
    answer. `texts` are running texts that the reply has no word for. `gaps` are the milliseconds before each event,
    or before a plain answer. `cut` says that the connection went away before the answer was over. `body` is an answer
    that is not a reply of the API, as text, sent with `status` and `content_type`. `api` is the API that sent it.
    """

    envelope: Mapping[str, Any] = field(default_factory=dict)
    shapes: Mapping[str, Any] = field(default_factory=dict)
    chunks: tuple[Chunk, ...] | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    gaps: tuple[int, ...] = field(default=(), compare=False)
    cut: bool = False
    body: str | None = None
    status: int = 200
    content_type: str | None = None
    api: str = "chat_completions"
