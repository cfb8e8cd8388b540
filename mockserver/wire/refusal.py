"""How the API words a refusal of a request: type, param, code and text of each kind of mistake."""

from collections.abc import Iterable
from typing import Any

from mockserver.chat import ApiError


class Refused(Exception):
    """The request is not one that the API would answer; `error` is what it says instead."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(error.message)
        self.error = error


def invalid(message: str, param: str | None = None, code: str | None = None) -> Refused:
    """A 400 with this text."""
    return Refused(ApiError(400, message, param=param, code=code))


def not_json() -> Refused:
    """The body cannot be read at all."""
    return invalid(
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library "
        "correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)"
    )


def no_model() -> Refused:
    """Nobody said which model is asked."""
    return invalid("you must provide a model parameter")


def no_functions(key: str) -> Refused:
    """Tools are offered to a model that does not call functions."""
    return invalid(f"Unsupported parameter: '{key}' is not supported with this model.", key, "unsupported_parameter")


def too_deep() -> Refused:
    """The body is JSON, but nobody here can look into it to its end."""
    return invalid("The JSON body of your request is nested too deeply: at most 254 levels are read.")


def too_large(limit: int) -> Refused:
    """The body has more bytes than are accepted."""
    return Refused(ApiError(413, f"The request body is larger than the {limit} bytes that are accepted."))


def missing(path: str) -> Refused:
    """A required key is not there."""
    return invalid(f"Missing required parameter: '{path}'.", path, "missing_required_parameter")


def wrong_type(path: str, expected: str, value: Any) -> Refused:
    """A value has another type than the one expected ("a string")."""
    message = f"Invalid type for '{path}': expected {expected}, but got {type_name(value)} instead."
    return invalid(message, path, "invalid_type")


def not_supported(path: str, value: Any, supported: Iterable[str]) -> Refused:
    """A value is not among the few that are allowed."""
    message = f"Invalid value: '{shortened(value)}'. Supported values are: {listed(supported)}."
    return invalid(message, path, "invalid_value")


def out_of_range(path: str, value: float, low: float | None, high: float | None, kind: str) -> Refused:
    """A number is below `low` or above `high`; `kind` is "integer" or "decimal", whichever the parameter is."""
    above = high is not None and value > high
    side, sign, bound = ("above maximum", "<=", high) if above else ("below minimum", ">=", low)
    message = f"Invalid '{path}': {kind} {side} value. Expected a value {sign} {bound}, but got {value} instead."
    return invalid(message, path, f"{kind}_{'above_max' if above else 'below_min'}_value")


def empty_array(path: str) -> Refused:
    """A list needs at least one entry."""
    message = f"Invalid '{path}': empty array. Expected an array with minimum length 1, but got an empty array instead."
    return invalid(message, path, "empty_array")


def empty_string(path: str) -> Refused:
    """A text needs at least one character."""
    message = (
        f"Invalid '{path}': empty string. Expected a string with minimum length 1, but got an empty string instead."
    )
    return invalid(message, path, "empty_string")


def unknown(path: str) -> Refused:
    """A key that is not known here."""
    return invalid(f"Unknown parameter: '{path}'.", path, "unknown_parameter")


def too_long(path: str, what: str, limit: int, length: int) -> Refused:
    """A string or an array has more entries than allowed; `what` is "string" or "array"."""
    of = "a string" if what == "string" else "an array"
    message = (
        f"Invalid '{path}': {what} too long. Expected {of} with maximum length {limit}, "
        f"but got {of} with length {length} instead."
    )
    return invalid(message, path, f"{what}_above_max_length")


def type_name(value: Any) -> str:
    """How the API names the type of a value that it got."""
    names = {str: "a string", bool: "a boolean", int: "an integer", float: "a decimal number", dict: "an object"}
    return "null" if value is None else names.get(type(value), "an array")


def listed(words: Iterable[str], last: str = "and") -> str:
    """'a', 'b', and 'c'."""
    quoted = [f"'{word}'" for word in words]
    if len(quoted) < 3:
        return f" {last} ".join(quoted)
    return f"{', '.join(quoted[:-1])}, {last} {quoted[-1]}"


def shortened(value: Any, limit: int = 64) -> str:
    """A long value as the API echoes it: its first and its last three characters."""
    text = str(value)
    return text if len(text) <= limit else f"{text[:3]}...{text[-3:]}"
