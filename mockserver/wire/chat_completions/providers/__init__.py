"""Providers: how each OpenAI-compatible service writes the wire in its own way; data and pure functions, by name.

The writer writes as OpenAI does. Another provider is a rewriting of what it wrote, so the ordinary answer pays nothing
for it. To add one: write a module here that makes a `Provider` out of functions for what differs (the ids, what a
completion says, the rest of its body, the chunks of a stream, the body of an error, the headers), with its `Manner` in
words, and name it in `_HOMES` and among the provider names of `chat`; its part of `docs/providers.md` is written by
`python -m tests.provider_page`.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from mockserver.chat.provider_names import PROVIDER_NAMES, UnknownProvider, known_provider
from mockserver.wire.chat_completions.providers.auto import BY_MODEL
from mockserver.wire.provider import OPENAI, Manner, Occasion, Provider

AUTO = Provider("auto", "whichever provider the model's name stands for")

_HOMES: Mapping[str, tuple[str, ...]] = {
    "aimlapi": ("aimlapi",),
    "anthropic": ("anthropic", "bedrock_claude_gateway"),
    "azure": ("azure", "azure_async_filter"),
    "cerebras": ("cerebras",),
    "deepseek": ("deepseek",),
    "gemini": ("gemini", "gemini_compat"),
    "groq": ("groq",),
    "huggingface": ("huggingface",),
    "mistral": ("mistral", "mistral_fragments"),
    "moonshot": ("moonshot", "kimi"),
    "ollama": ("ollama", "ollama_0_20", "ollama_0_4_6", "litellm_ollama_chat"),
    "openrouter": ("openrouter",),
    "qwen": ("qwen",),
    "repeating": ("fireworks_glm", "nim_minimax"),
    "vllm": ("vllm", "vllm_0_27", "vllm_2024", "gpt_oss_vllm", "deepseek_v4_selfhosted"),
}
"""The module in which each provider is made: two dozen of them would cost a start more than most servers need."""


class Providers(dict[str, Provider]):
    """Every provider by its name, each made when it is first asked for; its length and its names are those of all."""

    def __missing__(self, name: str) -> Provider:
        home = next((home for home, names in _HOMES.items() if name in names), None)
        if home is None:
            raise KeyError(name)
        module = import_module(f"{__name__}.{home}")
        made = [value for value in vars(module).values() if isinstance(value, Provider)]
        self.update({provider.name: provider for provider in made})
        return self[name]

    def __contains__(self, name: object) -> bool:
        return name in PROVIDER_NAMES

    def __iter__(self) -> Iterator[str]:
        return iter(PROVIDER_NAMES)

    def __len__(self) -> int:
        return len(PROVIDER_NAMES)

    def values(self) -> Any:
        """Every provider, in the order of the names."""
        return [self[name] for name in PROVIDER_NAMES]

    def items(self) -> Any:
        """Every provider with its name, in the order of the names."""
        return [(name, self[name]) for name in PROVIDER_NAMES]


PROVIDERS: Mapping[str, Provider] = Providers({provider.name: provider for provider in (OPENAI, AUTO)})


def provider_named(name: str) -> Provider:
    """The provider of that name.

    Raises:
        UnknownProvider: there is none.
    """
    return PROVIDERS[known_provider(name)]


__all__ = [
    "AUTO",
    "BY_MODEL",
    "OPENAI",
    "PROVIDERS",
    "Manner",
    "Occasion",
    "Provider",
    "UnknownProvider",
    "provider_named",
]
