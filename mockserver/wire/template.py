"""A plain answer that is said again and again: JSON already, with holes for what is new each time."""

from collections.abc import Sequence
from typing import NamedTuple

from mockserver.chat import Reply
from mockserver.wire.choice import Choice
from mockserver.wire.codec import encode
from mockserver.wire.identity import OF_COMPLETION, Identity, of_call

_BEFORE_ID, _BEFORE_MOMENT = b'{"id":"chatcmpl-', b'","object":"chat.completion","created":'

Piece = tuple[slice, bytes]
"""Which of the identity's letters come next, and the JSON behind them."""


class Template(NamedTuple):
    """The answer of these replies, cut at the ids that are drawn; for each choice `pieces` has those of its calls."""

    replies: tuple[Reply, ...]
    first: bytes
    pieces: tuple[tuple[Piece, ...], ...]

    def filled(self, identity: Identity) -> bytes:
        """The whole body, under this identity."""
        parts = [_BEFORE_ID, identity.letters[OF_COMPLETION], _BEFORE_MOMENT, b"%d" % identity.created, self.first]
        for index, pieces in enumerate(self.pieces):
            letters = identity.letters_of(index) if pieces else b""
            for own, piece in pieces:
                parts += (letters[own], piece)
        return b"".join(parts)


def template(replies: Sequence[Reply], choices: Sequence[Choice], before: bytes, after: bytes) -> Template:
    """Put an answer together; `before` and `after` are what stands around the choices, in JSON."""
    texts, places = [before], []
    for index, (reply, choice) in enumerate(zip(replies, choices, strict=True)):
        texts[-1] += (b"," if index else b"") + choice.pieces[0]
        for call, piece in enumerate(choice.pieces[1:]):
            own_id = reply.calls[call].id
            if own_id is None:
                own, end = of_call(call)
                places.append((index, own))
                texts[-1] += b'"call_'
                texts.append(end + b'"' + piece)
            else:
                texts[-1] += encode(own_id) + piece
    texts[-1] += after
    found = [(index, (own, text)) for (index, own), text in zip(places, texts[1:], strict=True)]
    pieces = [tuple([piece for at, piece in found if at == index]) for index in range(len(choices))]
    return Template(tuple(replies), texts[0], tuple(pieces))
