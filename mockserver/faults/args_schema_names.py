"""Argument faults against the schema: parameters added, missing, renamed, or at another level."""

from collections.abc import Iterator
from typing import Any

from mockserver.faults import advice
from mockserver.faults.argument_values import Arguments, Values, breaking, breaking_if_possible, either
from mockserver.faults.fault import Promises
from mockserver.faults.locations import ABSENT, Site
from mockserver.faults.register import Register
from mockserver.faults.vocabulary import INVENTED_PARAMETERS, other_names

_OPEN = Promises(validates="open")

entry = Register(
    "args_schema",
    "reply",
    needs=("call", "schema"),
    promises=Promises(validates="broken"),
    robust=advice.VALIDATE,
)


@entry(
    "unknown_param",
    "A parameter is added that the schema does not have.",
    source="ToolScan (arXiv 2411.13547), BFCL's checker (unexpected_param), CriticTool",
    robust=advice.VALIDATE + " Where the schema is open, drop the parameter and log it.",
    promises=_OPEN,
    adapt=either("room for another parameter"),
)
def unknown_param(arguments: Arguments) -> Iterator[Values]:
    """At the top level, whether the schema is closed or not."""
    for name, value in _invented(arguments):
        if name not in arguments.values and name not in _properties(arguments.schema):
            yield {**arguments.values, name: value}


@entry(
    "misnamed_param",
    "A parameter that the schema knows is given under another name.",
    source="HammerBench (a main cause of failure); `path` for `directory` reported of Gemini and Claude",
    promises=_OPEN,
    adapt=breaking_if_possible("parameter that is given"),
)
def misnamed_param(arguments: Arguments) -> Iterator[Values]:
    """At any level."""
    for site in arguments.given():
        if site.name in site.known:
            for other in other_names(site.name):
                if other not in site.known and other not in site.holder:
                    yield _renamed(site, other)


@entry(
    "missing_required",
    "A parameter that is required is left out.",
    source="BFCL's checker (missing_required); API-Bank, 1.2 to 1.6 % of errors",
    robust=f"{advice.VALIDATE} {advice.ASK}",
    adapt=breaking("required parameter that is given"),
)
def missing_required(arguments: Arguments) -> Iterator[Values]:
    """At the top level."""
    for site in arguments.sites():
        if site.required and site.value is not ABSENT and len(site.path) == 1:
            yield site.drop()


@entry(
    "empty_object",
    "The arguments are `{}` though something is required.",
    source="GPT-5.x in wrapper calls (craft-ai-agents/craft-agents-oss#449)",
    adapt=breaking("required parameter"),
)
def empty_object(arguments: Arguments) -> Iterator[Values]:
    """All at once."""
    yield {}


@entry(
    "missing_nested_required",
    "A required property is left out one or more levels down.",
    source="known from experience",
    adapt=breaking("required property below the top level"),
)
def missing_nested_required(arguments: Arguments) -> Iterator[Values]:
    """Below the top level."""
    for site in arguments.sites():
        if site.required and site.value is not ABSENT and len(site.path) > 1:
            yield site.drop()


@entry(
    "unknown_nested_param",
    "A property that the schema does not have is added one or more levels down.",
    source="known from experience",
    promises=_OPEN,
    adapt=breaking_if_possible("object below the top level"),
)
def unknown_nested_param(arguments: Arguments) -> Iterator[Values]:
    """Below the top level."""
    for site in arguments.sites():
        if isinstance(site.value, dict):
            for name, value in _invented(arguments):
                if name not in site.value and name not in _properties(site.schema):
                    yield site.put({**site.value, name: value})


@entry(
    "additional_false_violation",
    "A parameter is added to an object that is closed by `additionalProperties: false`, as in strict tools.",
    source="a report in OpenAI's community (1104630) that strict schemas are not always kept",
    adapt=breaking("object closed by `additionalProperties: false`"),
)
def additional_false_violation(arguments: Arguments) -> Iterator[Values]:
    """At any level."""
    for name, value in _invented(arguments):
        if name not in arguments.values and arguments.schema.get("additionalProperties") is False:
            yield {**arguments.values, name: value}
    for site in arguments.sites():
        if isinstance(site.value, dict) and site.schema.get("additionalProperties") is False:
            for name, value in _invented(arguments):
                yield site.put({**site.value, name: value})


@entry(
    "wrapped_arguments",
    "All arguments are wrapped into one more level: `arguments`, `parameters`, `input` or the tool's name.",
    source="DeepSeek on SGLang (sgl-project/sglang#40236)",
    promises=_OPEN,
    adapt=breaking_if_possible("argument to wrap"),
)
def wrapped_arguments(arguments: Arguments) -> Iterator[Values]:
    """All at once."""
    wrappers = ["arguments", "parameters", "input", arguments.tool.name]
    arguments.context.chance.shuffle(wrappers)
    for wrapper in wrappers:
        yield {wrapper: arguments.values}


@entry(
    "flattened_nested",
    "The properties of a nested object are lifted one level up, with a dotted key or under their own names.",
    source="known from experience",
    promises=_OPEN,
    adapt=breaking_if_possible("object below the top level"),
)
def flattened_nested(arguments: Arguments) -> Iterator[Values]:
    """One nested object."""
    for site in arguments.sites():
        if isinstance(site.value, dict) and site.value and site.name:
            rest = {key: value for key, value in site.holder.items() if key != site.name}
            dotted = {f"{site.name}.{key}": value for key, value in site.value.items()}
            yield from (site.put_holder({**rest, **lifted}) for lifted in (dotted, site.value))


def _invented(arguments: Arguments) -> list[tuple[str, Any]]:
    return arguments.context.chance.sample(INVENTED_PARAMETERS, len(INVENTED_PARAMETERS))


def _properties(schema: Any) -> dict[str, Any]:
    found = schema.get("properties")
    return found if isinstance(found, dict) else {}


def _renamed(site: Site, other: str) -> Values:
    """The arguments with one key under another name, at the place where it stood."""
    return site.put_holder({other if key == site.name else key: value for key, value in site.holder.items()})
