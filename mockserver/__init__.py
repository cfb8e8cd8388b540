"""An offline mock server and simulator of the LLM function-calling API: a model that calls tools, without the model.

What stands in `__all__` is the public interface; every other name and module may change between releases.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.chat import Reply, Timing, call
    from mockserver.chat.provider_names import UnknownProvider
    from mockserver.errors import MockServerError
    from mockserver.faults import UnknownFault, UnknownProfile
    from mockserver.journal import Truncated
    from mockserver.recording.atomic_file import WrongTarget
    from mockserver.recording.forwarding import WrongUpstream
    from mockserver.recording.imports import NotImportable
    from mockserver.scenario import (
        Rule,
        Scenario,
        ScenarioErrors,
        Turn,
        Undumpable,
        UnknownScenario,
        When,
        as_say,
        dump,
        hang_up,
        load,
        parse,
        refuse,
    )
    from mockserver.server.app import CannotListen
    from mockserver.server.mock_llm import MockLLM
    from mockserver.server.workers import WorkerDied

__all__ = [
    "CannotListen",
    "MockLLM",
    "MockServerError",
    "NotImportable",
    "Reply",
    "Rule",
    "Scenario",
    "ScenarioErrors",
    "Timing",
    "Truncated",
    "Turn",
    "Undumpable",
    "UnknownFault",
    "UnknownProfile",
    "UnknownProvider",
    "UnknownScenario",
    "When",
    "WorkerDied",
    "WrongTarget",
    "WrongUpstream",
    "as_say",
    "call",
    "dump",
    "hang_up",
    "load",
    "parse",
    "refuse",
]

_HOMES = {
    "mockserver.chat": ("Reply", "Timing", "call"),
    "mockserver.chat.provider_names": ("UnknownProvider",),
    "mockserver.errors": ("MockServerError",),
    "mockserver.faults": ("UnknownFault", "UnknownProfile"),
    "mockserver.journal": ("Truncated",),
    "mockserver.recording.forwarding": ("WrongUpstream",),
    "mockserver.recording.imports": ("NotImportable",),
    "mockserver.recording.atomic_file": ("WrongTarget",),
    "mockserver.scenario": (
        "Rule",
        "Scenario",
        "ScenarioErrors",
        "Turn",
        "Undumpable",
        "UnknownScenario",
        "When",
        "as_say",
        "dump",
        "hang_up",
        "load",
        "parse",
        "refuse",
    ),
    "mockserver.server.mock_llm": ("MockLLM",),
    "mockserver.server.app": ("CannotListen",),
    "mockserver.server.workers": ("WorkerDied",),
}

if not TYPE_CHECKING:  # so that type checkers still report names that do not exist

    def __getattr__(name: str) -> Any:
        """Names are imported when first used: a test run that only has the plugin installed pays for no server."""
        home = next((home for home, names in _HOMES.items() if name in names), None)
        if home is None:
            raise AttributeError(f"module 'mockserver' has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(home), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
