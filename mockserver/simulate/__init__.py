"""The simulated model: what a model would say when nobody wrote it."""

from mockserver.simulate.bounds import TooMuch, check_size
from mockserver.simulate.model import simulate

__all__ = ["TooMuch", "check_size", "simulate"]
