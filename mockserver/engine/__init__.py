"""One request → one answer: the only place that decides who answers."""

from mockserver.engine.engine import Answer, Engine, explanation_of
from mockserver.engine.settings import Checks, Fallback, Invent, Settings

__all__ = ["Answer", "Checks", "Engine", "Fallback", "Invent", "Settings", "explanation_of"]
