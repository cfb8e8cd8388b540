"""An answer as the lines of a stream, derived from it: a change of the answer shows in both forms.

Thinking comes first, then the text, then each call in a line of its own as soon as it is whole, and a last line with
`done: true` that says how it ended and how long it took.
"""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Any

from mockserver.wire.json_text import encode
from mockserver.wire.streaming import cut

JsonObject = dict[str, Any]
Cut = str | int | None

_ENDING = ("done", "done_reason", "total_duration", "load_duration", "prompt_eval_count", "prompt_eval_duration",
           "eval_count", "eval_duration")  # fmt: skip
_SPOKEN = ("content", "response", "thinking", "tool_calls")
_ESCAPED = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u0085\u2028\u2029"}


def written(value: JsonObject) -> bytes:
    """JSON as Go's encoder writes it: a few letters are escaped, U+2028 among them, at which clients end a line."""
    return encode(value).decode().translate(_ESCAPED).encode()


def write_line(event: JsonObject) -> bytes:
    """One line of a stream."""
    return written(event) + b"\n"


def said_in(value: JsonObject) -> JsonObject | None:
    """Where an answer or a line holds what it says: its message, or itself; None where it says nothing."""
    message = value.get("message")
    if isinstance(message, dict):
        return message
    return value if "response" in value else None


def text_key(said: JsonObject) -> str:
    """The key of the text."""
    return "response" if "response" in said else "content"


def lines_of(answer: JsonObject, how: Cut, moment: Callable[[int], Any] | None = None) -> list[JsonObject]:
    """The lines that say an answer; `moment` gives the `created_at` of each."""
    said = said_in(answer)
    if said is None:
        return [answer]
    start = {key: value for key, value in answer.items() if key not in (*_ENDING, *_SPOKEN, "message")}
    ending = {key: answer[key] for key in _ENDING if key in answer}
    pieces = [*_pieces(said, how)]
    found = [{**start, **_spoken(said, piece), "done": False} for piece in pieces]
    found.append({**start, **_spoken(said, {text_key(said): ""}), **ending})
    for number, line in enumerate(found if moment is not None else ()):
        if "created_at" in line and moment is not None:
            line["created_at"] = moment(number)
    return found


def _pieces(said: JsonObject, how: Cut) -> Iterator[JsonObject]:
    key = text_key(said)
    for name in ("thinking", key):
        text = said.get(name)
        for piece in cut(text, how) if isinstance(text, str) else ():
            yield {key: piece} if name == key else {key: "", name: piece}
        if text is not None and not isinstance(text, str):
            yield {name: text}
    calls = said.get("tool_calls")
    silent = {key: None if said[key] is None else ""} if key in said else {}
    for call in calls if isinstance(calls, list) else ():
        yield {**silent, "tool_calls": [call]}


def _spoken(said: JsonObject, piece: JsonObject) -> JsonObject:
    """What one line says, in the shape of the answer."""
    if "role" not in said and "response" in said:
        return piece
    return {"message": {**{key: said[key] for key in ("role",) if key in said}, **piece}}


def assembled(lines: Sequence[JsonObject]) -> JsonObject:
    """The answer that lines add up to.

    Raises:
        ValueError: there is no last line, or none that says anything.
    """
    last = next((line for line in reversed(lines) if line.get("done") is True), None)
    if last is None:
        raise ValueError("no line with `done: true` came")
    whole = deepcopy(last)
    said = said_in(whole)
    if said is None:
        raise ValueError("the last line has neither a message nor a response")
    calls: list[Any] = []
    texts: dict[str, str] = {}
    for line in lines:
        piece = said_in(line) or {}
        for key in ("content", "response", "thinking"):
            if isinstance(piece.get(key), str):
                texts[key] = texts.get(key, "") + piece[key]
        calls += piece.get("tool_calls") or []
    said.update({key: text for key, text in texts.items() if text or key != "thinking"})
    if calls:
        said["tool_calls"] = deepcopy(calls)
    return whole
