"""The environment variables that point clients of every API to a server, and those that would point them elsewhere."""

from collections.abc import Mapping

KEYS = ("OPENAI_API_KEY", "AIML_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY")
"""The variables that hold API keys; those that are set stay while a session is recorded."""

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
CLEARED = (
    *_PROXIES,
    *[name.lower() for name in _PROXIES],
    *("ANTHROPIC_AUTH_TOKEN", "GOOGLE_GENAI_USE_VERTEXAI"),
)
"""Variables that send a client past the server, and are taken away where a program is started or a test runs."""


def client_environment(base_url: str, api_key: str, model: str | None = None) -> Mapping[str, str]:
    """The variables for a server with this base URL, `/v1` included; `model` is the name to ask for, if one was chosen.

    Clients of OpenAI's APIs append their paths to a base URL with `/v1`, those of the other APIs to one without.
    """
    root = base_url.removesuffix("/v1")
    named = {} if model is None else {"OPENAI_MODEL": model, "OPENAI_DEFAULT_MODEL": model}
    return {
        "OPENAI_BASE_URL": base_url,
        "OPENAI_API_BASE": base_url,
        "ANTHROPIC_BASE_URL": root,
        "GOOGLE_GEMINI_BASE_URL": root,
        "OLLAMA_HOST": root,
        "MOCKSERVER_URL": root,
        **dict.fromkeys(KEYS, api_key),
        **named,
    }
