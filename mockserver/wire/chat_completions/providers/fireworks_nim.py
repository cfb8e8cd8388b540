"""Hosts that repeat in every delta of a call what OpenAI says once."""

from typing import Any

from mockserver.faults.parts import Run
from mockserver.wire.chat_completions.deltas import each_choice, piece, repeating_head
from mockserver.wire.chat_completions.providers.quirks import own_headers, sound_history
from mockserver.wire.chat_completions.reasoning import REASONING_CONTENT
from mockserver.wire.provider import Manner, Occasion, Provider

JsonObject = dict[str, Any]
Chunks = list[JsonObject]


def everything(chunks: Chunks, occasion: Occasion) -> Chunks:
    """Id, type and name are in every delta of a call."""
    return _repeated(chunks, ("id", "type"))


def names(chunks: Chunks, occasion: Occasion) -> Chunks:
    """The name is in every delta of a call."""
    return _repeated(chunks, ())


def _repeated(chunks: Chunks, keys: tuple[str, ...]) -> Chunks:
    def again(call: Chunks) -> Chunks:
        return [call[0], *[repeating_head(chunk, piece(call[0]), keys) for chunk in call[1:]]]

    def repeated(choice: Run) -> Run:
        return choice._replace(calls=[again(call) for call in choice.calls])

    return each_choice(chunks, repeated)


FIREWORKS_GLM = Provider(
    "fireworks_glm",
    "GLM on Fireworks",
    source="SillyTavern/SillyTavern#5948",
    manner=Manner(stream="id, type and name in every delta of a call", thinking="`reasoning_content`"),
    hear=lambda data, occasion: sound_history(data),
    thinking=REASONING_CONTENT,
    headers=own_headers,
    chunks=everything,
)
NIM_MINIMAX = Provider(
    "nim_minimax",
    "MiniMax on NVIDIA NIM",
    source="NousResearch/hermes-agent#11984",
    manner=Manner(stream="the name in every delta of a call", thinking="`reasoning_content`"),
    hear=lambda data, occasion: sound_history(data),
    thinking=REASONING_CONTENT,
    headers=own_headers,
    chunks=names,
)
