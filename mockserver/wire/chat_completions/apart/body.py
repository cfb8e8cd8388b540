"""Takes a plain answer apart: what it says, and the shape that is left."""

from collections.abc import Mapping
from typing import Any

from mockserver.chat import Reply
from mockserver.chat.sent import Sent
from mockserver.wire.chat_completions.apart.said import DERIVED, Call, JsonObject, Said, envelope_of, text_name
from mockserver.wire.chat_completions.shapes import BODY, BODY_OBJECT, usual_body


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
        if key == "function_call" and isinstance(entry, dict):
            return self._function(number, 0, entry, "arguments")
        if isinstance(entry, str) and key != "role":
            name = text_name(number, key)
            self._said.add(name, entry)
            return f"<{name}>"
        return entry

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
