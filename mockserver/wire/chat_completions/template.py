"""A plain answer that is said again and again: JSON already, with holes for what is new each time."""

from typing import NamedTuple

from mockserver.chat import Reply
from mockserver.wire.chat_completions.choice import Choice
from mockserver.wire.identity import OF_COMPLETION, Identity

_BEFORE_ID, _BEFORE_MOMENT = b'{"id":"chatcmpl-', b'","object":"chat.completion","created":'


class Template(NamedTuple):
    """The answer of these replies; `before` and `after` are what stands around the choices, in JSON."""

    replies: tuple[Reply, ...]
    before: bytes
    choices: tuple[Choice, ...]
    after: bytes

    def filled(self, identity: Identity) -> bytes:
        """The whole body, under this identity."""
        parts = [_BEFORE_ID, identity.letters[OF_COMPLETION], _BEFORE_MOMENT, b"%d" % identity.created, self.before]
        for index, choice in enumerate(self.choices):
            parts.append(choice.first)
            letters = identity.letters_of(index) if choice.pieces else b""
            for own, piece in choice.pieces:
                parts += (letters[own], piece)
        parts.append(self.after)
        return b"".join(parts)
