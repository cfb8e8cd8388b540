"""Tool model: an offered tool, read once: words that tell its purpose, parameters, the validator of its calls."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from mockserver.chat import Tool, ToolCall
from mockserver.simulate.bounds import TooMuch
from mockserver.simulate.effects import LOOKING, Effect, effect_of, looks
from mockserver.simulate.mini_schema import compiles, judge
from mockserver.simulate.roles import role_of
from mockserver.simulate.schema_repair import parameters_schema, resolve, types_of
from mockserver.simulate.stemming import content_stems, identifier_words, is_generic, stem

_DEEPEST = 3
_EXAMPLES = re.compile(
    r"(?:e\.g\.?,?|for example,?|such as|i\.e\.?|examples?:|like)\s*:?\s*([^.;()]*(?:\.\w[^.;()]*)*)", re.IGNORECASE
)
_LISTED = re.compile(r"['\"\u2018“`]([^'\"\u2019”`]{1,40})['\"\u2019”`]")
_CHOICES = re.compile(
    r"(?:one of|options?(?: are| include)?|values?(?: are| include)?|either|can be|choices?(?: are)?|\()\s*:?",
    re.IGNORECASE,
)
_INPUT = "input"
_GENERAL_SOURCES = frozenset(
    stem(word)
    for word in """web internet online google bing duckduckgo tavily serp wikipedia wiki knowledge handbook document
    documents docs documentation passage corpus faq manual retriever retrieve rag article policy encyclopedia vector
    embedding page website""".split()
)


@dataclass(frozen=True, slots=True)
class ToolParameter:
    """A value that a tool takes: where it goes in the arguments, what it stands for, what it may be."""

    path: tuple[str, ...]
    schema: Mapping[str, Any] = field(hash=False, compare=False)
    required: bool
    role: str
    kind: str
    words: frozenset[str]
    hints: frozenset[str]
    choices: tuple[Any, ...] = field(hash=False, compare=False)
    many: bool
    fits: Callable[[Any], bool] = field(hash=False, compare=False)

    @property
    def name(self) -> str:
        """The parameter's own name."""
        return self.path[-1]

    @property
    def description(self) -> str:
        """What the application says about it."""
        return str(self.schema.get("description", ""))


@dataclass(frozen=True, slots=True, eq=False)
class OfferedTool:
    """What an offered tool can do, in words and parameters; `fixed` are values that stand in every call."""

    name: str
    description: str
    schema: dict[str, Any]
    parameters: tuple[ToolParameter, ...]
    name_words: tuple[str, ...]
    about: frozenset[str]
    fits: Callable[[Any], bool]
    effect: Effect
    fixed: Mapping[tuple[str, ...], Any] = field(default_factory=dict)

    @property
    def required(self) -> tuple[ToolParameter, ...]:
        """The parameters that a call must have."""
        return tuple(parameter for parameter in self.parameters if parameter.required)

    @property
    def is_general_search(self) -> bool:
        """Whether it answers questions of any topic out of the web, documents or a knowledge base."""
        takes = any(one.role == "query" and one.kind in ("string", "") for one in self.parameters)
        return takes and self.effect.kind == "looks" and bool(_GENERAL_SOURCES & {*self.name_words, *self.about})


def skill(tool: Tool) -> OfferedTool:
    """The skill that a tool offers, read once for each distinct tool."""
    return _skill(tool.name, tool.description or "", json.dumps(tool.parameters, default=str), tool.strict is True)


@lru_cache(maxsize=256)
def looking_only(skill: OfferedTool) -> OfferedTool | None:
    """An acting tool as one that looks, when it takes what to do by name, as `command: view` of an editor does."""
    for parameter in skill.required:
        named = [value for value in parameter.choices if isinstance(value, str) and _is_look(value)]
        if named and len(named) < len(parameter.choices):
            others = tuple(one for one in skill.required if one is not parameter)
            words = (*skill.name_words, *map(stem, identifier_words(named[0])))
            fixed = {**skill.fixed, parameter.path: named[0]}
            return replace(skill, parameters=others, name_words=words, effect=LOOKING, fixed=fixed)
    return None


def _is_look(value: str) -> bool:
    words = [stem(word) for word in identifier_words(value)]
    return bool(words) and looks(words[0])


def needs(skill: OfferedTool) -> tuple[tuple[str, ...], ...]:
    """The parameters that have to be filled; where none is required, the first counts as needed."""
    return tuple(item.path for item in skill.required) or tuple(item.path for item in skill.parameters[:1])


@lru_cache(maxsize=512)
def _skill(name: str, description: str, parameters: str, strict: bool) -> OfferedTool:
    given = json.loads(parameters)
    schema = parameters_schema(given)
    if strict and "properties" in schema and "required" not in schema:
        schema["required"] = list(schema["properties"])
    judged = given if isinstance(given, dict) and compiles(given) else schema
    name_words = tuple(dict.fromkeys(stem(word) for word in identifier_words(name) if not word.isdigit()))
    found = tuple(_parameters(schema, schema, (), True, f"{name} {description}"))
    return OfferedTool(
        name=name,
        description=description,
        schema=schema,
        parameters=found,
        name_words=tuple(word for word in name_words if len(word) > 1) or name_words,
        about=frozenset(content_stems(description)),
        fits=judge(judged),
        effect=effect_of(name, description, [(one.name, "" if one.choices else one.role, one.kind) for one in found]),
    )


def _parameters(
    schema: Mapping[str, Any], root: dict[str, Any], path: tuple[str, ...], needed: bool, owner: str
) -> Iterator[ToolParameter]:
    for given in (schema, *(item for item in schema.get("allOf", ()) if isinstance(item, dict))):
        part = resolve(dict(given), root)
        if not isinstance(part, dict):
            continue
        required = {*schema.get("required", ()), *part.get("required", ())}
        if given is not schema and "allOf" in part and len(path) >= _DEEPEST:
            continue
        for name, below in part.get("properties", {}).items():
            yield from _parameter(resolve(below, root), root, (*path, name), needed and name in required, owner)


def _parameter(
    schema: Any, root: dict[str, Any], path: tuple[str, ...], required: bool, owner: str
) -> Iterator[ToolParameter]:
    schema = _plainest(schema, root) if isinstance(schema, dict) else {}
    kinds = types_of(schema)
    if kinds[:1] == ("object",) and schema.get("properties") and len(path) < _DEEPEST:
        yield from _parameters(schema, root, path, required, owner)
        return
    item = schema
    many = kinds[:1] == ("array",)
    if many:
        item = resolve(schema.get("items", {}), root)
        item = _plainest(item, root) if isinstance(item, dict) else {}
    description = str(schema.get("description", "")) + " " + str(item.get("description", "") if many else "")
    choices = item.get("enum") or ([item["const"]] if "const" in item else ())
    yield ToolParameter(
        path=path,
        schema=schema,
        required=required,
        role=role_of(path[-1], description, item, owner),
        kind=(types_of(item) or ("string" if not choices else "",))[0],
        words=frozenset(stem(word) for word in identifier_words(path[-1])),
        hints=frozenset(word for word in content_stems(description) if not is_generic(word)),
        choices=tuple(choices) or (_described_choices(description) if types_of(item)[:1] in ((), ("string",)) else ()),
        many=many,
        fits=judge(schema, root),
    )


def _plainest(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """A schema with the first branch of a choice that is not null taken, as optional values are often written."""
    for key in ("anyOf", "oneOf"):
        for option in schema.get(key, ()):
            branch = resolve(option, root)
            if isinstance(branch, dict) and branch.get("type") != "null":
                beside = {name: value for name, value in schema.items() if name != key}
                return {**branch, **beside}
    return schema


def _described_choices(description: str) -> tuple[str, ...]:
    """Values that a description lists in quotes, as `Can be 'asc' or 'desc'`."""
    listed = _LISTED.findall(description)
    return tuple(listed) if len(listed) > 1 and _CHOICES.search(description) else ()


def examples_in(description: str) -> tuple[str, ...]:
    """The example values that a description gives, as in `The city, e.g. Oslo`."""
    found = _EXAMPLES.search(description)
    if not found:
        return ()
    quoted = _LISTED.findall(description[found.start() :])
    return tuple(quoted) or (found.group(1).strip(" '\""),)


def as_function(tool: Tool) -> Tool:
    """A tool as a function; a custom one takes one text, which its format may bind to a pattern."""
    if tool.kind == "function":
        return tool
    text: dict[str, str] = {"type": "string", "description": tool.description}
    if tool.format is not None and tool.format.get("syntax") == "regex":
        text["pattern"] = f"^(?:{tool.format.get('definition')})$"
    schema = {"type": "object", "properties": {_INPUT: text}, "required": [_INPUT]}
    return Tool(tool.name, tool.description, schema)


def as_custom(call: ToolCall, tool: Tool, seed: str) -> ToolCall:
    """A call of such a function as the call of the custom tool that it stands for; a grammar decides on the text.

    Raises:
        TooMuch: the grammar, or its shortest sentence, is longer than is made up.
    """
    said = str(json.loads(call.arguments).get(_INPUT, ""))
    if tool.format is not None and tool.format.get("syntax") == "lark":
        from mockserver.simulate.grammar import sentence  # few tools have a grammar, and a start need not wait for it

        try:
            said = sentence(str(tool.format.get("definition")), seed)
        except TooMuch as error:
            raise error.of(f"the tool '{tool.name}'") from None
    return replace(call, arguments=said, kind="custom", verbatim=True)
