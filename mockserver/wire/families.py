"""What a family of models takes and how it words its refusals: limits that depend on a model's age and kind."""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Family:
    """A family of models.

    `context` and `output` are tokens, None where nobody said how many. `choices` is the most that `n` may be.
    `modern` families (o-series and gpt-5) have the newer rules and texts: an unknown key is an "Unknown parameter",
    `max_tokens` has given way to `max_completion_tokens`, messages need no content, and `parallel_tool_calls` needs no
    tools. `stops_when_named`: a call of the function that `tool_choice` names ends with `stop`. `system_role`: messages
    of that role are taken. `vocabulary`: how texts are cut into tokens.
    """

    context: int | None = None
    output: int | None = None
    choices: int = 128
    modern: bool = False
    stops_when_named: bool = False
    system_role: bool = True
    vocabulary: str = "o200k_base"


_OLDER = "cl100k_base"
_LIKE_GPT_4O = Family(128_000, 16_384, stops_when_named=True)
_REASONING = Family(200_000, 100_000, choices=8, modern=True)

# The first pattern that fits counts. Limits are those of the models' public descriptions.
_FAMILIES: tuple[tuple[str, Family], ...] = (
    ("gpt-5*", Family(400_000, 128_000, choices=8, modern=True)),
    ("o1-mini*", Family(128_000, 65_536, choices=8, modern=True, system_role=False)),
    ("o1-preview*", Family(128_000, 32_768, choices=8, modern=True, system_role=False)),
    ("o[134]*", _REASONING),
    ("gpt-4.1*", Family(1_047_576, 32_768)),
    ("gpt-4.5*", Family(128_000, 16_384)),
    ("gpt-4o-2024-05-13", Family(128_000, 4_096, stops_when_named=True)),
    ("gpt-4o*", _LIKE_GPT_4O),
    ("chatgpt-4o*", _LIKE_GPT_4O),
    ("gpt-4-turbo*", Family(128_000, 4_096, stops_when_named=True, vocabulary=_OLDER)),
    ("gpt-4-*preview", Family(128_000, 4_096, stops_when_named=True, vocabulary=_OLDER)),
    ("gpt-4", Family(8_192, 8_192, stops_when_named=True, vocabulary=_OLDER)),
    ("gpt-4-*", Family(8_192, 8_192, stops_when_named=True, vocabulary=_OLDER)),
    ("gpt-3.5*", Family(16_385, 4_096, stops_when_named=True, vocabulary=_OLDER)),
)
_ANY = Family()


@lru_cache(maxsize=1024)
def family(model: str) -> Family:
    """The family of a model, with or without a maker before the name (`openai/gpt-4o`)."""
    name = model.removeprefix("openai/")
    fits: Callable[[str], bool] = lambda pattern: fnmatchcase(name, pattern)  # noqa: E731  # a name reads better here
    return next((found for pattern, found in _FAMILIES if fits(pattern)), _ANY)
