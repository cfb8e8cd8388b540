"""A plain answer that is said again and again: JSON already, with holes for what is new each time."""

from collections.abc import Sequence
from operator import is_
from typing import NamedTuple

from mockserver.chat import Reply
from mockserver.wire.choice import Choice
from mockserver.wire.codec import encode
from mockserver.wire.identity import Identity

_BEFORE_ID, _BEFORE_MOMENT = b'{"id":"', b'","object":"chat.completion","created":'


class Template(NamedTuple):
    """The answer of these replies, cut at the ids that are drawn; `drawn` tells which calls of each choice have one."""

    replies: tuple[Reply, ...]
    pieces: tuple[bytes, ...]
    drawn: tuple[tuple[int, ...], ...]

    def says(self, replies: Sequence[Reply]) -> bool:
        """Whether it was made of these very replies."""
        return len(replies) == len(self.replies) and all(map(is_, replies, self.replies))

    def filled(self, identity: Identity) -> bytes:
        """The whole body, under this identity."""
        first, *rest = self.pieces
        parts = [_BEFORE_ID, identity.completion_id.encode(), _BEFORE_MOMENT, b"%d" % identity.created, first]
        following = iter(rest)
        for index, places in enumerate(self.drawn):
            if places:
                ids = identity.call_ids(places[-1] + 1, index)
                for place in places:
                    parts += (ids[place].encode(), next(following))
        return b"".join(parts)


def template(replies: Sequence[Reply], choices: Sequence[Choice], before: bytes, after: bytes) -> Template:
    """Put an answer together; `before` and `after` are what stands around the choices, in JSON."""
    pieces = [before]
    drawn = []
    for index, (reply, choice) in enumerate(zip(replies, choices, strict=True)):
        places = []
        pieces[-1] += (b"," if index else b"") + choice.pieces[0]
        for place, piece in enumerate(choice.pieces[1:]):
            own = reply.calls[place].id
            if own is None:
                places.append(place)
                pieces[-1] += b'"'
                pieces.append(b'"' + piece)
            else:
                pieces[-1] += encode(own) + piece
        drawn.append(tuple(places))
    pieces[-1] += after
    return Template(tuple(replies), tuple(pieces), tuple(drawn))
