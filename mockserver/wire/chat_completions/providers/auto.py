"""The provider that a model's name stands for: what `--provider auto` picks."""

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


def by_model(model: str) -> str:
    """The name of the provider whose manner a model's answers have."""
    lowered = model.lower()
    return next((name for words, name in BY_MODEL if any(word in lowered for word in words)), "openai")
