"""Providers: how each OpenAI-compatible service writes the wire in its own way; data and pure functions, by name.

The writer writes as OpenAI does. Another provider is a rewriting of what it wrote, so the ordinary answer pays nothing
for it. To add one: write a module here that makes a `Provider` out of functions for what differs (the ids, what a
completion says, the rest of its body, the chunks of a stream, the body of an error, the headers), with its `Manner` in
words, and name it in `PROVIDERS`; its line in `docs/providers.md` is written by `python -m tests.providers`.
"""

from collections.abc import Mapping

from mockserver.chat.provider_names import UnknownProvider, known_provider
from mockserver.wire.providers.aimlapi import AIMLAPI
from mockserver.wire.providers.anthropic import ANTHROPIC, BEDROCK_CLAUDE_GATEWAY
from mockserver.wire.providers.auto import BY_MODEL
from mockserver.wire.providers.azure import AZURE, AZURE_ASYNC
from mockserver.wire.providers.cerebras import CEREBRAS
from mockserver.wire.providers.deepseek import DEEPSEEK
from mockserver.wire.providers.gemini import GEMINI, GEMINI_COMPAT
from mockserver.wire.providers.groq import GROQ
from mockserver.wire.providers.huggingface import HUGGINGFACE
from mockserver.wire.providers.mistral import MISTRAL, MISTRAL_FRAGMENTS
from mockserver.wire.providers.moonshot import KIMI, MOONSHOT
from mockserver.wire.providers.ollama import LITELLM_OLLAMA_CHAT, OLLAMA, OLLAMA_0_4_6, OLLAMA_0_20
from mockserver.wire.providers.openrouter import OPENROUTER
from mockserver.wire.providers.provider import Manner, Occasion, Provider
from mockserver.wire.providers.qwen import QWEN
from mockserver.wire.providers.repeating import FIREWORKS_GLM, NIM_MINIMAX
from mockserver.wire.providers.vllm import DEEPSEEK_V4_SELFHOSTED, GPT_OSS_VLLM, VLLM, VLLM_0_27, VLLM_2024

OPENAI = Provider(
    "openai",
    "OpenAI itself: nothing is rewritten",
    manner=Manner(
        ids="`call_` and 24 letters and digits",
        index="in streams only",
        arguments="text; `{}` for none",
        content="null",
        stream="a call's head, then its arguments in pieces",
        finish="`tool_calls`; `stop` for a named choice (gpt-4o and older)",
        errors='`{"error": {"message", "type", "param", "code"}}`',
    ),
)

AUTO = Provider("auto", "whichever provider the model's name stands for")

PROVIDERS: Mapping[str, Provider] = {
    provider.name: provider
    for provider in (
        *(OPENAI, AUTO, AZURE, AZURE_ASYNC, AIMLAPI, ANTHROPIC, BEDROCK_CLAUDE_GATEWAY, GEMINI, GEMINI_COMPAT),
        *(MISTRAL, MISTRAL_FRAGMENTS, DEEPSEEK, QWEN, MOONSHOT, KIMI, GROQ, CEREBRAS, OPENROUTER, HUGGINGFACE),
        *(FIREWORKS_GLM, NIM_MINIMAX, VLLM, VLLM_0_27, VLLM_2024, GPT_OSS_VLLM, DEEPSEEK_V4_SELFHOSTED),
        *(OLLAMA, OLLAMA_0_20, OLLAMA_0_4_6, LITELLM_OLLAMA_CHAT),
    )
}


def provider_named(name: str) -> Provider:
    """The provider of that name.

    Raises:
        UnknownProvider: there is none.
    """
    return PROVIDERS[known_provider(name)]


__all__ = [
    "AUTO",
    "AZURE",
    "BY_MODEL",
    "OPENAI",
    "PROVIDERS",
    "Manner",
    "Occasion",
    "Provider",
    "UnknownProvider",
    "provider_named",
]
