"""What a conversation needs of the model's side: one question, one reply, whole or as it comes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from clientkit.events import ReplyEvent
from clientkit.reply import Reply

Message: TypeAlias = Mapping[str, Any]
"""One message of a conversation, as the API writes it."""

ToolDefinition: TypeAlias = Mapping[str, Any]
"""One tool offered to the model, as the API writes it."""


class Model(Protocol):
    """Whoever answers: `Chat`, `OpenAIChat`, or your own."""

    async def complete(self, messages: Sequence[Message], tools: Sequence[ToolDefinition] = ()) -> Reply:
        """The model's next message."""
        ...

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolDefinition] = ()
    ) -> AsyncGenerator[ReplyEvent, None]:
        """The events of the model's next message; the last is `Finished`."""
        ...
