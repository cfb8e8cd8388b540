"""The slots of a message that are not a key of an object: a block's text, all calls, the input of a call."""

from dataclasses import dataclass
from typing import Any

from mockserver.wire.codec import NotJson, decode
from mockserver.wire.json_text import JsonText
from mockserver.wire.messages.thinking import signature_of

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class BlockSlot:
    """The text of a block of one kind in the content of a message; writing it adds the block where there is none."""

    blocks: list[Any]
    kind: str
    key: str

    @property
    def _block(self) -> JsonObject | None:
        return next(
            (block for block in self.blocks if isinstance(block, dict) and block.get("type") == self.kind), None
        )

    @property
    def present(self) -> bool:
        """Whether there is such a block."""
        return self._block is not None

    def get(self) -> Any:
        """The text of the block; None where there is none."""
        block = self._block
        return None if block is None else block.get(self.key)

    def set(self, value: Any, /) -> None:
        """Give the block a text."""
        block = self._block
        if block is None:
            block = {"type": self.kind}
            self.blocks.insert(self._start(), block)
        block[self.key] = value
        if self.kind == "thinking":
            block["signature"] = signature_of(str(value))

    def _start(self) -> int:
        """Behind the thinking, before the calls."""
        return sum([isinstance(block, dict) and "thinking" in str(block.get("type")) for block in self.blocks[:1]])

    def delete(self) -> None:
        """Remove the block."""
        block = self._block
        if block is not None:
            self.blocks.remove(block)


@dataclass(frozen=True, slots=True)
class CallsSlot:
    """All calls in the content of a message."""

    blocks: list[Any]

    @property
    def present(self) -> bool:
        """Whether there is any call."""
        return bool(self.get())

    def get(self) -> list[JsonObject]:
        """The blocks of the calls."""
        return [block for block in self.blocks if isinstance(block, dict) and block.get("type") == "tool_use"]

    def set(self, value: Any, /) -> None:
        """Put other blocks in their place."""
        self.delete()
        self.blocks.extend(value)

    def delete(self) -> None:
        """Remove every call."""
        self.blocks[:] = [block for block in self.blocks if block not in self.get()]


@dataclass(frozen=True, slots=True)
class InputSlot:
    """The input of a call in a body: text, which is written as the value that it is."""

    block: JsonObject

    @property
    def present(self) -> bool:
        """Whether there is an input."""
        return "input" in self.block

    def get(self) -> Any:
        """The text of the input."""
        return self.block.get("input")

    def set(self, value: Any, /) -> None:
        """Give the call another input."""
        self.block["input"] = JsonText(value) if isinstance(value, str) else value

    def delete(self) -> None:
        """Remove the input."""
        self.block.pop("input", None)


@dataclass(frozen=True, slots=True)
class OpeningSlot:
    """The input in the event that opens a call: nothing yet; text written there is the first piece."""

    block: JsonObject

    present = False

    def get(self) -> Any:
        """Nothing."""
        return None

    def set(self, value: Any, /) -> None:
        """Open the call with this input, an object where the text is one."""
        try:
            self.block["input"] = decode(value) if isinstance(value, str) else value
        except NotJson:
            self.block["input"] = value

    def delete(self) -> None:
        """Open the call without an input."""
        self.block.pop("input", None)
