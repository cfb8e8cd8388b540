"""A model that calls tools, without the model: a mock server and simulator of the LLM function-calling API."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.chat import Reply, call
    from mockserver.scenario import hang_up, refuse
    from mockserver.server.mock_llm import MockLLM

__all__ = ["MockLLM", "Reply", "call", "hang_up", "refuse"]

_HOMES = {
    "MockLLM": "mockserver.server.mock_llm",
    "Reply": "mockserver.chat",
    "call": "mockserver.chat",
    "hang_up": "mockserver.scenario",
    "refuse": "mockserver.scenario",
}

if not TYPE_CHECKING:  # so that names which there are not are still found wrong

    def __getattr__(name: str) -> Any:
        """Names are fetched when first used: a test run that only has the plugin installed pays for no server."""
        if name not in _HOMES:
            raise AttributeError(f"module 'mockserver' has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
