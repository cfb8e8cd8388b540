"""What was found out about a request: retries and load tests ask the same again and again."""

from typing import Generic, TypeVar

from mockserver.chat import ChatRequest

Value = TypeVar("Value")

_NOTES = 64


class Remembered(Generic[Value]):
    """Values by request, told apart as objects: the wire reads equal bytes into one and the same request.

    A request carries what is known of it, so that all of it is forgotten together with the request; and before, should
    ever more of those who look at it want something remembered.
    """

    __slots__ = ()

    def get(self, request: ChatRequest) -> Value | None:
        """What is known of a request."""
        known: Value | None = request.notes.get(self)
        return known

    def keep(self, request: ChatRequest, value: Value) -> None:
        """Remember something, as long as the request lives."""
        if len(request.notes) >= _NOTES:
            request.notes.clear()
        request.notes[self] = value
