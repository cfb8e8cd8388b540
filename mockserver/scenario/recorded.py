"""Turns that were heard from a real model: each answers the one request that it was the answer to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mockserver.chat import ChatRequest, Reply
from mockserver.chat.remembered import Remembered
from mockserver.redaction import Sanitiser, secrets_sent
from mockserver.scenario.canonical import Canonical, canonical, key_of
from mockserver.scenario.difference import Difference, differences, distance
from mockserver.scenario.model import Place, Say, Scenario, Turn
from mockserver.scenario.request_view import Asked, Manner


@dataclass(frozen=True, slots=True)
class Divergence:
    """The recorded exchange that is nearest to a request that none answers, and where they differ."""

    scenario: str
    what: str
    place: Place | None
    exchanges: int
    differences: tuple[Difference, ...]


class Recorded:
    """The recorded turns of a scenario by what was heard; those with the same request stand in line, in order."""

    def __init__(self, scenario: Scenario, sanitiser: Sanitiser | None = None) -> None:
        self._scenario = scenario
        self._sanitiser = sanitiser or Sanitiser()
        self._mask_personal = scenario.recording is not None and scenario.recording.personal
        self._compared: dict[Manner | None, _Compared] = {}
        self._in_manner(None)

    def line(self, asked: Asked) -> tuple[str, Sequence[int]] | None:
        """The key of a request, and the turns that answer it one after the other; None when there are none."""
        compared = self._in_manner(asked.manner)
        key = compared.keys.get(asked.request)
        if key is None:
            key = key_of(compared.canonical(asked.request, self._sanitiser))
            compared.keys.keep(asked.request, key)
        if key not in compared.lines:
            # An application may well say its key in a prompt; a key that is an ordinary word hides nothing.
            knowing = self._knowing(asked)
            if knowing is not self._sanitiser:
                key = key_of(compared.canonical(asked.request, knowing))
        line = compared.lines.get(key)
        return None if line is None else (key, line)

    def nearest(self, asked: Asked) -> Divergence | None:
        """The recorded exchange whose request differs in the fewest places from this one, and all those places."""
        compared = self._in_manner(asked.manner)
        form, forms = compared.canonical(asked.request, self._knowing(asked)), compared.forms
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
            self._compared[manner] = _Compared(self._scenario.turns, manner, self._sanitiser, self._mask_personal)
        return self._compared[manner]

    def _knowing(self, asked: Asked) -> Sanitiser:
        return knowing_client(self._sanitiser, asked.headers)


class _Compared:
    """The turns by what they heard, as one manner of providers leaves it: `forms` by place, `lines` by key."""

    def __init__(self, turns: Sequence[Turn], manner: Manner | None, sanitiser: Sanitiser, mask_personal: bool) -> None:
        self._manner = manner
        self._mask_personal = mask_personal
        self.keys = Remembered[str]()
        heard = {index: turn.heard for index, turn in enumerate(turns) if turn.heard is not None}
        self.forms = {index: self.canonical(request, sanitiser) for index, request in heard.items()}
        self.lines: dict[str, list[int]] = {}
        for index, form in self.forms.items():
            self.lines.setdefault(key_of(form), []).append(index)

    def canonical(self, request: ChatRequest, sanitiser: Sanitiser) -> Canonical:
        """The form of a request, without what the manner takes out."""
        left = request if self._manner is None else self._manner(request)
        return canonical(sanitiser.request(left), mask_personal=self._mask_personal)


def knowing_client(sanitiser: Sanitiser, headers: Mapping[str, str], query: str = "") -> Sanitiser:
    """The sanitiser, knowing the client's own keys too: when it records and when it is played, of the same headers."""
    return sanitiser.with_keys(secrets_sent(headers, query))
