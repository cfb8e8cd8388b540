"""Argument faults against the schema: values of a wrong type, null, or empty."""

import json
from collections.abc import Iterator
from typing import Any

from mockserver.faults import advice
from mockserver.faults.argument_values import Arguments, Values, breaking, breaking_if_possible, either
from mockserver.faults.fault import Promises
from mockserver.faults.locations import ABSENT, Site, is_of
from mockserver.faults.register import Register
from mockserver.faults.vocabulary import other_names

_OPEN = Promises(validates="open")

entry = Register(
    "args_schema",
    "reply",
    needs=("call", "schema"),
    promises=Promises(validates="broken"),
    robust=advice.VALIDATE,
)


@entry(
    "number_as_string",
    "A number is given as text.",
    source="Llama-3.3-70B on Groq (sipeed/picoclaw#400), ollama/ollama-python#443",
    robust=advice.COERCE,
    adapt=breaking("number"),
)
def number_as_string(arguments: Arguments) -> Iterator[Values]:
    """`"3"` for `3`."""
    for site, value in _values(arguments, "number"):
        if is_of(value, "number"):
            yield site.put(json.dumps(value))


@entry(
    "string_as_number",
    "A number is given for a text, so that leading zeros and digits beyond the 15th are lost.",
    source="llama3.1:8b with a 20-digit id (langchain-ai/langchain#30145)",
    robust=f"{advice.VALIDATE} Never convert it back: the digits are gone.",
    adapt=breaking("text"),
)
def string_as_number(arguments: Arguments) -> Iterator[Values]:
    """`75001` for `"Paris"`."""
    for site, value in _values(arguments, "string"):
        if isinstance(value, str):
            digits = "".join(mark for mark in value if mark.isdecimal())
            yield site.put(int(digits[:15]) if digits else arguments.context.chance.randint(10_000, 99_999))


@entry(
    "boolean_as_string",
    'A boolean is given as text: `"true"`, `"yes"`, or as the number 1.',
    source="known from experience",
    robust=advice.COERCE,
    adapt=breaking("boolean"),
)
def boolean_as_string(arguments: Arguments) -> Iterator[Values]:
    """In one of the usual spellings."""
    for site, value in _values(arguments, "boolean"):
        if isinstance(value, bool):
            spellings: list[Any] = ["true", "True", "yes", 1] if value else ["false", "False", "no", 0]
            arguments.context.chance.shuffle(spellings)
            yield from (site.put(spelling) for spelling in spellings)


@entry(
    "float_for_integer",
    "A number with a fraction is given for a whole one.",
    source="known from experience",
    robust=advice.COERCE,
    adapt=breaking("whole number"),
)
def float_for_integer(arguments: Arguments) -> Iterator[Values]:
    """`3.5` for `3`; `3.0` would be valid."""
    for site, value in _values(arguments, "integer"):
        if is_of(value, "integer"):
            yield site.put(value + 0.5)


@entry(
    "scalar_for_array",
    "One value is given where a list is wanted.",
    source="llama-3.1-8b on Groq (HunorLaczko/ha-groq-cloud-api#20)",
    robust=f"{advice.COERCE} A single value may be wrapped into a list.",
    adapt=breaking("list"),
)
def scalar_for_array(arguments: Arguments) -> Iterator[Values]:
    """The first entry by itself."""
    for site, value in _values(arguments, "array"):
        if isinstance(value, list) and value:
            yield site.put(value[0])


@entry(
    "array_as_string",
    "A list is given as text: JSON, or its entries with commas between them.",
    source="models served by vLLM and LiteLLM (earendil-works/pi#9931)",
    robust=advice.COERCE,
    adapt=breaking("list"),
)
def array_as_string(arguments: Arguments) -> Iterator[Values]:
    """As JSON text or joined by commas."""
    for site, value in _values(arguments, "array"):
        if isinstance(value, list):
            texts = [json.dumps(value, ensure_ascii=False), ", ".join(str(entry) for entry in value)]
            arguments.context.chance.shuffle(texts)
            yield from (site.put(text) for text in texts)


@entry(
    "object_as_string",
    "A nested object is given as JSON text.",
    source="Kimi (MoonshotAI/kimi-cli#2513), agents on MCP servers (pocketpaw/pocketpaw#1636)",
    robust=advice.COERCE,
    adapt=breaking("object below the top level"),
)
def object_as_string(arguments: Arguments) -> Iterator[Values]:
    """Encoded twice."""
    for site, value in _values(arguments, "object"):
        if isinstance(value, dict):
            yield site.put(json.dumps(value, ensure_ascii=False))


@entry(
    "array_for_scalar",
    "A single value is wrapped into a list.",
    source="Mistral-7B (openai/openai-agents-python#227)",
    adapt=breaking("single value"),
)
def array_for_scalar(arguments: Arguments) -> Iterator[Values]:
    """A list of one."""
    yield from (site.put([value]) for site, value in _scalars(arguments))


@entry(
    "object_for_scalar",
    "A single value is wrapped into an object.",
    source="Mistral-7B (openai/openai-agents-python#227)",
    adapt=breaking("single value"),
)
def object_for_scalar(arguments: Arguments) -> Iterator[Values]:
    """Under a name of its own."""
    for site, value in _scalars(arguments):
        yield site.put({other_names(site.name or "value")[0]: value})


@entry(
    "schema_echo",
    "The schema of a parameter is given in place of its value.",
    source="small local models, known from experience",
    adapt=breaking("parameter"),
)
def schema_echo(arguments: Arguments) -> Iterator[Values]:
    """Type, description and choices, as the application wrote them."""
    for site in arguments.sites():
        shown = {key: site.schema[key] for key in ("type", "description", "enum", "format") if key in site.schema}
        yield site.put(shown or {"type": "string"})


@entry(
    "null_not_nullable",
    "A value is null where null is not allowed.",
    source=(
        "Llama and Kimi on Groq (vierisid/jarvis#199), gpt-4o (microsoft/autogen#4997), livekit/agents#4051, "
        "BasedHardware/omi#13973"
    ),
    robust="Drop the null of an optional parameter. For a required one: " + advice.VALIDATE,
    adapt=breaking("parameter that may not be null"),
)
def null_not_nullable(arguments: Arguments) -> Iterator[Values]:
    """Given ones first, then those left out."""
    yield from (site.put(None) for site in arguments.sites())


@entry(
    "null_as_text",
    'Nothing is given as a word: `"null"`, `"None"`, `"undefined"` or `"N/A"`.',
    source="known from experience",
    promises=_OPEN,
    adapt=breaking_if_possible("parameter that could hold a text"),
)
def null_as_text(arguments: Arguments) -> Iterator[Values]:
    """In optional parameters rather than in required ones."""
    words = ["null", "None", "undefined", "N/A"]
    arguments.context.chance.shuffle(words)
    for site in sorted(arguments.sites(), key=lambda site: site.required):
        yield from (site.put(word) for word in words)


@entry(
    "all_optionals_filled",
    'Every optional parameter is given, with "", 0, false, null or nothing in it.',
    source="models hosted by Groq (vierisid/jarvis#199)",
    promises=_OPEN,
    adapt=either("optional parameter that was left out"),
)
def all_optionals_filled(arguments: Arguments) -> Iterator[Values]:
    """At the top level."""
    empty = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}
    left_out = [site for site in arguments.sites() if site.value is ABSENT and len(site.path) == 1]
    filled = {site.name: empty.get((site.types or ("string",))[0]) for site in left_out if not site.required}
    yield {**arguments.values, **filled}


def _values(arguments: Arguments, kind: str) -> Iterator[tuple[Site, Any]]:
    """The places whose value is, or would be, of a type."""
    for site in arguments.sites():
        if site.value is ABSENT and not (site.types and site.allows(kind)):
            continue
        value = arguments.value_at(site)
        if is_of(value, kind):
            yield site, value


def _scalars(arguments: Arguments) -> Iterator[tuple[Site, Any]]:
    for site in arguments.sites():
        if site.value is not ABSENT or not {"object", "array"} & set(site.types):
            value = arguments.value_at(site)
            if not isinstance(value, dict | list):
                yield site, value
