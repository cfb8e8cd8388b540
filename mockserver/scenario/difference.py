"""Where two canonical requests differ: the paths, with what was recorded and what was asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockserver.redaction import REDACTED
from mockserver.scenario.canonical import Canonical

ABSENT = "(nothing)"
_WINDOW = 160
_BEFORE = 40


@dataclass(frozen=True, slots=True)
class Difference:
    """One path at which two requests differ, and the two values as text."""

    path: str
    recorded: str
    asked: str

    @property
    def hides_a_secret(self) -> bool:
        """Whether the recording holds a secret here that was taken out, and the request something else."""
        return REDACTED in self.recorded and REDACTED not in self.asked


class _Nothing:
    pass


_NOTHING = _Nothing()


def differences(recorded: Canonical, asked: Canonical) -> Iterator[Difference]:
    """Every difference, in the order of the recorded request."""
    for path, old, new in _differ(recorded, asked, ""):
        yield Difference(path, *_windows(_shown(old), _shown(new)))


def distance(recorded: Canonical, asked: Canonical) -> int:
    """In how many places two requests differ."""
    return sum(1 for _ in _differ(recorded, asked, ""))


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
