"""What providers change most often: histories, keys of messages, keys around them, the way in which a stream is cut."""

from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any

from mockserver.faults.parts import Run
from mockserver.wire.chat_completions.deltas import (
    delta_of,
    each_choice,
    finishing,
    whole,
    with_delta,
)
from mockserver.wire.chat_completions.messages import ID_LENGTH
from mockserver.wire.codec import NotJson, decode, encode
from mockserver.wire.provider import Headers, Occasion

JsonObject = dict[str, Any]
Chunks = list[JsonObject]


def own_headers(given: Headers, body: JsonObject | None, occasion: Occasion) -> Headers:
    """The headers without those that only OpenAI sends."""
    return {name: value for name, value in given.items() if not name.startswith("openai-")}


def messages(body: JsonObject) -> Iterator[JsonObject]:
    """The message of every choice."""
    for choice in body["choices"]:
        yield choice["message"]


def calls(body: JsonObject) -> Iterator[JsonObject]:
    """Every call of every choice."""
    for message in messages(body):
        yield from message.get("tool_calls") or ()


def hexadecimal(letters: str, digits: int) -> str:
    """So many hexadecimal digits, drawn from the letters of an id."""
    return blake2b(letters.encode(), digest_size=(digits + 1) // 2).hexdigest()[:digits]


def decimal(letters: str, digits: int) -> str:
    """So many decimal digits, drawn from the letters of an id."""
    return f"{int(hexadecimal(letters, 32), 16) % 10**digits:0{digits}}"


def uuid(letters: str) -> str:
    """A UUID drawn from the letters of an id."""
    digits = hexadecimal(letters, 32)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def number_calls(body: JsonObject) -> None:
    """Every call has its index, though nothing is streamed."""
    for message in messages(body):
        for place, call in enumerate(message.get("tool_calls") or ()):
            call["index"] = place


def silent(body: JsonObject, content: str | None, *, missing: bool = False) -> None:
    """What stands for the text of a message that only calls: some text, null, or no key at all."""
    for message in messages(body):
        calling = message.get("tool_calls") or message.get("function_call")
        if calling and message.get("content") is None:
            message["content"] = content
            if missing:
                del message["content"]


def without_keys(body: JsonObject, *keys: str) -> None:
    """Every message lacks these keys, unless they say something."""
    for message in messages(body):
        for key in keys:
            if not message.get(key):
                message.pop(key, None)


def finish_with_calls(body: JsonObject, reason: str) -> None:
    """The finish reason where there are calls and all went well."""
    for choice in body["choices"]:
        if choice["message"].get("tool_calls") and choice["finish_reason"] in ("tool_calls", "stop"):
            choice["finish_reason"] = reason


def counts_only(body: JsonObject) -> None:
    """The usage has no details."""
    body["usage"] = {key: value for key, value in body["usage"].items() if not key.endswith("_details")}


def whole_calls(chunks: Chunks) -> Chunks:
    """Every call comes whole in one chunk, after the chunk with the role."""
    return each_choice(chunks, lambda choice: choice._replace(calls=[[whole(call)] for call in choice.calls]))


def finish_with_last_call(chunks: Chunks) -> Chunks:
    """The last chunk of the calls brings the finish reason too."""

    def finished(choice: Run) -> Run:
        reason = next((entry["choices"][0]["finish_reason"] for entry in choice.after if finishing(entry)), None)
        if not choice.calls or reason is None:
            return choice
        *others, last = choice.calls[-1]
        ended = {**last, "choices": [{**last["choices"][0], "finish_reason": reason}]}
        after = [entry for entry in choice.after if not finishing(entry)]
        return Run(choice.before, [*choice.calls[:-1], [*others, ended]], after)

    return each_choice(chunks, finished)


def each_piece(chunks: Chunks, change: Callable[[JsonObject], JsonObject]) -> Chunks:
    """The chunks with every piece of a call changed."""
    found: Chunks = []
    for chunk in chunks:
        pieces = delta_of(chunk).get("tool_calls") if chunk.get("choices") else None
        changed = {**delta_of(chunk), "tool_calls": [change(dict(piece)) for piece in pieces]} if pieces else None
        found.append(with_delta(chunk, changed) if changed is not None else chunk)
    return found


def each_delta(chunks: Chunks, change: Callable[[JsonObject], JsonObject], *, last: bool = False) -> Chunks:
    """The chunks with every delta changed; those that bring the finish reason only with `last`."""
    return [
        with_delta(chunk, change(dict(delta_of(chunk))))
        if chunk.get("choices") and (last or not finishing(chunk))
        else chunk
        for chunk in chunks
    ]


def same_index(chunks: Chunks) -> Chunks:
    """The index is 0 for every call."""
    return each_piece(chunks, lambda piece: {**piece, "index": 0})


def finish_streamed(chunks: Chunks, old: str, new: str) -> Chunks:
    """One finish reason is said as another."""
    return [
        {**chunk, "choices": [{**choice, "finish_reason": new} if choice.get("finish_reason") == old else choice]}
        if chunk.get("choices") and (choice := chunk["choices"][0])
        else chunk
        for chunk in chunks
    ]


def in_finish_chunk(chunks: Chunks, **more: Any) -> Chunks:
    """The chunks that bring a finish reason have more keys."""
    return [{**chunk, **more} if finishing(chunk) else chunk for chunk in chunks]


def with_keys(chunks: Chunks, **more: Any) -> Chunks:
    """Every chunk has more keys; None takes a key away."""
    kept = [{key: value for key, value in chunk.items() if key not in more} for chunk in chunks]
    added = {key: value for key, value in more.items() if value is not None}
    return [{**chunk, **added} for chunk in kept]


def with_object(call: JsonObject) -> JsonObject:
    """The piece of a call with its arguments as the object that they say, where they say one."""
    function = call.get("function") or {}
    text = function.get("arguments")
    try:
        values = decode(text) if isinstance(text, str) else None
    except NotJson:
        return call
    return {**call, "function": {**function, "arguments": values}} if isinstance(values, dict) else call


def sound_history(data: JsonObject) -> JsonObject:
    """The request with a history that OpenAI would take.

    Calls get the type, the id and the arguments that they lack, and ids of a length that is taken; results that name
    no id answer the calls in their order. What is not a history stays as it is, for the checks to find.
    """
    messages = data.get("messages")
    if not isinstance(messages, list):
        return data
    return {**data, "messages": list(_sound(messages))}


def _sound(messages: list[Any]) -> Iterator[Any]:
    waiting: list[Any] = []
    known: dict[str, Any] = {}
    for place, message in enumerate(messages):
        calls = message.get("tool_calls") if isinstance(message, dict) else None
        if isinstance(calls, list) and calls and all(isinstance(call, dict) for call in calls):
            sound = [_call(call, f"call_{place}_{number}") for number, call in enumerate(calls)]
            waiting = [call["id"] for call in sound]
            sent = [call.get("id") for call in calls]
            known = {one: new for one, new in zip(sent, waiting, strict=True) if one and isinstance(one, str)}
            yield {**message, "tool_calls": sound, "content": message.get("content")}
        elif isinstance(message, dict) and message.get("role") == "tool":
            answered = _answered(message.get("tool_call_id"), known, waiting)
            waiting = [one for one in waiting if one != answered]
            yield {**message, "tool_call_id": answered}
        else:
            yield message


def _answered(named: Any, known: dict[str, Any], waiting: list[Any]) -> Any:
    """The call that a result is for: the one that it names, or the next that waits."""
    if not named and waiting:
        return waiting[0]
    return known.get(named, named) if isinstance(named, str) else named


def _call(call: JsonObject, made_up: str) -> JsonObject:
    call_id = call.get("id") or made_up
    kind = "custom" if "custom" in call else "function"
    called = call.get(kind)
    if isinstance(called, dict) and kind == "function":
        called = {**called, "arguments": _text(called.get("arguments"))}
    sound = {**call, "id": call_id[-ID_LENGTH:] if isinstance(call_id, str) else call_id, "type": kind}
    return {**sound, kind: called} if called is not None else sound


def _text(arguments: Any) -> Any:
    """Arguments as text; none at all are none."""
    if arguments is None:
        return "{}"
    return encode(arguments).decode() if isinstance(arguments, dict) else arguments


def without(data: JsonObject, *parameters: str) -> JsonObject:
    """The request without parameters that only this provider knows."""
    return {key: value for key, value in data.items() if key not in parameters}
