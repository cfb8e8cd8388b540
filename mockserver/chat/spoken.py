"""What the user says in a conversation, told from its messages alone."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.chat import Message


def user_says(messages: "Sequence[Message]") -> str | None:
    """The texts, joined by a newline, of the user's messages since the model's last answer; None when there are none.

    A message with calls is not an answer: calls and their results do not end the user's turn. Where no user message
    came since the last answer, those before it count. A picture alone has no text, and brings no older words back.
    """
    return _joined(messages, calls_end_it=False)


def user_says_at_opening(messages: "Sequence[Message]") -> str | None:
    """The texts of the user's messages since any message of the model, calls included; None when there are none."""
    return _joined(messages, calls_end_it=True)


def _joined(messages: "Sequence[Message]", *, calls_end_it: bool) -> str | None:
    texts: list[str] = []
    came = False
    for message in reversed(messages):
        if message.role == "user":
            came = True
            if message.content:
                texts.append(message.content)
        elif message.role == "assistant" and (calls_end_it or (came and not message.tool_calls)):
            break
    return "\n".join(reversed(texts)) or None
