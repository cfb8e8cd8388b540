"""Profiles: how often the tool calls of a kind of model go wrong, by published rates, and in which ways.

What is published and what is ours: the rates of wrong outcomes are those of a public leaderboard (100 minus the score,
BFCL's file of 2026-04-12, of late 2024 for GPT-4o and GPT-3.5), by the number of tools offered and of calls wanted. How
they split into kinds of faults follows the scores of ToolScan (arXiv 2411.13547): 1 minus the score, scaled to 1. That
step, and the choice of faults that stand for each kind, is our own derivation: benchmarks differ in prompts, in what
counts as an error and in date, and none is a rate in the field. Not drawn at all: faults over several turns, for which
no rate per turn is published, and declining where a function was relevant, for which there are 16 cases a model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple

from mockserver.chat import ApiError, ChatRequest, Reply
from mockserver.errors import MockServerError
from mockserver.faults.spec import FaultSpec, fault_spec

Weights = Mapping[str, float]

FAULTS: Mapping[str, tuple[str, ...]] = {
    "too few": ("too_few_parallel",),
    "no call": ("no_call_when_needed",),
    "duplicate": ("duplicate_call",),
    "wrong value": ("near_miss_value", "ungrounded_value"),
    "text": ("truncated_json", "missing_closing_brace"),
    "wrong type": ("string_as_number", "enum_violation"),
    "parameter": ("unknown_param", "misnamed_param"),
    "function": ("unknown_function", "wrong_case_name"),
}
"""The faults that stand for a kind of error, each for an equal part of it. With one call wanted, too few is none."""

_NOT_IF_STRICT = frozenset({"text", "wrong type", "parameter"})
_KINDS = ("too few", "duplicate", "wrong value", "text", "wrong type", "parameter", "function")


def _weights(*shares: float) -> Weights:
    return {kind: share / sum(shares) for kind, share in zip(_KINDS, shares, strict=True)}


FRONTIER = _weights(0.39, 0, 0.15, 0, 0.17, 0.15, 0.15)
LOOSE = _weights(0.22, 0.24, 0.07, 0, 0.16, 0.17, 0.14)
GPT35 = _weights(0.27, 0.13, 0.09, 0.01, 0.17, 0.19, 0.15)
SMALL = _weights(0.14, 0.21, 0.03, 0.10, 0.18, 0.20, 0.13)
WEIGHTS_OF = {
    id(FRONTIER): "GPT-4-0125",
    id(LOOSE): "GPT-4o-2024-05",
    id(GPT35): "GPT-3.5-1106",
    id(SMALL): "Llama-3-8B",
}


class Situation(NamedTuple):
    """What decides the rates of a reply: tools offered, calls wanted, whether the tools are strict."""

    several_tools: bool
    calls: int
    strict: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """A model's habits: shares of replies that go wrong, from 0 to 1, by what was asked.

    `simple`: one tool, one call · `multiple`: several tools, one call · `parallel`: one tool, several calls ·
    `both`: several tools, several calls · `irrelevant`: a call though no tool fits · `serial`: never several calls.
    """

    name: str
    model: str
    simple: float
    multiple: float
    parallel: float
    both: float
    irrelevant: float
    weights: Weights
    serial: bool = False

    @property
    def split(self) -> str:
        """The model whose scores split an outcome into faults."""
        return WEIGHTS_OF[id(self.weights)]

    @property
    def source(self) -> str:
        """Where the rates and their split come from."""
        return f"BFCL, {self.model}; split by ToolScan's scores of {self.split}, which is our own derivation"

    def faults(self, said: Reply | ApiError, request: ChatRequest) -> tuple[FaultSpec, ...]:
        """The faults that may be injected into an answer, each with its rate."""
        if isinstance(said, ApiError) or not request.tools:
            return ()
        if not said.calls:
            answers_results = bool(request.results)
            return () if answers_results else _rated({"call_when_irrelevant": self.irrelevant})
        called = [tool for call in said.calls if (tool := request.tool(call.name)) is not None]
        strict = bool(called) and all(tool.strict for tool in called)
        return _of(self.name, Situation(len(request.tools) > 1, min(len(said.calls), 2), strict))

    def rates(self, situation: Situation) -> dict[str, float]:
        """The rate of each fault where calls are wanted."""
        if self.serial and situation.calls > 1:
            return {"sequential_instead_of_parallel": self.both if situation.several_tools else self.parallel}
        one, many = (self.multiple, self.both) if situation.several_tools else (self.simple, self.parallel)
        outcome = many if situation.calls > 1 else one
        found: dict[str, float] = {}
        for kind, weight in self.weights.items():
            if not weight or (situation.strict and kind in _NOT_IF_STRICT):
                continue
            names = FAULTS["no call" if kind == "too few" and situation.calls < 2 else kind]
            found |= dict.fromkeys(names, outcome * weight / len(names))
        return found


def _profile(name: str, model: str, *percent: float, weights: Weights, serial: bool = False) -> Profile:
    simple, multiple, parallel, both, irrelevant = (value / 100 for value in percent)
    return Profile(name, model, simple, multiple, parallel, both, irrelevant, weights, serial)


PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        _profile("tiny_350m", "Granite-4.0-350m (FC)", 17.0, 15.5, 30.0, 44.5, 23.3, weights=SMALL),
        _profile("tiny_0_6b", "Qwen3-0.6B (FC)", 13.5, 14.0, 32.5, 30.5, 17.5, weights=SMALL),
        _profile("small_1b_2024", "Llama-3.2-1B (FC)", 25.0, 49.5, 56.0, 85.0, 64.2, weights=SMALL),
        _profile("small_3b_2024", "Llama-3.2-3B (FC)", 8.0, 7.5, 11.5, 21.0, 37.5, weights=SMALL),
        _profile("small_8b_2024", "Llama-3.1-8B (prompt)", 6.0, 5.0, 12.5, 17.5, 52.5, weights=SMALL),
        _profile("small_8b_2025", "Qwen3-8B (FC)", 4.5, 3.5, 8.0, 11.0, 18.3, weights=SMALL),
        _profile("gpt35_2024", "GPT-3.5-Turbo-0125 (FC)", 5.3, 7.0, 11.5, 20.5, 67.1, weights=GPT35),
        _profile("frontier_2024", "GPT-4o-2024-08-06 (FC)", 9.0, 7.5, 7.5, 14.5, 10.4, weights=LOOSE),
        _profile("frontier_2025", "GPT-4.1 (FC)", 9.0, 11.0, 12.0, 18.5, 10.0, weights=FRONTIER),
        _profile("frontier_2026", "Claude-Opus-4.5 (FC)", 3.5, 4.5, 6.5, 11.5, 14.2, weights=FRONTIER),
        _profile("serial_reasoner", "o3 (FC)", 10.5, 13.0, 100, 100, 11.7, weights=FRONTIER, serial=True),
    )
}
"""The eleven profiles by their names."""


class UnknownProfile(MockServerError, ValueError):
    """No profile is called like this; the message names what is nearest."""


def profile(name: str) -> Profile:
    """A profile by its name.

    Raises:
        UnknownProfile: there is none.
    """
    if name in PROFILES:
        return PROFILES[name]
    near = get_close_matches(name, PROFILES, 1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    raise UnknownProfile(f"No profile is called '{name}'.{hint} Profiles: {', '.join(PROFILES)}.")


@lru_cache(maxsize=256)
def _of(name: str, situation: Situation) -> tuple[FaultSpec, ...]:
    return _rated(PROFILES[name].rates(situation))


def _rated(rates: Mapping[str, float]) -> tuple[FaultSpec, ...]:
    return tuple(fault_spec(fault, rate=rate) for fault, rate in rates.items())
