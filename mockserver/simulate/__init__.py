"""The simulated model: the reply to a request when no scenario has one."""

from mockserver.simulate.bounds import TooMuch, check_size
from mockserver.simulate.request_view import Habits, Invent
from mockserver.simulate.simulator import simulate

__all__ = ["Habits", "Invent", "TooMuch", "check_size", "simulate"]
