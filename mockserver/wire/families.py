"""What a family of models takes and how it words its refusals: limits that depend on a model's age and kind."""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache, partial


@dataclass(frozen=True, slots=True)
class Family:
    """A family of models.

    The defaults demand nothing and limit nothing that only some families do: they are the rules for a name that is
    not known, which is therefore never refused what the newest family takes. A restriction is a field that a known
    family sets, so a new one must have such a default, too.

    `context` and `output` are tokens, None where nobody said how many. `choices` is the most that `n` may be,
    `description` the most characters that the description of a tool may have. `older` families (before the o-series)
    have older rules and texts: an unknown key is an "Unrecognized request argument", messages need content, names of
    tools have no dots, and `parallel_tool_calls` needs tools. `max_tokens`: that parameter is taken, beside
    `max_completion_tokens`. `foreign_keys`: parameters that only other services document are taken.
    `stops_when_named`: a call of the function that `tool_choice` names ends with `stop`. `system_role`: messages of
    that role are taken. `vocabulary`: how texts are cut into tokens.
    """

    context: int | None = None
    output: int | None = None
    choices: int = 128
    description: int | None = None
    older: bool = False
    max_tokens: bool = True
    foreign_keys: bool = True
    stops_when_named: bool = False
    system_role: bool = True
    vocabulary: str = "o200k_base"


_OLDER = "cl100k_base"
_DESCRIPTION = 1024

_gpt_4_1 = partial(Family, older=True, foreign_keys=False)
# Refusals of longer descriptions were reported for these up to April 2025 (BerriAI/litellm#4735, rusiaaman/wcgw#51,
# getsentry/sentry-mcp#106). gpt-4.1 took 36,000 characters in May 2025 (run-llama/llama_index#18784), gpt-5 took them
# in August (OpenHands/OpenHands#10184).
_gpt_4o = partial(_gpt_4_1, description=_DESCRIPTION, stops_when_named=True)
_gpt_4 = partial(_gpt_4o, vocabulary=_OLDER)
_reasoning = partial(Family, choices=8, max_tokens=False, foreign_keys=False)

# The first pattern that fits counts. Limits are those of the models' public descriptions.
_FAMILIES: tuple[tuple[str, Family], ...] = (
    ("gpt-5*", _reasoning(400_000, 128_000)),
    ("o1-mini*", _reasoning(128_000, 65_536, system_role=False)),
    ("o1-preview*", _reasoning(128_000, 32_768, system_role=False)),
    ("o[134]*", _reasoning(200_000, 100_000)),
    ("gpt-4.1*", _gpt_4_1(1_047_576, 32_768)),
    ("gpt-4.5*", _gpt_4_1(128_000, 16_384)),
    ("gpt-4o-2024-05-13", _gpt_4o(128_000, 4_096)),
    ("gpt-4o*", _gpt_4o(128_000, 16_384)),
    ("chatgpt-4o*", _gpt_4o(128_000, 16_384)),
    ("gpt-4-turbo*", _gpt_4(128_000, 4_096)),
    ("gpt-4-*preview", _gpt_4(128_000, 4_096)),
    ("gpt-4", _gpt_4(8_192, 8_192)),
    ("gpt-4-*", _gpt_4(8_192, 8_192)),
    ("gpt-3.5*", _gpt_4(16_385, 4_096)),
)
UNKNOWN = Family()
"""The rules for a name that belongs to none of the families."""


@lru_cache(maxsize=1024)
def family(model: str) -> Family:
    """The family of a model, with or without a maker before the name (`openai/gpt-4o`)."""
    name = model.removeprefix("openai/")
    fits: Callable[[str], bool] = lambda pattern: fnmatchcase(name, pattern)  # noqa: E731  # a name reads better here
    return next((found for pattern, found in _FAMILIES if fits(pattern)), UNKNOWN)
