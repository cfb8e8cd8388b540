"""The ids of the Messages API: `msg_01…`, `toolu_01…` and `req_011C…`, derived from the identity."""

from mockserver.chat import Reply
from mockserver.wire.identity import Identity

MESSAGE, CALL, REQUEST = "msg_01", "toolu_01", "req_011C"
_LETTERS, _REQUEST_LETTERS = 22, 20
_START = 29


def message_id(identity: Identity) -> str:
    """`msg_01` and 22 letters and digits."""
    return MESSAGE + identity.letters[:_LETTERS].decode()


def request_id(identity: Identity) -> str:
    """`req_011C` and 20 letters and digits."""
    return REQUEST + identity.letters[_START : _START + _REQUEST_LETTERS].decode()


def drawn_call_ids(identity: Identity, count: int) -> list[str]:
    """For each call `toolu_01` and 22 letters and digits; the last two alone tell calls apart."""
    return [CALL + drawn[-_LETTERS:] for drawn in identity.call_ids(count)]


def call_ids(reply: Reply, identity: Identity) -> list[str]:
    """The id of each call: its own, or one drawn."""
    drawn = drawn_call_ids(identity, len(reply.calls))
    return [own if call.id is None else call.id for call, own in zip(reply.calls, drawn, strict=True)]
