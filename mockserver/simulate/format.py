"""Answers in a wanted format: a JSON object, or JSON that fits a schema, filled from the conversation."""

import json
from collections.abc import Mapping
from typing import Any

from mockserver.chat import Tool
from mockserver.simulate.arguments import completed
from mockserver.simulate.bounds import TooMuch
from mockserver.simulate.ground import ground
from mockserver.simulate.invent import invent
from mockserver.simulate.schema import types_of, well_formed
from mockserver.simulate.skills import skill
from mockserver.simulate.view import View

_ANSWER = "answer"


def in_format(words: str, wanted: Mapping[str, Any], view: View, seed: str) -> str:
    """What the model says, given what it would say in plain words; `wanted` is the request's `response_format`.

    Raises:
        TooMuch: its schema asks for more than is made up.
    """
    if wanted.get("type") == "json_object":
        return json.dumps({_ANSWER: words}, ensure_ascii=False)
    named = wanted.get("json_schema")
    if wanted.get("type") != "json_schema" or not isinstance(named, Mapping):
        return words
    try:
        return json.dumps(_fitting(named, view, seed), ensure_ascii=False)
    except TooMuch as error:
        raise error.of("the schema of `response_format`") from None


def _fitting(named: Mapping[str, Any], view: View, seed: str) -> Any:
    """A value for the schema; an object is filled as the arguments of a call would be."""
    schema = named.get("schema", {})
    formed = well_formed(schema)
    if types_of(formed)[:1] not in (("object",), ()) or not isinstance(schema, dict):
        return invent(formed, formed, f"{seed}/{_ANSWER}")
    answer = skill(
        Tool(str(named.get("name")), str(named.get("description") or ""), schema, named.get("strict") is True)
    )
    return completed(answer, ground(answer, view.text, view.today).calls[0], view, seed)
