"""The models that answer here: their list, what each of them can do, and the dated snapshot that an alias stands for.

`models.txt` has a model a line: its id, `-functions` for one that does not call functions, and `=NAME` for each other
name that it goes by. Listed are the models that AI/ML API's function-calling page names in any of its versions, the
text models in the menu of that page, and OpenAI's own. Which call functions: those that the page lists, and OpenAI's
but for those whose descriptions say that they do not (o1-mini, o1-preview, the search previews). A text model that the
menu has and the list leaves out does not. Of a model that nobody knows it is believed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

_CREATED = 1_715_367_049

SNAPSHOTS = {
    "chatgpt-4o-latest": "chatgpt-4o-latest",
    "gpt-3.5-turbo": "gpt-3.5-turbo-0125",
    "gpt-4": "gpt-4-0613",
    "gpt-4-turbo": "gpt-4-turbo-2024-04-09",
    "gpt-4o": "gpt-4o-2024-08-06",
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "gpt-4.1": "gpt-4.1-2025-04-14",
    "gpt-4.1-mini": "gpt-4.1-mini-2025-04-14",
    "gpt-4.1-nano": "gpt-4.1-nano-2025-04-14",
    "gpt-5": "gpt-5-2025-08-07",
    "gpt-5-mini": "gpt-5-mini-2025-08-07",
    "gpt-5-nano": "gpt-5-nano-2025-08-07",
    "o1": "o1-2024-12-17",
    "o3": "o3-2025-04-16",
    "o3-mini": "o3-mini-2025-01-31",
    "o4-mini": "o4-mini-2025-04-16",
}
"""The dated name under which an alias answers; any other name stays as it is."""

_OWNERS = {
    "claude": "anthropic",
    "gpt": "openai",
    "chatgpt": "openai",
    "o1": "openai",
    "o3": "openai",
    "o4": "openai",
    "gemini": "google",
    "deepseek": "deepseek",
    "qwen": "alibaba",
    "minimax": "minimax",
    "abab": "minimax",
}


class Model(NamedTuple):
    """A line of the list."""

    id: str
    calls_functions: bool
    aliases: tuple[str, ...]


@cache
def catalogue() -> Mapping[str, Model]:
    """All models, by each name that they go by: their ids first, then their aliases.

    An id with a maker before it (`google/gemma-3-4b-it`) is known without it, too.
    """
    lines = [line.split() for line in Path(__file__).with_name("models.txt").read_text(encoding="utf-8").splitlines()]
    ids = {words[0] for words in lines}
    models: dict[str, Model] = {}
    aliases: dict[str, Model] = {}
    for name, *words in lines:
        others = [word[1:] for word in words if word.startswith("=")]
        bare = name.rpartition("/")[2]
        if bare not in ids and bare not in aliases:
            others.append(bare)
        models[name] = Model(name, "-functions" not in words, tuple(others))
        aliases |= dict.fromkeys(others, models[name])
    return {**models, **aliases}


def calls_functions(model: str) -> bool:
    """Whether a model calls functions."""
    known = catalogue().get(model)
    return known is None or known.calls_functions


@cache
def entries() -> tuple[dict[str, Any], ...]:
    """Every model as `GET /models` lists it, all of AI/ML API's sections included."""
    return tuple(_entry(model) for name, model in catalogue().items() if name == model.id)


def model_list(shown: Iterable[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """The body of `GET /models`: these entries, or all of them."""
    return {"object": "list", "data": [*(entries() if shown is None else shown)]}


def describe(name: str) -> dict[str, Any]:
    """The body of `GET /models/{id}`, for an id or an alias.

    Raises:
        KeyError: nobody knows that model.
    """
    return _entry(catalogue()[name])


def _entry(model: Model) -> dict[str, Any]:
    """The keys of OpenAI's list and those of AI/ML API's together, and a plain flag for calling functions."""
    limits = family(model.id)
    maker = owner(model.id)
    return {
        "id": model.id,
        "object": "model",
        "created": _CREATED,
        "owned_by": maker,
        "aliases": list(model.aliases),
        "type": "openai/chat-completions",
        "info": {
            "name": model.id.rpartition("/")[2],
            "developer": maker,
            "description": f"A mock of {model.id}: it answers what was scripted, or what is likely.",
            "contextLength": limits.context,
            "outputMax": limits.output,
            "url": "https://aimlapi.com/models",
            "docsUrl": "https://docs.aimlapi.com",
        },
        "tags": ["chat"],
        "function_calling": model.calls_functions,
        "capabilities": ["chat", "streaming", *(["function_calling"] if model.calls_functions else [])],
    }


def owner(model: str) -> str:
    """Who made a model, as far as its name tells."""
    maker, slash, _ = model.partition("/")
    if slash:
        return maker.lower()
    return next((owner for prefix, owner in _OWNERS.items() if model.lower().startswith(prefix)), "mock")


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
    that role are taken. `vocabulary`: how texts are cut into tokens. `functions`: tools may be offered.
    `effort`: the default effort of a model that reasons, None for one that does not. `stop`, `parallel_tool_calls`:
    these parameters are taken while it reasons. `tools_with_effort`: function tools are taken beside an effort.
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
    functions: bool = True
    effort: str | None = None
    stop: bool = True
    parallel_tool_calls: bool = True
    tools_with_effort: bool = True


_OLDER = "cl100k_base"
_DESCRIPTION = 1024

_gpt_4_1 = partial(Family, older=True, foreign_keys=False)
# Refusals of longer descriptions were reported for these up to April 2025 (BerriAI/litellm#4735, rusiaaman/wcgw#51,
# getsentry/sentry-mcp#106). gpt-4.1 took 36,000 characters in May 2025 (run-llama/llama_index#18784), gpt-5 took them
# in August (OpenHands/OpenHands#10184).
_gpt_4o = partial(_gpt_4_1, description=_DESCRIPTION, stops_when_named=True)
_gpt_4 = partial(_gpt_4o, vocabulary=_OLDER)
_gpt_5_chat = partial(Family, choices=8, max_tokens=False, foreign_keys=False)
_gpt_5 = partial(_gpt_5_chat, effort="medium", stop=False)
_o_series = partial(_gpt_5, parallel_tool_calls=False)

# The first pattern that fits counts. Limits are those of the models' public descriptions.
_FAMILIES: tuple[tuple[str, Family], ...] = (
    ("gpt-5-chat*", _gpt_5_chat(400_000, 128_000)),
    ("gpt-5.[0-9]-chat*", _gpt_5(400_000, 128_000)),
    ("gpt-5.[123]*", _gpt_5(400_000, 128_000, effort="none")),
    ("gpt-5.4*", _gpt_5(400_000, 128_000, effort="none", tools_with_effort=False)),
    ("gpt-5.*", _gpt_5(400_000, 128_000, tools_with_effort=False)),
    ("gpt-5*", _gpt_5(400_000, 128_000)),
    ("o1-mini*", _o_series(128_000, 65_536, system_role=False)),
    ("o1-preview*", _o_series(128_000, 32_768, system_role=False)),
    ("o1*", _o_series(200_000, 100_000, stop=True)),
    ("o3-mini*", _o_series(200_000, 100_000, stop=True)),
    ("o[134]*", _o_series(200_000, 100_000)),
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
    found = next((family for pattern, family in _FAMILIES if fits(pattern)), UNKNOWN)
    return found if calls_functions(model) else replace(found, functions=False)
