"""The simulated model: what a model would say when nobody wrote it."""

from mockserver.simulate.model import simulate

__all__ = ["simulate"]
