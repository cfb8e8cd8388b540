"""The sanitiser, which everything that is written, printed or compared passes through, and a scan of files by it."""

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from mockserver.chat import ChatRequest, Message, Thinking, Tool, ToolCall
from mockserver.redaction.secret_patterns import KEY_NAMES, REDACTED, SHORTEST_KEY, keys_in, pattern_of, redacted_text

_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+(?:;[\w.+=-]+)*);base64,([A-Za-z0-9+/=_-]{64,})")
_CACHED_TEXTS = 2048

_RANDOM = re.compile(r"[A-Za-z0-9+/_=-]{32,}")
_HASH = re.compile(r"sha256:[0-9a-f]+")
_MOST_ORDERLY = 4.5
"""Bits a character: ids of calls and UUIDs have less, keys of 32 characters and more mostly have more."""


class Leak(NamedTuple):
    """A place in a file where a secret stands; with `certain` False a text that looks random."""

    line: int
    column: int
    message: str
    certain: bool


class Sanitiser:
    """Takes secrets out: those known by value, and all that look like one; long data URLs become their hash.

    `pseudonyms` puts believable values in the place of personal data. Sanitising is idempotent.
    """

    def __init__(self, secrets: Iterable[str] = (), pseudonyms: Callable[[str], str] | None = None) -> None:
        self.secrets = tuple(dict.fromkeys(value for value in secrets if value))
        self.pseudonyms = pseudonyms
        self._pattern = pattern_of(self.secrets)
        self.text = lru_cache(maxsize=_CACHED_TEXTS)(self._text)
        """A text without secrets."""

    def with_key(self, key: str | None) -> "Sanitiser":
        """The same, knowing one more value: the key that a client sent, unless it is a mere word."""
        return self if key is None else self.with_keys([key])

    def with_keys(self, keys: Iterable[str]) -> "Sanitiser":
        """The same for several values."""
        fresh = [key for key in keys if len(key) >= SHORTEST_KEY and key not in self.secrets]
        return Sanitiser((*self.secrets, *fresh), self.pseudonyms) if fresh else self

    def finds(self, text: str) -> list[str]:
        """The secrets in a text: the values that are known, and what looks like a key wherever it stands."""
        by_value = self._pattern.findall(text) if self._pattern is not None else []
        return [*by_value, *keys_in(text)]

    def value(self, value: Any, *, by_name: bool = True) -> Any:
        """Plain data without secrets; `by_name`: a text under a key such as `password` is one, whatever it is."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list | tuple):
            return [self.value(entry, by_name=by_name) for entry in value]
        if isinstance(value, Mapping):
            return {self.text(str(key)): self._under(str(key), entry, by_name) for key, entry in value.items()}
        return value

    def json_text(self, text: str) -> str:
        """A text that may be JSON, such as a call's arguments: judged by its values; written anew if one changed."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return self.text(text)
        if not isinstance(value, dict | list):
            return self.text(text)
        clean = self.value(value)
        if clean == value:
            # A key or a number may still hold what only the text as a whole shows.
            return self.text(text)
        compact = json.dumps(value, ensure_ascii=False, separators=(",", ":")) == text
        return json.dumps(clean, ensure_ascii=False, separators=(",", ":") if compact else (", ", ": "))

    def call(self, call: ToolCall) -> ToolCall:
        """A tool call without secrets."""
        return replace(call, name=self.text(call.name), arguments=self.json_text(call.arguments))

    def request(self, request: ChatRequest) -> ChatRequest:
        """A request without secrets."""
        return replace(
            request,
            model=self.text(request.model),
            messages=tuple([self._message(message) for message in request.messages]),
            tools=tuple([self._tool(tool) for tool in request.tools]),
            options=self.value(request.options),
        )

    def _message(self, message: Message) -> Message:
        content, thought = message.content, message.thinking
        if content is not None:
            content = self.json_text(content) if message.role in ("tool", "function") else self.text(content)
        return replace(
            message,
            content=content,
            tool_calls=tuple([self.call(call) for call in message.tool_calls]),
            name=self.text(message.name) if message.name is not None else None,
            refusal=self.text(message.refusal) if message.refusal is not None else None,
            parts=tuple(self.value(message.parts)),
            thinking=Thinking(self.text(thought), thought.signature) if thought is not None else None,
        )

    def _tool(self, tool: Tool) -> Tool:
        parameters = self.value(tool.parameters) if tool.parameters is not None else None
        return replace(tool, description=self.text(tool.description), parameters=parameters)

    def _under(self, key: str, entry: Any, by_name: bool) -> Any:
        if by_name and isinstance(entry, str) and entry and KEY_NAMES.fullmatch(key):
            return REDACTED
        return self.value(entry, by_name=by_name)

    def _text(self, text: str) -> str:
        clean = _DATA_URL.sub(_hashed, text) if "data:" in text else text
        if self._pattern is not None:
            clean = self._pattern.sub(REDACTED, clean)
        clean = redacted_text(clean)
        return self.pseudonyms(clean) if self.pseudonyms is not None else clean


def scan(text: str, sanitiser: Sanitiser) -> Iterator[Leak]:
    """The leaks in a file's text, line by line; their messages say where a secret is and never what it is."""
    for number, line in enumerate(text.splitlines(), 1):
        found = 0
        for secret in sanitiser.finds(line):
            column = line.index(secret) + 1
            found += 1
            yield Leak(number, column, f"a secret of {len(secret)} characters", True)
        if not found and sanitiser.text(line) != line and "base64,sha256:" not in sanitiser.text(line):
            yield Leak(
                number, _column(line, sanitiser.text(line)), "a password or key, told by what stands before it", True
            )
            found += 1
        for guess in () if found else _RANDOM.finditer(_HASH.sub("", line)):
            if _bits(guess[0]) > _MOST_ORDERLY:
                message = (
                    f"{len(guess[0])} characters that look drawn by lot: if they are a secret, name it to the recorder"
                )
                yield Leak(number, guess.start() + 1, message, False)


def _column(line: str, clean: str) -> int:
    return next((index for index, (a, b) in enumerate(zip(line, clean, strict=False)) if a != b), 0) + 1


def _bits(text: str) -> float:
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())


def _hashed(found: re.Match[str]) -> str:
    digest = hashlib.sha256(found[2].encode()).hexdigest()[:32]
    return f"data:{found[1]};base64,sha256:{digest}"
