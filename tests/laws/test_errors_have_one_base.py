"""Every error that users meet has one base, and can be imported from the top."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

import mockserver
from mockserver import MockServerError

ROOT = Path(mockserver.__file__).parent
INTERNAL = {
    "ConditionFailed", "DoesNotApply", "NotApplicable", "NotHere", "NotJson", "NotProducible", "OverLimit", "Refused",
    "TooMuch", "NotRecorded", "UnknownEncoding", "Unreachable", "Unreadable", "UnreadableText", "UnresolvedPlaceholder",
    "_OutOfBounds", "_Spent", "_TooDeep",
}  # fmt: skip
"""Exceptions that the package catches itself: they become responses, or words in a file."""


def exceptions() -> list[type[Exception]]:
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        names = [node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)]
        if not names or path.name == "__main__.py":
            continue
        module = import_module(".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"))
        classes = [getattr(module, name, None) for name in names]
        found += [each for each in classes if isinstance(each, type) and issubclass(each, Exception)]
    return found


def test_every_exception_is_internal_or_has_the_base() -> None:
    strangers = {each.__name__ for each in exceptions() if not issubclass(each, MockServerError)}

    assert strangers == INTERNAL


@pytest.mark.parametrize("name", mockserver.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    assert getattr(mockserver, name).__name__ == name
