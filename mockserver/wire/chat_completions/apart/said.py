"""What an answer says as it is taken apart: running texts, calls, the end, the count of tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.chat import Reply, ToolCall
from mockserver.chat.sent import Sent
from mockserver.wire.chat_completions.shapes import FINISH_REASONS

JsonObject = dict[str, Any]

DERIVED = frozenset({"id", "created", "obfuscation"})
"""What every answer has its own of, and nobody compares."""
_USAGE = frozenset({"prompt_tokens", "completion_tokens", "total_tokens"})
_USAGE_DETAILS = frozenset({"prompt_tokens_details", "completion_tokens_details"})


@dataclass(slots=True)
class Call:
    """A call as it grows."""

    name: str = ""
    id: str | None = None
    arguments: str = ""
    kind: Any = "function"


@dataclass(slots=True)
class Said:
    """What an answer says as it grows."""

    texts: dict[str, str] = field(default_factory=dict)
    calls: dict[int, Call] = field(default_factory=dict)
    finish_reason: str | None = None
    usage: JsonObject | None = None

    def add(self, name: str, text: str) -> None:
        """More of a running text."""
        self.texts[name] = self.texts.get(name, "") + text

    def reply(self, sent: Sent) -> Reply:
        """The reply, with what it has no word for in `sent`."""
        calls = [
            ToolCall(call.name, call.arguments, call.id, kind=call.kind)
            for _, call in sorted(self.calls.items(), key=lambda entry: entry[0])
        ]
        texts = {name: text for name, text in self.texts.items() if name not in ("text", "refusal")}
        return Reply(
            self.texts.get("text"),
            calls,
            finish_reason=self.finish_reason,
            usage=self.usage,
            refusal=self.texts.get("refusal"),
            sent=replace(sent, texts=texts | dict(sent.texts)),
        )

    def ending(self, choice: JsonObject) -> Any:
        """A finish reason as its shape says it."""
        reason = choice.get("finish_reason")
        if choice.get("index", 0) == 0 and reason in FINISH_REASONS and self.finish_reason in (None, reason):
            self.finish_reason = reason
            return "<finish_reason>"
        return reason

    def counting(self, usage: Any) -> Any:
        """A count of tokens as its shape says it; one with more keys than the usual ones stands as it is.

        Of several different counts the reply's own is the one that was counted first.
        """
        if is_count(usage) and self.usage in (None, usage):
            self.usage = usage
            return "<usage>"
        return usage


def is_count(usage: Any) -> bool:
    """Whether it is a count of tokens in the usual words."""
    if not isinstance(usage, dict) or not usage or not usage.keys() <= _USAGE | _USAGE_DETAILS:
        return False
    return all(isinstance(usage[key], dict if key in _USAGE_DETAILS else int) for key in usage)


def text_name(choice: int, key: str) -> str:
    """What a running text is called: by its key, and of the choices after the first by their number, too."""
    name = "text" if key == "content" else key
    return name if choice == 0 else f"choice {choice} {name}"


def envelope_of(shared: Mapping[str, Any], kind: str) -> JsonObject:
    """What goes without saying is left out: what kind of answer it is."""
    return {key: entry for key, entry in shared.items() if (key, entry) != ("object", kind)}
