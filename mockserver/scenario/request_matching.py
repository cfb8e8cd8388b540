"""Matching of requests to recorded turns: exact, by canonical form; on a miss, the differences of the nearest."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mockserver.chat import ApiError, ChatRequest, Reply
from mockserver.chat.recorded_wire import Sent
from mockserver.redaction import REDACTED, Sanitiser, client_secrets
from mockserver.scenario.canonical import Canonical, canonical, key_of
from mockserver.scenario.ignored_parts import IgnoredParts
from mockserver.scenario.match_view import Manner, MatchView
from mockserver.scenario.scenario_model import Place, Say, Scenario, Turn

ABSENT = "(nothing)"
_CONVERSATION = ("model", "messages", "tools", "tool_choice", "parallel_tool_calls")
_WINDOW = 160
_BEFORE = 40

_Form = Callable[[ChatRequest, Sanitiser], Canonical]


@dataclass(frozen=True, slots=True)
class Difference:
    """One path at which two requests differ, and the two values as text."""

    path: str
    recorded: str
    asked: str

    @property
    def hides_a_secret(self) -> bool:
        """Whether the recording has a redacted secret here, and the request something else."""
        return REDACTED in self.recorded and REDACTED not in self.asked


@dataclass(frozen=True, slots=True)
class Divergence:
    """The recorded exchange that is nearest to a request that none answers, and where they differ."""

    scenario: str
    what: str
    place: Place | None
    exchanges: int
    differences: tuple[Difference, ...]


class Recorded:
    """The recorded turns of a scenario by request; turns with the same request form a queue, in order."""

    def __init__(self, scenario: Scenario, sanitiser: Sanitiser | None = None) -> None:
        self._scenario = scenario
        self._sanitiser = sanitiser or Sanitiser()
        self._mask_personal = scenario.recording is not None and scenario.recording.personal
        self._ignored = IgnoredParts(scenario.recording.ignore if scenario.recording is not None else ())
        self._compared: dict[Manner | None, _Compared] = {}
        self._in_manner(None)

    def line(self, view: MatchView) -> tuple[str, Sequence[int]] | None:
        """The key of a request, and the turns that answer it one after the other; None when no turn does."""
        compared = self._in_manner(view.manner)
        line = compared.line(view.request, self._sanitiser)
        if line is None:
            # An application may well say its key in a prompt; a key that is an ordinary word hides nothing.
            knowing = self._knowing(view)
            if knowing is not self._sanitiser:
                line = compared.line(view.request, knowing)
        return line

    def nearest(self, view: MatchView) -> Divergence | None:
        """The recorded exchange whose request differs in the fewest places from this one, and all those places."""
        compared = self._in_manner(view.manner)
        form, forms = compared.canonical(view.request, self._knowing(view)), compared.forms
        best = min(forms, key=lambda index: (distance(forms[index], form), index), default=None)
        if best is None:
            return None
        found = tuple(differences(forms[best], form))
        place = self._scenario.turns[best].place
        return Divergence(self._scenario.name, f"turn {best + 1}", place, len(forms), found)

    @staticmethod
    def served(say: Say) -> Say:
        """A recorded reply with ids drawn anew, as a model's are; ids that a reply had twice stay so."""
        if not isinstance(say, Reply):
            return say
        ids = [call.id for call in say.calls if call.id]
        if len(set(ids)) < len(ids):
            return say
        return replace(say, calls=tuple([replace(call, id=None) if call.id else call for call in say.calls]))

    def _in_manner(self, manner: Manner | None) -> "_Compared":
        if manner not in self._compared:
            self._compared[manner] = _Compared(self._scenario.turns, self._sanitiser, self._form(manner))
        return self._compared[manner]

    def _form(self, manner: Manner | None) -> "_Form":
        """The form in which requests are compared: without what the manner takes out and what is ignored."""

        def form(request: ChatRequest, sanitiser: Sanitiser) -> Canonical:
            compared = self._ignored.request(sanitiser.request(request if manner is None else manner(request)))
            return self._ignored.form(canonical(compared, mask_personal=self._mask_personal))

        return form

    def _knowing(self, view: MatchView) -> Sanitiser:
        return knowing_client(self._sanitiser, view.headers)


def differences(recorded: Canonical, actual: Canonical) -> Iterator[Difference]:
    """Every difference, in the order of the recorded request."""
    for path, old, new in _differ(recorded, actual, ""):
        yield Difference(path, *_windows(_shown(old), _shown(new)))


def distance(recorded: Canonical, actual: Canonical) -> int:
    """In how many places two requests differ."""
    return sum(1 for _ in _differ(recorded, actual, ""))


def knowing_client(sanitiser: Sanitiser, headers: Mapping[str, str], query: str = "") -> Sanitiser:
    """The sanitiser, knowing the client's own keys too: when it records and when it is played, of the same headers."""
    return sanitiser.with_keys(client_secrets(headers, query))


class _Compared:
    """The turns by request, in the form that a provider's manner leaves: `forms` by position, `lines` by key and API.

    A turn of another API answers where none of the request's own does: its options have other names, and are not
    compared.
    """

    def __init__(self, turns: Sequence[Turn], sanitiser: Sanitiser, form: _Form) -> None:
        self.canonical = form
        heard = {index: turn.heard for index, turn in enumerate(turns) if turn.heard is not None}
        self.forms = {index: form(request, sanitiser) for index, request in heard.items()}
        self._lines: dict[str, list[int]] = {}
        self._conversations: dict[str, list[tuple[str, int]]] = {}
        for index, each in self.forms.items():
            api = _api_of(turns[index])
            self._lines.setdefault(f"{api} {key_of(each)}", []).append(index)
            self._conversations.setdefault(key_of(_conversation(each)), []).append((api, index))

    def line(self, request: ChatRequest, sanitiser: Sanitiser) -> tuple[str, Sequence[int]] | None:
        """The key of a request, and the turns that answer it: those of its API, else those of others."""
        form = self.canonical(request, sanitiser)
        key = f"{request.api} {key_of(form)}"
        if (own := self._lines.get(key)) is not None:
            return key, own
        found = self._conversations.get(key_of(_conversation(form)), ())
        others = [index for api, index in found if api != request.api]
        return (f"others {key}", others) if others else None


def _api_of(turn: Turn) -> str:
    """The API that a recorded turn was heard in."""
    sent = turn.say.sent if isinstance(turn.say, Reply | ApiError) else None
    return (sent or Sent()).api


def _conversation(form: Canonical) -> Canonical:
    """The canonical form without the options, which each API names in its own words."""
    return {key: form[key] for key in _CONVERSATION if key in form}


class _Nothing:
    pass


_NOTHING = _Nothing()


def _differ(old: Any, new: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in (*old, *(key for key in new if key not in old)):
            inside = f"{path}.{key}" if path else str(key)
            yield from _differ(old.get(key, _NOTHING), new.get(key, _NOTHING), inside)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            was = old[index] if index < len(old) else _NOTHING
            now = new[index] if index < len(new) else _NOTHING
            yield from _differ(was, now, f"{path}[{index}]")
    elif type(old) is not type(new) or old != new:
        yield path, old, new


def _shown(value: Any) -> str:
    if value is _NOTHING:
        return ABSENT
    if isinstance(value, dict) and "role" in value:
        said = value.get("content", value.get("tool_calls", ""))
        return f"{value['role']}: {said}"
    return value if isinstance(value, str) else str(value)


def _windows(old: str, new: str) -> tuple[str, str]:
    """Both texts, of long ones the part where they begin to differ."""
    if max(len(old), len(new)) <= _WINDOW:
        return old, new
    same = next((index for index, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = max(0, same - _BEFORE)
    return _cut(old, start), _cut(new, start)


def _cut(text: str, start: int) -> str:
    before, after = "…" if start else "", "…" if len(text) > start + _WINDOW else ""
    return f"{before}{text[start : start + _WINDOW]}{after}"
