"""Providers: how each OpenAI-compatible service writes the wire in its own way; data and pure functions, by name.

The writer writes as OpenAI does. Another provider is a rewriting of what it wrote, so the ordinary answer pays nothing
for it. To add one: write a module here that makes a `Provider` out of functions for what differs (the ids, what a
completion says, the rest of its body, the chunks of a stream, the body of an error, the headers), with its `Manner` in
words, and name it in `_HOMES` and among the provider names of `chat`; its part of `docs/providers.md` is written by
`python -m tests.provider_page`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Any

from mockserver.chat import ChatRequest
from mockserver.chat.provider_names import PROVIDER_NAMES, UnknownProvider, known_provider
from mockserver.wire.identity import Identity
from mockserver.wire.provider import OPENAI, Manner, Occasion, Provider
from mockserver.wire.refusal import Refused

__all__ = [
    "AUTO",
    "BY_MODEL",
    "OPENAI",
    "PROVIDERS",
    "Manner",
    "Occasion",
    "Provider",
    "UnknownProvider",
    "by_model",
    "comparison_of",
    "provider_named",
]

Comparison = Callable[[ChatRequest], ChatRequest]
"""What is left of a request before recordings compare it."""

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
    "fireworks_nim": ("fireworks_glm", "nim_minimax"),
    "vllm": ("vllm", "vllm_0_27", "vllm_2024", "gpt_oss_vllm", "deepseek_v4_selfhosted"),
}
"""The module in which each provider is made: two dozen of them would cost a start more than most servers need."""


# The first line of which a word is in the name wins; a model that none of them knows answers in OpenAI's way.
BY_MODEL: tuple[tuple[tuple[str, ...], str], ...] = (
    (("gpt-oss",), "vllm"),
    (("claude",), "anthropic"),
    (("gemini",), "gemini"),
    (("deepseek",), "deepseek"),
    (("mistral", "mixtral", "codestral"), "mistral"),
    (("qwen", "qwq"), "qwen"),
    (("kimi", "moonshot"), "moonshot"),
    (("llama", "gemma", "nemotron"), "vllm"),
)


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


_NOWHERE = Occasion("", {}, Identity("", b""))

PROVIDERS: Mapping[str, Provider] = Providers({provider.name: provider for provider in (OPENAI, AUTO)})


def provider_named(name: str) -> Provider:
    """The provider of that name.

    Raises:
        UnknownProvider: there is none.
    """
    return PROVIDERS[known_provider(name)]


def by_model(model: str) -> str:
    """The name of the provider that serves models of such a name."""
    lowered = model.lower()
    return next((name for words, name in BY_MODEL if any(word in lowered for word in words)), "openai")


@cache
def comparison_of(name: str) -> Comparison | None:
    """What the provider of this name makes of a request before it is compared; None where that is nothing."""
    if name == AUTO.name:
        return _by_model
    provider = PROVIDERS[name]
    return None if provider.hear is None else lambda request: _without_own(request, provider)


def _by_model(request: ChatRequest) -> ChatRequest:
    compared = comparison_of(by_model(request.model))
    return request if compared is None else compared(request)


def _without_own(request: ChatRequest, provider: Provider) -> ChatRequest:
    """The request without the parameters that only this provider's clients send.

    Its messages stay: of them no comparison looks at ids, types and spelling. Where the provider refuses a parameter
    there is nothing to take out.
    """
    assert provider.hear is not None, "a provider without `hear` takes nothing out"
    try:
        left = provider.hear({"model": request.model, "messages": [], **request.options}, _NOWHERE)
    except Refused:
        return request
    options = {key: left[key] for key in request.options if key in left}
    return request if options == request.options else replace(request, options=options)
