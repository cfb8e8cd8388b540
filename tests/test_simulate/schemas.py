"""Schemas of tools of many kinds: realistic ones, ones that are hard to satisfy, and ones that no standard knows."""

from typing import Any

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
NUMBER = {"type": "number"}


def taking(_required: list[str] | None = None, **properties: Any) -> dict[str, Any]:
    required = list(properties) if _required is None else _required
    return {"type": "object", "properties": properties, "required": required}


NODE = {"type": "object", "properties": {"value": WHOLE, "next": {"$ref": "#/$defs/node"}}, "required": ["value"]}
TREE = {
    "type": "object",
    "properties": {"name": TEXT, "children": {"type": "array", "items": {"$ref": "#/$defs/tree"}}},
    "required": ["name", "children"],
}

SCHEMAS: dict[str, Any] = {
    "weather": taking(["location"], location=TEXT, unit={"type": "string", "enum": ["celsius", "fahrenheit"]}),
    "email": taking(to={"type": "string", "format": "email"}, subject=TEXT, body=TEXT),
    "customers": taking(min_revenue=WHOLE, created_before=TEXT, limit=WHOLE),
    "no parameters": {"type": "object", "properties": {}},
    "closed and empty": {"type": "object", "properties": {}, "additionalProperties": False},
    "formats": taking(
        day={"type": "string", "format": "date"},
        at={"type": "string", "format": "date-time"},
        clock={"type": "string", "format": "time"},
        link={"type": "string", "format": "uri"},
        key={"type": "string", "format": "uuid"},
        address={"type": "string", "format": "ipv4"},
        address6={"type": "string", "format": "ipv6"},
        host={"type": "string", "format": "hostname"},
        span={"type": "string", "format": "duration"},
    ),
    "plate": taking(plate={"type": "string", "pattern": "^[A-Z]{2}-\\d{3}-[A-Z]{2}$"}),
    "alternatives in a pattern": taking(code={"type": "string", "pattern": "^(?:red|green)-(?:[0-9]|1[0-9])$"}),
    "unanchored pattern with length": taking(
        key={"type": "string", "pattern": "x\\d", "minLength": 8, "maxLength": 12}
    ),
    "back-reference": taking(pair={"type": "string", "pattern": "^([a-z])\\1$"}),
    "look-ahead": taking(password={"type": "string", "pattern": "^(?=.*\\d)[a-z0-9]{8}$"}),
    "exclusive limits": taking(share={"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}),
    "narrow integers": taking(n={"type": "integer", "exclusiveMinimum": 4, "exclusiveMaximum": 6}),
    "multiples": taking(n={"type": "integer", "multipleOf": 7, "minimum": 50, "maximum": 60}),
    "cents": taking(price={"type": "number", "multipleOf": 0.05, "minimum": 0.1, "maximum": 0.9}),
    "negative": taking(temperature={"type": "integer", "maximum": -10}),
    "lengths": taking(short={"type": "string", "maxLength": 3}, long={"type": "string", "minLength": 200}),
    "const": taking(version={"const": "v1"}, body=TEXT),
    "mixed enum": taking(level={"enum": [1, "two", None, False]}),
    "type list": taking(value={"type": ["string", "null"]}, other={"type": ["null", "integer"]}),
    "unique items": taking(
        tags={"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True}
    ),
    "array limits": taking(
        scores={"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 2, "maxItems": 3}
    ),
    "prefix items": taking(
        point={"type": "array", "prefixItems": [NUMBER, NUMBER, TEXT], "items": False, "minItems": 3}
    ),
    "contains": taking(row={"type": "array", "items": WHOLE, "contains": {"const": 7}, "minItems": 2}),
    "matrix": taking(
        matrix={"type": "array", "items": {"type": "array", "items": NUMBER, "minItems": 2}, "minItems": 2}
    ),
    "nested": taking(
        order=taking(customer=taking(name=TEXT, email={"type": "string", "format": "email"}), total=NUMBER)
    ),
    "list of objects": taking(items={"type": "array", "items": taking(product=TEXT, quantity=WHOLE), "minItems": 1}),
    "closed object": {**taking(a=WHOLE), "additionalProperties": False},
    "free names": taking(labels={"type": "object", "additionalProperties": TEXT, "minProperties": 2}),
    "pattern names": {
        "type": "object",
        "patternProperties": {"^x-[a-z]+$": WHOLE},
        "additionalProperties": False,
        "minProperties": 1,
    },
    "property names": {"type": "object", "propertyNames": {"pattern": "^[a-z]{3}$"}, "minProperties": 2},
    "dependent": {**taking(["card"], card=TEXT, address=TEXT), "dependentRequired": {"card": ["address"]}},
    "references": {**taking(start={"$ref": "#/$defs/point"}), "$defs": {"point": taking(x=NUMBER, y=NUMBER)}},
    "definitions": {**taking(who={"$ref": "#/definitions/who"}), "definitions": {"who": taking(name=TEXT)}},
    "linked list": {**taking(head={"$ref": "#/$defs/node"}), "$defs": {"node": NODE}},
    "tree": {**taking(root={"$ref": "#/$defs/tree"}), "$defs": {"tree": TREE}},
    "recursive root": {"type": "object", "properties": {"id": WHOLE, "child": {"$ref": "#"}}, "required": ["id"]},
    "any of": taking(value={"anyOf": [{"type": "integer", "minimum": 100}, {"type": "string", "minLength": 5}]}),
    "one of": taking(value={"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 2}]}),
    "one of objects": taking(
        shape={
            "oneOf": [
                taking(kind={"const": "circle"}, radius=NUMBER),
                taking(kind={"const": "square"}, side=NUMBER),
            ]
        }
    ),
    "all of": taking(n={"allOf": [{"type": "integer"}, {"minimum": 10}, {"maximum": 12}, {"multipleOf": 11}]}),
    "all of at the root": {"allOf": [taking(a=TEXT), taking(b=WHOLE)], "type": "object"},
    "not": taking(value={"not": {"type": ["string", "integer"]}}),
    "not this word": taking(word={"type": "string", "not": {"enum": ["alpha", "summer"]}}),
    "condition": {
        **taking(["kind"], kind={"enum": ["post", "pickup"]}, address=TEXT, shop=TEXT),
        "if": {"properties": {"kind": {"const": "post"}}},
        "then": {"required": ["address"]},
        "else": {"required": ["shop"]},
    },
    "anything goes": taking(value=True),
    "optional as a choice": taking(note={"anyOf": [TEXT, {"type": "null"}], "default": None}),
    "default": taking(limit={"type": "integer", "default": 25}, mode={"type": "string", "default": "fast"}),
    "examples": taking(airport={"type": "string", "examples": ["OSL", "JFK"]}),
}

HOSTILE: dict[str, Any] = {
    "none": None,
    "empty": {},
    "dict type": {
        "type": "dict",
        "properties": {"city": {"type": "str"}, "n": {"type": "float"}},
        "required": ["city"],
    },
    "no properties": {"type": "object", "required": ["missing"]},
    "properties is a list": {"type": "object", "properties": ["a", "b"]},
    "required is a string": {"type": "object", "properties": {"a": TEXT}, "required": "a"},
    "required is true": {"type": "object", "properties": {"a": {"type": "string", "required": True}}},
    "wrong keywords": {
        "type": "object",
        "properties": {"a": {"type": "string", "minLength": "3", "enum": "x", "pattern": 5}},
    },
    "broken pattern": taking(a={"type": "string", "pattern": "([a-z"}),
    "empty enum": taking(a={"enum": []}),
    "nothing allowed": taking(a=False),
    "impossible": taking(a={"type": "integer", "minimum": 5, "maximum": 4}),
    "contradiction": taking(a={"allOf": [{"type": "string"}, {"type": "integer"}]}),
    "unknown reference": taking(a={"$ref": "#/$defs/nowhere"}),
    "remote reference": taking(a={"$ref": "https://example.com/schema.json"}),
    "self reference": {**taking(a={"$ref": "#/$defs/a"}), "$defs": {"a": {"$ref": "#/$defs/a"}}},
    "endless required": {**taking(a={"$ref": "#"})},
    "property is text": {"type": "object", "properties": {"a": "string", "b": None, "c": 5}, "required": ["a", "b"]},
    "array at the root": {"type": "array", "items": TEXT},
    "string at the root": {"type": "string"},
    "items missing": taking(a={"type": "array"}, b={"type": "list"}),
    "huge minimums": taking(
        a={"type": "string", "minLength": 5000}, b={"type": "array", "minItems": 150, "items": WHOLE}
    ),
    "greedy pattern": taking(a={"type": "string", "pattern": "^((a+)+)+$"}),
    "repeated without end": taking(a={"type": "string", "pattern": "^(x{1000}){1000}$"}),
    "odd names": {"type": "object", "properties": {"": TEXT, "ключ": TEXT, "a b": WHOLE}, "required": ["", "a b"]},
    "infinite numbers": taking(a={"type": "number", "minimum": 1e308, "maximum": 1.7e308}),
    "nullable": taking(a={"type": "string", "nullable": True}),
    "number as a type": {"type": 5, "properties": {"a": {"type": {"x": 1}}}},
}
