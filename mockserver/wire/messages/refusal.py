"""How the Messages API words a refusal of a request: dotted paths, and one text for each kind of mistake."""

from collections.abc import Iterable
from typing import Any

from mockserver.chat import ApiError
from mockserver.wire.refusal import Refused


def refused(message: str) -> Refused:
    """A 400 with this text."""
    return Refused(ApiError(400, message))


def at(path: str, message: str) -> Refused:
    """A 400 about one place of the request."""
    return refused(f"{path}: {message}")


def required(path: str) -> Refused:
    """A key is missing."""
    return at(path, "Field required")


def extra(path: str) -> Refused:
    """A key is not one of the API's."""
    return at(path, "Extra inputs are not permitted")


def not_a(path: str, kind: str) -> Refused:
    """A value has another type than the one expected ("string", "dictionary", "list")."""
    return at(path, f"Input should be a valid {kind}")


def not_one_of(path: str, words: Iterable[str]) -> Refused:
    """A value is not among the few that are allowed."""
    *others, last = [f"'{word}'" for word in words]
    return at(path, f"Input should be {', '.join(others)} or {last}" if others else f"Input should be {last}")


def unknown_tag(path: str, given: Any, tags: Iterable[str]) -> Refused:
    """The `type` of an object is not one of those that may stand there."""
    listed = ", ".join(f"'{tag}'" for tag in tags)
    return at(path, f"Input tag '{given}' found using 'type' does not match any of the expected tags: {listed}")


def missing_tag(path: str) -> Refused:
    """An object does not say its `type`."""
    return at(path, "Unable to extract tag using discriminator 'type'")


def mismatch(path: str, pattern: str) -> Refused:
    """A text does not match the pattern of its place."""
    return at(path, f"String should match pattern '{pattern}'")


def text_at(path: str, value: Any, least: int = 0) -> str:
    """The text at a path.

    Raises:
        Refused: it is not a text, or is shorter than `least` characters.
    """
    if not isinstance(value, str):
        raise not_a(path, "string")
    if len(value) < least:
        raise at(path, f"String should have at least {least} character{'s' if least > 1 else ''}")
    return value


def object_at(path: str, value: Any) -> dict[str, Any]:
    """The object at a path.

    Raises:
        Refused: it is not an object.
    """
    if not isinstance(value, dict):
        raise not_a(path, "dictionary")
    return value


def list_at(path: str, value: Any) -> list[Any]:
    """The list at a path.

    Raises:
        Refused: it is not a list.
    """
    if not isinstance(value, list):
        raise not_a(path, "list")
    return value


def number_at(path: str, value: Any, least: float, most: float | None = None, *, whole: bool = True) -> None:
    """A number must stand at a path, within its bounds.

    Raises:
        Refused: it is not such a number.
    """
    kinds = int if whole else int | float
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise not_a(path, "integer" if whole else "number")
    if value < least:
        raise at(path, f"Input should be greater than or equal to {least}")
    if most is not None and value > most:
        raise at(path, f"Input should be less than or equal to {most}")
