"""A recorded body, taken apart: running texts, calls, the end, the count of tokens, and the shape that is left."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.chat import Reply, ToolCall
from mockserver.chat.recorded_wire import Sent
from mockserver.wire.chat_completions.reasoning import DETAILS, FIELDS
from mockserver.wire.chat_completions.shapes import BODY, BODY_OBJECT, FINISH_REASONS, usual_body

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
    thinking: str | None = None

    def add(self, name: str, text: str) -> None:
        """More of a running text."""
        self.texts[name] = self.texts.get(name, "") + text

    def text_name(self, choice: int, key: str) -> str:
        """What a running text is called: by its key, and of the choices after the first by their number, too.

        The thinking is called so, whatever the provider's key for it; where it has two, the first that came.
        """
        if choice == 0 and key in FIELDS and self.thinking in (None, key):
            self.thinking = key
            return "thinking"
        name = "text" if key == "content" else key
        return name if choice == 0 else f"choice {choice} {name}"

    def reply(self, sent: Sent) -> Reply:
        """The reply, with what it has no word for in `sent`."""
        calls = [
            ToolCall(call.name, call.arguments, call.id, kind=call.kind)
            for _, call in sorted(self.calls.items(), key=lambda entry: entry[0])
        ]
        texts = {name: text for name, text in self.texts.items() if name not in ("text", "refusal", "thinking")}
        return Reply(
            self.texts.get("text"),
            calls,
            finish_reason=self.finish_reason,
            usage=self.usage,
            refusal=self.texts.get("refusal"),
            thinking=self.texts.get("thinking"),
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


def each_detail(entries: Any, change: Callable[[str], str]) -> Any:
    """The entries of `reasoning_details`, with the text of each one changed."""
    if not isinstance(entries, list) or len(entries) != 1 or not isinstance(entries[0], dict):
        return entries
    entry = entries[0]
    return [{**entry, "text": change(entry["text"])}] if isinstance(entry.get("text"), str) else entries


def is_count(usage: Any) -> bool:
    """Whether it is a count of tokens in the usual words."""
    if not isinstance(usage, dict) or not usage or not usage.keys() <= _USAGE | _USAGE_DETAILS:
        return False
    return all(isinstance(usage[key], dict if key in _USAGE_DETAILS else int) for key in usage)


def envelope_of(shared: Mapping[str, Any], kind: str) -> JsonObject:
    """What goes without saying is left out: what kind of answer it is."""
    return {key: entry for key, entry in shared.items() if (key, entry) != ("object", kind)}


class Body:
    """Takes a plain answer apart."""

    def __init__(self) -> None:
        self._said = Said()

    def reply(self, value: Mapping[str, Any], gap: int) -> Reply:
        """The reply; raises whatever comes of an answer that has another form."""
        shape = {"choices": [self._choice(choice) for choice in value["choices"]]}
        rest = {key: entry for key, entry in value.items() if key not in DERIVED | {"choices", "usage"}}
        if "usage" in value:
            shape["usage"] = self._said.counting(value["usage"])
        usual_one = usual_body(self._said.reply(Sent()))
        sent = Sent(envelope_of(rest, BODY_OBJECT), {} if shape == usual_one else {BODY: shape}, gaps=(gap,))
        return self._said.reply(sent)

    def _choice(self, choice: JsonObject) -> JsonObject:
        shape = dict(choice)
        number = choice.get("index", 0)
        shape["message"] = {key: self._part(number, key, entry) for key, entry in choice["message"].items()}
        if "finish_reason" in choice:
            shape["finish_reason"] = self._said.ending(choice)
        return shape

    def _part(self, number: int, key: str, entry: Any) -> Any:
        if key == "tool_calls" and isinstance(entry, list):
            return [self._call(number, place, call) for place, call in enumerate(entry)]
        if key == "function_call" and isinstance(entry, dict) and any(entry.values()):
            return self._function(number, 0, entry, "arguments")
        if key == DETAILS:
            return each_detail(entry, lambda text: self._running(number, key, text))
        if isinstance(entry, str) and key != "role" and (entry or key == "content"):
            return self._running(number, key, entry)
        return entry

    def _running(self, number: int, key: str, text: str) -> str:
        name = self._said.text_name(number, key)
        self._said.add(name, text)
        return f"<{name}>"

    def _call(self, number: int, place: int, call: JsonObject) -> JsonObject:
        shape = dict(call)
        kind = "custom" if isinstance(call.get("custom"), dict) else "function"
        shape[kind] = self._function(number, place, call[kind], "input" if kind == "custom" else "arguments")
        if number == 0:
            self._said.calls[place].kind = kind
            if call.get("id") and isinstance(call["id"], str):
                self._said.calls[place].id = call["id"]
                shape["id"] = f"<id {place}>"
        return shape

    def _function(self, number: int, place: int, function: JsonObject, key: str) -> JsonObject:
        shape = dict(function)
        arguments = function[key]
        if number:
            self._said.add(f"choice {number} arguments {place}", arguments)
            return {**shape, key: f"<choice {number} arguments {place}>"}
        self._said.calls[place] = Call(function["name"], None, arguments)
        return {**shape, "name": f"<name {place}>", key: f"<arguments {place}>"}
