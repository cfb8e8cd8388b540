"""Typed answers: asks the model for one value of a type, and checks what it sends."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any, Generic, TypeVar

from pydantic import create_model

from clientkit.check import check_call, read_values
from clientkit.errors import BadCall
from clientkit.schema import strict_form
from clientkit.signature import read_model
from clientkit.tools import Tool, tool_from_model

T = TypeVar("T")

_CORRECTION = "The answer does not fit what was asked for:\n{problems}\nAnswer again with one JSON object that fits."
_NOT_A_NAME = re.compile(r"[^a-zA-Z0-9_-]")


class AnswerForm(Generic[T]):
    """How an answer of a type is asked for: over `response_format`, or over a tool where other tools are offered.

    Raises:
        TypeError: JSON cannot express the type.
    """

    def __init__(self, kind: type[T], tools: Collection[str]) -> None:
        self._wrapped = False
        try:
            signature = read_model(kind)
        except (TypeError, AttributeError):
            # A list or a number: an object with one field holds it.
            kind_of_answer: Any = create_model("Answer", answer=(kind, ...))
            signature, self._wrapped = read_model(kind_of_answer), True
            made: Tool[..., Any] = tool_from_model(kind_of_answer)
        else:
            made = tool_from_model(kind)
        name = "final_answer"
        while name in tools:
            name += "_"
        about = signature.description or "The answer to the user's question, in the form that the application needs."
        self.tool: Tool[..., Any] = replace(
            made, name=name, description=f"Give the final answer. {about}", function=_accepted
        )
        self.over_tool = bool(tools)
        self._title = _NOT_A_NAME.sub("_", signature.name)[:64]

    @property
    def response_format(self) -> dict[str, Any]:
        """The API's `response_format` for the type, in strict form where that can express it."""
        try:
            described = {"schema": strict_form(self.tool.parameters), "strict": True}
        except ValueError:
            described = {"schema": dict(self.tool.parameters)}
        return {"type": "json_schema", "json_schema": {"name": self._title, **described}}

    def read(self, text: str) -> T:
        """The value that a text of JSON holds.

        Raises:
            BadCall: It does not fit the type.
        """
        strict = replace(self.tool, strict="strict" in self.response_format["json_schema"])
        fitting = check_call({self.tool.name: strict}, self.tool.name, text)
        return self.value_of(read_values(self.tool, fitting.arguments)["value"])

    def value_of(self, value: Any) -> T:
        """The value itself, without the object that may hold it."""
        result: T = value.answer if self._wrapped else value
        return result


def _accepted(value: Any) -> Any:
    return value


def correction(bad: BadCall) -> dict[str, Any]:
    """The message that asks the model to answer again."""
    problems = "\n".join(f"- {problem}" for problem in bad.problems)
    return {"role": "user", "content": _CORRECTION.format(problems=problems)}
