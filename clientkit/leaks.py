"""What models let slip into their text that is not for its reader: calls in a template's markup, and thoughts."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>\s*", re.DOTALL)
_FORMS = (
    # An object that names the tool beside its arguments, bare, fenced or in tags: Hermes, Qwen, Llama, Mistral.
    r'"name"\s*:\s*"(?:functions\.)?(?:NAME)"\s*,\s*"(?:arguments|parameters|args|input)"\s*:',
    # A tag that names it: <function=…>, <invoke name="…">, and DeepSeek's own kind of tags.
    r'<[^<>\n]{0,40}(?:function=|name=")(?:NAME)\b',
    # Tokens of a template before the name: Llama's python tag, Kimi's and gpt-oss's.
    r"<\|\w{1,40}\|>[^<>\n]{0,60}\b(?:NAME)\b",
    r"\[TOOL_CALLS?\][^\n]{0,60}\b(?:NAME)\b",
    # The name and its arguments as code, with nothing before: Llama 4.
    r"\A\s*\[?(?:NAME)\(",
    r"(?:\A|\n)\s*Action:\s*(?:NAME)\s*\n\s*Action Input:",
    r"\[Calling tool:?\s*(?:NAME)\b",
)


def holds_call(text: str, tools: Collection[str]) -> bool:
    """Whether the text holds a call of one of the tools, written in a markup that some server failed to read."""
    return bool(tools) and _markup(frozenset(tools)).search(text) is not None


def without_thoughts(text: str) -> str:
    """The text without what the model thought aloud before it."""
    return _THOUGHTS.sub("", text, count=1)


@lru_cache(maxsize=64)
def _markup(tools: frozenset[str]) -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in sorted(tools))
    return re.compile("|".join(form.replace("NAME", names) for form in _FORMS))
