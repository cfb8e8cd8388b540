"""Index of conditions: finds those of many rules that may match a request, by texts and values that they require."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from mockserver.scenario.match_view import MatchView, known_names, readable
from mockserver.scenario.value_conditions import Bounds, Spoken, Text, json_key, value_at
from mockserver.scenario.when import When

FEW = 32
"""With fewer conditions, testing each is as fast."""

_GRAM = 3
_PATTERNS_IN_A_GROUP = 500
"""RE2 searches for the literal parts of so many patterns at once; more of them would take too much memory."""


class Want(NamedTuple):
    """What a request must show for a condition to hold: of this kind a text that fits, or this very key.

    Kinds with texts are the speakers and `tool_results`; kinds with keys are `result` and `call` (a tool's name),
    `value` (a `path` and the value there, in a result), and `argument` (a name and the value, in a call).
    """

    kind: str
    text: Text | None = None
    key: Hashable = None
    path: str | None = None


class Index:
    """Conditions in order, and quickly those of them that may hold for a request."""

    def __init__(self, conditions: Sequence[When]) -> None:
        self._all = range(len(conditions))
        self._unread: list[int] = []
        self._texts: dict[str, _Texts] = {}
        self._keys: dict[str, dict[Hashable, list[int]]] = {}
        self._paths: set[str] = set()
        for number, condition in enumerate(conditions if len(conditions) >= FEW else ()):
            wants = wants_of(condition)
            if wants is None:
                self._unread.append(number)
            for want in wants or ():
                self._add(number, want)
        for texts in self._texts.values():
            texts.close()

    def candidates(self, view: MatchView) -> Sequence[int]:
        """The numbers of the conditions that may hold, in order; none of the others does."""
        if not self._texts and not self._keys:
            return self._all
        found = set(self._unread)
        for kind, texts in self._texts.items():
            for spoken in _texts_of(kind, view):
                found.update(texts.found_in(spoken))
        for kind, numbers in self._keys.items():
            for key in self._keys_of(kind, view):
                found.update(numbers.get(key, ()))
        return sorted(found)

    def _add(self, number: int, want: Want) -> None:
        if want.text is not None:
            self._texts.setdefault(want.kind, _Texts()).add(number, want.text)
        else:
            self._keys.setdefault(want.kind, {}).setdefault(want.key, []).append(number)
            if want.path is not None:
                self._paths.add(want.path)

    def _keys_of(self, kind: str, view: MatchView) -> Iterator[Hashable]:
        if kind == "result":
            for result in view.results:
                yield from known_names(result.tool)
        elif kind == "call":
            for call in view.calls:
                yield from known_names(call.name)
        elif kind == "value":
            for spoken in _texts_of("tool_results", view):
                yield from ((path, json_key(value_at(spoken.value, path))) for path in self._paths)
        else:
            for call in view.calls:
                values = Spoken(call.arguments).value
                if isinstance(values, dict):
                    yield from ((name, json_key(value)) for name, value in values.items())


def wants_of(condition: When) -> list[Want] | None:
    """Of these a request must show one for the condition to hold; None when it may hold without any."""
    for speaker in ("user_says", "system_says", "assistant_said"):
        text: Text | None = getattr(condition, speaker)
        if text is not None and _is_indexable(text):
            return [Want(speaker, text)]
    if isinstance(condition.tool_results, tuple) and condition.tool_results:
        return [_wanted_result(*condition.tool_results[0])]
    for name, arguments in condition.called:
        first = next(iter(arguments.items()), None)
        return [Want("call", key=name) if first is None else Want("argument", key=(first[0], json_key(first[1])))]
    alternatives = [wants_of(part) for part in condition.any_of]
    if not alternatives or None in alternatives:
        return None
    return list(chain.from_iterable(wants or () for wants in alternatives))


def _wanted_result(name: str, text: Text) -> Want:
    if _is_indexable(text):
        return Want("tool_results", text)
    plain = next((has for has in text.has if not isinstance(has[1], Text | Bounds)), None)
    if plain is None:
        return Want("result", key=name)
    return Want("value", key=(plain[0], json_key(plain[1])), path=plain[0])


def _is_indexable(text: Text) -> bool:
    return text.equals is not None or bool(text.contains) or bool(text.matches)


def _texts_of(kind: str, view: MatchView) -> Iterable[Spoken]:
    if kind == "user_says":
        return () if view.user is None else (view.user,)
    if kind == "tool_results":
        return [Spoken(readable(result.content)) for result in view.results]
    return view.system if kind == "system_says" else view.assistant


class _Texts:
    """Conditions on the texts of one speaker: by the whole text, by a part of what is contained, by pattern."""

    def __init__(self) -> None:
        self._whole: dict[str, list[int]] = {}
        self._contained: list[tuple[str, int]] = []
        self._by_part: dict[str, list[tuple[str, int]]] = {}
        self._sizes: set[int] = set()
        self._patterns: list[tuple[str, int]] = []
        self._groups: list[_Patterns] = []

    def add(self, number: int, text: Text) -> None:
        """One more condition."""
        if text.equals is not None:
            self._whole.setdefault(text.equals.strip(), []).append(number)
        elif text.contains:
            self._contained.append((text.contains.casefold(), number))
        elif text.matches is not None:
            self._patterns.append((text.matches, number))

    def close(self) -> None:
        """All conditions are there."""
        common = Counter(part for needle, _ in self._contained for part in set(_parts(needle)))
        for needle, number in self._contained:
            rarest = min(_parts(needle), key=lambda part: common[part])
            self._by_part.setdefault(rarest, []).append((needle, number))
            self._sizes.add(len(rarest))
        for start in range(0, len(self._patterns), _PATTERNS_IN_A_GROUP):
            self._groups.append(_Patterns(self._patterns[start : start + _PATTERNS_IN_A_GROUP]))

    def found_in(self, spoken: Spoken) -> Iterator[int]:
        """The numbers of the conditions that this text may meet."""
        if self._whole:
            yield from self._whole.get(spoken.text.strip(), ())
        if self._by_part:
            folded = spoken.folded
            for part in self._by_part.keys() & {part for size in self._sizes for part in _parts(folded, size)}:
                for needle, number in self._by_part[part]:
                    if needle in folded:
                        yield number
        for group in self._groups:
            yield from group.found_in(spoken.text)


class _Patterns:
    """Patterns that are searched for together: a text without a pattern's literal parts cannot match it."""

    def __init__(self, patterns: Sequence[tuple[str, int]]) -> None:
        import re2  # conditions with patterns have needed it already

        self._numbers = [number for _, number in patterns]
        self._filter: Any = re2.Filter()
        options = re2.Options()
        options.log_errors = False
        try:
            for pattern, _ in patterns:
                self._filter.Add(pattern, options)
            self._filter.Compile()
        except re2.error:
            self._filter = None  # too much for one search: each is asked

    def found_in(self, text: str) -> Iterable[int]:
        if self._filter is None:
            return self._numbers
        return [self._numbers[place] for place in self._filter.Match(text, True) or ()]


def _parts(text: str, size: int = _GRAM) -> Iterable[str]:
    """All parts of that many letters, or the whole of a shorter text."""
    return [text[at : at + size] for at in range(max(1, len(text) - size + 1))]
