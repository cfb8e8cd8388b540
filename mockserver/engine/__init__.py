"""One request → one answer: the only place that decides who answers."""

from mockserver.engine.engine import Answer, Engine
from mockserver.engine.settings import Checks, Fallback, Settings

__all__ = ["Answer", "Checks", "Engine", "Fallback", "Settings"]
