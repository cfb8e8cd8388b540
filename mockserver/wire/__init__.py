"""How it is written: the bytes of the chat-completions wire ⇄ the vocabulary of chat."""

from mockserver.wire.fit import NamedFinish, fitted
from mockserver.wire.identity import Identity, content_seed, fingerprint
from mockserver.wire.models import catalogue, describe, model_list
from mockserver.wire.read import Heard, read
from mockserver.wire.refusal import Refused
from mockserver.wire.seal import seal
from mockserver.wire.write import write, write_error

__all__ = [
    "Heard",
    "Identity",
    "NamedFinish",
    "Refused",
    "catalogue",
    "content_seed",
    "describe",
    "fingerprint",
    "fitted",
    "model_list",
    "read",
    "seal",
    "write",
    "write_error",
]
