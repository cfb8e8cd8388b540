"""What schemas and grammars ask for: made and valid within the bounds, refused with place and reason beyond them."""

from typing import Any

import jsonschema_rs
import pytest

from mockserver.simulate.bounds import TooMuch
from mockserver.simulate.grammar import sentence
from mockserver.simulate.invent import invent
from mockserver.simulate.schema_repair import well_formed

TEXT: dict[str, Any] = {"type": "string"}


def of(schema: dict[str, Any]) -> dict[str, Any]:
    """An object that requires a value of this schema."""
    return {"type": "object", "properties": {"a": schema}, "required": ["a"]}


def items(count: int, schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": count, "items": schema}


def nested(levels: int) -> dict[str, Any]:
    return of(nested(levels - 1)) if levels else TEXT


TREE = {"anyOf": [{"$ref": "#/$defs/pair"}, {"type": "integer"}]}
PAIR = {"type": "object", "properties": {"l": TREE, "r": TREE}, "required": ["l", "r"]}

PREFIX = {"prefixItems": [{"type": "integer"}, TEXT]}
MULTIPLYING = "".join(f"{one}: {two} {two} {two}\n" for one, two in zip("abcdefgh", "bcdefghi", strict=True))
WITHIN: dict[str, dict[str, Any]] = {
    "a long text": of({"type": "string", "minLength": 100_000}),
    "a pattern that counts far": of({"type": "string", "pattern": "^.{5000}$"}),
    "a pattern of a set length": of({"type": "string", "pattern": "^a+$", "minLength": 500, "maxLength": 500}),
    "many items": of(items(1000, TEXT)),
    "many different items": of({**items(300, TEXT), "uniqueItems": True}),
    "many properties": {"type": "object", "minProperties": 900},
    "many names of a pattern": {
        "type": "object",
        "minProperties": 500,
        "patternProperties": {"^[a-z]{1,3}$": {"type": "integer"}},
        "additionalProperties": False,
    },
    "a huge enum": of({"enum": [f"v{number}" for number in range(50_000)]}),
    "two huge enums": of({"allOf": [{"enum": [*range(20_000)]}, {"enum": [*range(19_000, 40_000)]}]}),
    "deep": nested(50),
    "a tree": {"type": "object", "properties": {"a": TREE}, "required": ["a"], "$defs": {"pair": PAIR}},
    "a step that is tiny": of({"type": "number", "multipleOf": 1e-300}),
    "a step of a whole number that is tiny": of({"type": "integer", "multipleOf": 1e-7, "minimum": 1e15}),
    "a step that is vast": of({"type": "integer", "multipleOf": 1e300}),
    "a step above the maximum": of({"type": "integer", "multipleOf": 300, "maximum": 50}),
    "a vast number": of({"type": "integer", "minimum": 10**400}),
    "null as the only value": of({"const": None}),
    "a reference by name": {**of({"$ref": "#here"}), "$defs": {"x": {"$anchor": "here", "type": "integer"}}},
    "a dynamic reference": {**of({"$dynamicRef": "#it"}), "$defs": {"x": {"$dynamicAnchor": "it", "const": 7}}},
    "unevaluated items": of({"type": "array", "allOf": [PREFIX], "minItems": 2, "unevaluatedItems": False}),
    "a not with words of its own": of({"type": "string", "not": {"description": "none", "enum": ["alpha"]}}),
    "properties of characters": of({"type": "string", "pattern": "^\\p{Lu}{2}\\p{N}{3}$"}),
}  # fmt: skip


@pytest.mark.parametrize("name", WITHIN)
def test_what_is_within_the_bounds_is_made_and_fits(name: str) -> None:
    schema = WITHIN[name]
    formed = well_formed(schema)

    assert jsonschema_rs.Draft202012Validator(schema).is_valid(invent(formed, formed, "0"))


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        (
            of({"type": "string", "minLength": 1_000_000}),
            "$.a: `minLength`: it asks for 1000000 characters, and at most",
        ),
        (
            of({"type": "string", "pattern": "^(a{999}){999}$"}),
            "$.a: `pattern`: it asks for at least 998001 characters",
        ),
        (of(items(1_000_000, TEXT)), "$.a: `minItems`: it asks for 1000000 items, and at most 1000 are made up"),
        ({"type": "object", "minProperties": 10**9}, "$: `minProperties`: it asks for 1000000000 properties"),
        (of(items(200, items(200, items(200, TEXT)))), "with it the schema asks for more than 10000 values"),
        (of(items(1000, {"const": "x" * 100_000})), "$.a[9]: with it the schema asks for more than 10000 values"),
    ],
)
def test_what_is_beyond_the_bounds_is_refused_with_its_place(schema: dict[str, Any], told: str) -> None:
    with pytest.raises(TooMuch) as error:
        invent(schema, schema, "0")

    assert told in str(error.value)


@pytest.mark.parametrize(
    "grammar",
    [
        'start: A~1000000000\nA: "a"',
        f'start: {"a " * 40}\n{MULTIPLYING}i: "x"',
        f'start: "{"x" * 200_000}"',
    ],
    ids=["a count", "rules that multiply", "a long grammar"],
)
def test_a_grammar_without_a_short_sentence_is_refused(grammar: str) -> None:
    with pytest.raises(TooMuch, match="`definition`"):
        sentence(grammar, "0")


def test_a_grammar_with_a_way_out_deep_down_has_a_sentence() -> None:
    grammar = 'start: a\na: "(" a ")" a | b a | b\nb: c\nc: "[" a "]" | d\nd: "x"'

    assert all(sentence(grammar, str(seed)) for seed in range(20))
