"""Faults of arguments that break the schema: what is named, typed, counted or written in another way than asked."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mockserver.faults import robust
from mockserver.faults.arguments import Arguments, Values, breaking, breaking_if_possible, either
from mockserver.faults.fault import Promises
from mockserver.faults.register import Register
from mockserver.faults.sites import ABSENT, Site, is_of
from mockserver.faults.words import INVENTED_PARAMETERS, OTHER_CHOICES, OTHER_NAMES, SYNONYMS, WRONG_FORMATS

_OPEN = Promises(validates="open")

entry = Register(
    "args_schema",
    "reply",
    needs=("call", "schema"),
    promises=Promises(validates="broken"),
    robust=robust.VALIDATE,
)

# ------------------------------------------------------------------------------------------------ names of parameters


@entry(
    "unknown_param",
    "A parameter is added that the schema does not have.",
    source="ToolScan (arXiv 2411.13547), BFCL's checker (unexpected_param), CriticTool",
    robust=robust.VALIDATE + " Where the schema is open, drop the parameter and log it.",
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
            for other in _other_names(site.name):
                if other not in site.known and other not in site.holder:
                    yield _renamed(site, other)


@entry(
    "missing_required",
    "A parameter that is required is left out.",
    source="BFCL's checker (missing_required); API-Bank, 1.2 to 1.6 % of errors",
    robust=f"{robust.VALIDATE} {robust.ASK}",
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


# ------------------------------------------------------------------------------------------------ types


@entry(
    "number_as_string",
    "A number is given as text.",
    source="Llama-3.3-70B on Groq (sipeed/picoclaw#400), ollama/ollama-python#443",
    robust=robust.COERCE,
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
    robust=f"{robust.VALIDATE} Never convert it back: the digits are gone.",
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
    robust=robust.COERCE,
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
    robust=robust.COERCE,
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
    robust=f"{robust.COERCE} A single value may be wrapped into a list.",
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
    robust=robust.COERCE,
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
    robust=robust.COERCE,
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
        yield site.put({_other_names(site.name or "value")[0]: value})


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
    robust="Drop the null of an optional parameter. For a required one: " + robust.VALIDATE,
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


# ------------------------------------------------------------------------------------------------ choices and limits


@entry(
    "enum_violation",
    "A value is none of those that the enum allows.",
    source="reported of GPT-4o and Claude 3.5 (second-hand)",
    adapt=breaking("enum"),
)
def enum_violation(arguments: Arguments) -> Iterator[Values]:
    """A plausible stranger: `kelvin` beside celsius and fahrenheit."""
    for site, choices in _choices(arguments):
        others = [other for known, other in OTHER_CHOICES if known in choices]
        numbers = [max(choice for choice in choices if is_of(choice, "number")) + 1] if _numeric(choices) else []
        yield from (site.put(other) for other in (*others, *numbers, "other", "unknown", "default"))


@entry(
    "enum_wrong_case",
    "A value of the enum is written with other capitals.",
    source="known from experience",
    robust=f"{robust.VALIDATE} Fold the case only where that leaves one value.",
    adapt=breaking("enum of words"),
)
def enum_wrong_case(arguments: Arguments) -> Iterator[Values]:
    """The value that was meant, or one of the others."""
    for site, choices in _choices(arguments):
        meant = [site.value] if site.value in choices else choices
        for choice in meant:
            if isinstance(choice, str):
                yield from (site.put(form(choice)) for form in (str.title, str.upper, str.lower, str.swapcase))


@entry(
    "enum_synonym",
    "A word that means a value of the enum is given in its place.",
    source="known from experience",
    adapt=breaking("enum of words"),
)
def enum_synonym(arguments: Arguments) -> Iterator[Values]:
    """`C` or `metric` for `celsius`; an abbreviation where no synonym is known."""
    for site, choices in _choices(arguments):
        meant = [site.value] if site.value in choices else choices
        for choice in meant:
            if isinstance(choice, str):
                known = SYNONYMS.get(choice.casefold(), ())
                yield from (site.put(word) for word in (*known, choice[:3], choice[:1].upper(), f"{choice}s"))


@entry(
    "const_violation",
    "A value differs from the only one that the schema allows.",
    source="known from experience",
    adapt=breaking("const"),
)
def const_violation(arguments: Arguments) -> Iterator[Values]:
    """A near one."""
    for site in arguments.sites():
        if "const" in site.schema:
            yield from (site.put(other) for other in _near(site.schema["const"]))


@entry(
    "wrong_union_branch",
    "Branches of `anyOf` or `oneOf` are mixed, so that the value fits none of them.",
    source="known from experience",
    adapt=breaking("union"),
)
def wrong_union_branch(arguments: Arguments) -> Iterator[Values]:
    """Keys of one branch beside those of another; for plain values one that no branch allows."""
    for site in arguments.sites():
        branches = site.schema.get("anyOf") or site.schema.get("oneOf")
        if not branches:
            continue
        value = arguments.value_at(site)
        for branch in branches:
            other = arguments.another(replace(site, schema=branch if isinstance(branch, dict) else {}))
            if isinstance(value, dict) and isinstance(other, dict) and value.keys() != other.keys():
                yield site.put({**value, **{key: other[key] for key in other if key not in value}})
                common = {key: entry for key, entry in value.items() if key in other}
                yield site.put({**other, **common})
        plain: list[Any] = ["", -1, "other", 0.5, True, [], {}]
        yield from (site.put(one) for one in plain)


@entry(
    "out_of_range",
    "A number is below the minimum, above the maximum, or no multiple of what it should be.",
    source="API-Bank: invalid input parameters, 8 % of errors",
    adapt=breaking("number with limits"),
)
def out_of_range(arguments: Arguments) -> Iterator[Values]:
    """Just outside, or far."""
    steps = {"maximum": 1, "exclusiveMaximum": 1, "minimum": -1, "exclusiveMinimum": -1}
    for site in arguments.sites():
        limits = [(key, site.schema[key]) for key in steps if isinstance(site.schema.get(key), int | float)]
        arguments.context.chance.shuffle(limits)
        for key, limit in limits:
            yield from (site.put(limit + steps[key] * far) for far in (1, 23, 0))
        if isinstance(site.schema.get("multipleOf"), int | float) and is_of(arguments.value_at(site), "number"):
            value, multiple = arguments.value_at(site), site.schema["multipleOf"]
            yield from (site.put(value + multiple / part) for part in (2, 3) if multiple != 1 or part != 1)
            yield site.put(value + 1)


@entry(
    "length_violation",
    "A text is shorter or longer than allowed.",
    source="known from experience",
    adapt=breaking("text with a limited length"),
)
def length_violation(arguments: Arguments) -> Iterator[Values]:
    """One character off."""
    for site in arguments.sites():
        value = arguments.value_at(site) if {"minLength", "maxLength"} & site.schema.keys() else None
        if isinstance(value, str):
            least, most = site.schema.get("minLength", 0), site.schema.get("maxLength")
            if most is not None:
                yield site.put((value or "x") + "x" * (int(most) + 1 - len(value or "x")))
            if least:
                yield site.put(value[: int(least) - 1])


@entry(
    "items_violation",
    "A list has too few, too many or repeated entries.",
    source="known from experience",
    adapt=breaking("list with limits"),
)
def items_violation(arguments: Arguments) -> Iterator[Values]:
    """One entry off, or one twice."""
    for site in arguments.sites():
        value = arguments.value_at(site) if {"minItems", "maxItems", "uniqueItems"} & site.schema.keys() else None
        if isinstance(value, list):
            least, most = site.schema.get("minItems", 0), site.schema.get("maxItems")
            if least:
                yield site.put(value[: int(least) - 1])
            if value and most is not None:
                yield site.put((value * (int(most) + 1))[: int(most) + 1])
            if value and site.schema.get("uniqueItems") is True:
                yield site.put([*value, value[0]])


@entry(
    "format_violation",
    "A date, time, address or id is not written in the format that the schema names.",
    source="API-Bank names illegal date formats (second-hand)",
    adapt=breaking("format"),
)
def format_violation(arguments: Arguments) -> Iterator[Values]:
    """`tomorrow` or `03/04/25` for a date."""
    for site in arguments.sites():
        if isinstance(site.schema.get("format"), str):
            wrong = list(WRONG_FORMATS.get(site.schema["format"], ("not applicable",)))
            arguments.context.chance.shuffle(wrong)
            yield from (site.put(text) for text in wrong)


@entry(
    "pattern_violation",
    "A text does not match the pattern: a name is given for a code.",
    source="API-Bank: the company's name for its ticker (second-hand)",
    adapt=breaking("pattern"),
)
def pattern_violation(arguments: Arguments) -> Iterator[Values]:
    """Spelled out, in other capitals, with something around."""
    for site in arguments.sites():
        if isinstance(site.schema.get("pattern"), str):
            value = arguments.value_at(site)
            meant = value if isinstance(value, str) else "code"
            near = [meant.lower(), meant.upper(), f" {meant}", f"{meant} (?)", "Paris CDG", "n/a", "", meant[:-1]]
            yield from (site.put(text) for text in near)


# ------------------------------------------------------------------------------------------------ shared


def _invented(arguments: Arguments) -> list[tuple[str, Any]]:
    return arguments.context.chance.sample(INVENTED_PARAMETERS, len(INVENTED_PARAMETERS))


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


def _choices(arguments: Arguments) -> Iterator[tuple[Site, list[Any]]]:
    for site in arguments.sites():
        choices = site.schema.get("enum")
        if isinstance(choices, list) and choices:
            yield site, choices


def _numeric(choices: list[Any]) -> bool:
    return any(is_of(choice, "number") for choice in choices)


def _near(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [value + 1]
    if isinstance(value, str):
        return [f"{value}_v2", value.upper(), "other"]
    return ["other"]


def _properties(schema: Any) -> dict[str, Any]:
    found = schema.get("properties")
    return found if isinstance(found, dict) else {}


def _other_names(name: str) -> list[str]:
    words = name.replace("-", "_").split("_")
    camel = words[0] + "".join(word.title() for word in words[1:])
    known = OTHER_NAMES.get(name.casefold(), ())
    plural = name[:-1] if name.endswith("s") else f"{name}s"
    return [other for other in (*known, camel, f"{name}_value", plural) if other != name]


def _renamed(site: Site, other: str) -> Values:
    """The arguments with one key under another name, at the place where it stood."""
    return site.put_holder({other if key == site.name else key: value for key, value in site.holder.items()})
