"""Template induction: the parts of an answer that come from the question or from tool results become placeholders."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mockserver.chat import ChatRequest
from mockserver.scenario import literal
from mockserver.scenario.match_view import results_of

_SPECIAL = re.compile(r"([\\.+*?()|\[\]{}^$])")
_NAME = re.compile(r"[^A-Za-z0-9_]+")
_SHORTEST = 2


class Span(NamedTuple):
    """A piece of a text, and the placeholder that says the same."""

    start: int
    end: int
    placeholder: str


class Question(NamedTuple):
    """A user's text as a pattern; `names` are the groups in it with what they catch."""

    pattern: str
    names: Mapping[str, str]


def question_of(text: str, arguments: Sequence[Any]) -> Question | None:
    """The user's text with what comes again in the arguments as named groups; None when nothing does."""
    spans: list[Span] = []
    names: dict[str, str] = {}
    for key, value in _strings(arguments):
        if value in names.values() or (found := _free(text, value, spans)) is None:
            continue
        name = _unused(key, names)
        names[name] = value
        spans.append(Span(*found, f"(?P<{name}>.+)"))
    if not spans:
        return None
    return Question("(?s)^" + _with(text, spans, _escaped) + "$", names)


def filled_from(text: str, question: Question | None, request: ChatRequest) -> str:
    """A text of the answer with placeholders for what came from the tools' results, and from the question."""
    spans: list[Span] = []
    for path, value in _results(request):
        if (found := _free(text, value, spans)) is not None:
            spans.append(Span(*found, f"{{{path}}}"))
    for name, value in (question.names if question is not None else {}).items():
        while (found := _free(text, value, spans)) is not None:
            spans.append(Span(*found, f"{{capture.{name}}}"))
    return _with(text, spans, literal)


def arguments_from(arguments: str, question: Question | None, request: ChatRequest) -> str:
    """Arguments with placeholders for the values that came from somewhere; text that is not JSON stays as it is."""
    try:
        values = json.loads(arguments)
    except ValueError:
        return arguments
    captures = question.names if question is not None else {}
    placeholders = {value: f"{{capture.{name}}}" for name, value in captures.items()}
    placeholders |= {value: f"{{{path}}}" for path, value in _results(request)}

    def placed(value: Any) -> Any:
        if isinstance(value, str):
            return placeholders.get(value) or literal(value)
        if isinstance(value, dict):
            return {key: placed(entry) for key, entry in value.items()}
        return [placed(entry) for entry in value] if isinstance(value, list) else value

    return json.dumps(placed(values), ensure_ascii=False)


def _results(request: ChatRequest) -> Iterator[tuple[str, str]]:
    """The values in the tools' results since the user spoke last, as text, with the paths that placeholders name."""
    messages = request.messages
    start = max((index for index, message in enumerate(messages) if message.role == "user"), default=0)
    counts: dict[str, int] = {}
    for result in results_of(messages[start:]):
        index = counts.get(result.tool, 0)
        counts[result.tool] = index + 1
        try:
            value = json.loads(result.content)
        except ValueError:
            value = result.content
        if result.tool:
            yield from _leaves(value, f"result.{result.tool}.{index}")


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, entry in value.items():
            if not _NAME.search(str(key)):
                yield from _leaves(entry, f"{path}.{key}")
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _leaves(entry, f"{path}.{index}")
    elif isinstance(value, str | int | float) and not isinstance(value, bool) and str(value):
        yield path, str(value)


def _strings(value: Any, key: str = "value") -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and len(value) >= _SHORTEST:
        yield key, value
    elif isinstance(value, dict):
        for name, entry in value.items():
            yield from _strings(entry, str(name))
    elif isinstance(value, list):
        for entry in value:
            yield from _strings(entry, key)


def _free(text: str, value: str, spans: Sequence[Span]) -> tuple[int, int] | None:
    """The first place of a value that is a word of its own and not taken yet."""
    pattern = rf"(?<!\w){re.escape(value)}(?!\w)"
    for found in re.finditer(pattern, text):
        if all(found.end() <= span.start or found.start() >= span.end for span in spans):
            return found.span()
    return None


def _with(text: str, spans: Sequence[Span], rest: Any) -> str:
    pieces, last = [], 0
    for span in sorted(spans):
        pieces += [rest(text[last : span.start]), span.placeholder]
        last = span.end
    return "".join([*pieces, rest(text[last:])])


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _unused(key: str, names: Mapping[str, str]) -> str:
    plain = _NAME.sub("_", key).strip("_0123456789") or "value"
    return plain if plain not in names else next(f"{plain}_{n}" for n in range(2, 99) if f"{plain}_{n}" not in names)
