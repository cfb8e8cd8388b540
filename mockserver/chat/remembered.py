"""What was found out about the latest requests: retries and load tests ask the same again and again."""

from typing import Generic, TypeVar

from mockserver.chat import ChatRequest

Value = TypeVar("Value")

_REQUESTS = 256


class Remembered(Generic[Value]):
    """Values by request, told apart as objects: the wire reads equal bytes into one and the same request."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[int, tuple[ChatRequest, Value]] = {}

    def get(self, request: ChatRequest) -> Value | None:
        """What is known of a request."""
        known = self._known.get(id(request))
        return known[1] if known is not None and known[0] is request else None

    def keep(self, request: ChatRequest, value: Value) -> None:
        """Remember something; when there is too much of it, all of it is forgotten."""
        if len(self._known) >= _REQUESTS:
            self._known.clear()
        self._known[id(request)] = request, value
