"""Names of the providers whose wire format can be emulated; `wire` has the formats."""

from difflib import get_close_matches

from mockserver.errors import MockServerError

PROVIDER_NAMES = (
    *("openai", "auto", "azure", "azure_async_filter", "aimlapi", "anthropic", "bedrock_claude_gateway"),
    *("gemini", "gemini_compat", "mistral", "mistral_fragments", "deepseek", "qwen", "moonshot", "kimi", "groq"),
    *("cerebras", "openrouter", "huggingface", "fireworks_glm", "nim_minimax", "vllm", "vllm_0_27", "vllm_2024"),
    *("gpt_oss_vllm", "deepseek_v4_selfhosted", "ollama", "ollama_0_20", "ollama_0_4_6", "litellm_ollama_chat"),
)


class UnknownProvider(MockServerError, ValueError):
    """No provider has that name; the message lists those that there are."""


def known_provider(name: str) -> str:
    """The name, when a provider is called so.

    Raises:
        UnknownProvider: none is.
    """
    if name in PROVIDER_NAMES:
        return name
    near = get_close_matches(name, PROVIDER_NAMES, 1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    raise UnknownProvider(f"no provider is called '{name}'.{hint} Known are {', '.join(PROVIDER_NAMES)}.")
