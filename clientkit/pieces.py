"""What a run of pieces says as a whole: fragments to be joined, growing snapshots, or a text that was sent again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from clientkit.strict_json import NotStrictJSON, parse_object


@dataclass(slots=True)
class GrowingText:
    """Text that comes in pieces; half of a surrogate pair at the end of one waits for the other half.

    `lone` says, in the words of Python's codecs, what becomes of a half that stays alone.
    """

    lone: str = "replace"
    pieces: list[str] = field(default_factory=list)
    half: str = ""

    def grow(self, piece: str) -> str:
        """Adds a piece; gives what can be shown of it."""
        if not piece:
            return ""
        piece = self.half + piece
        self.half = piece[-1:] if "\ud800" <= piece[-1:] <= "\udbff" else ""
        return self._keep(piece.removesuffix(self.half))

    def end(self) -> str:
        """Adds what still waited, for nothing more will come."""
        rest, self.half = self.half, ""
        return self._keep(rest)

    def _keep(self, piece: str) -> str:
        whole = piece.encode("utf-16-le", "surrogatepass").decode("utf-16-le", self.lone)
        if whole:
            self.pieces.append(whole)
        return whole

    def __bool__(self) -> bool:
        return bool(self.pieces)

    def __str__(self) -> str:
        return "".join(self.pieces)


def whole_arguments(pieces: Sequence[str]) -> str:
    """The arguments text that the pieces of one call mean.

    Joined pieces count first. Only where these are no JSON object are they read as each repeating all before it, as the
    whole text sent once more at the end, or as a `{}` that merely held the place. Broken text stays as it was joined.
    """
    pieces = [piece for piece in pieces if piece]
    joined = "".join(pieces)
    if is_object(joined):
        return joined
    for run in (pieces, pieces[1:] if pieces[:1] == ["{}"] else []):
        for reading in _readings(run):
            if is_object(reading):
                return reading
    return joined


def is_object(text: str) -> bool:
    """Whether the text is one complete JSON object."""
    try:
        parse_object(text)
    except NotStrictJSON:
        return False
    return True


def _readings(pieces: Sequence[str]) -> list[str]:
    if not pieces:
        return []
    joined, last = "".join(pieces), pieces[-1]
    readings = [joined]
    if all(later.startswith(earlier) for earlier, later in pairwise(pieces)):
        readings.append(last)
    middle, odd = divmod(len(joined), 2)
    if not odd and last == joined[middle:] == joined[:middle]:
        readings.append(last)
    return readings
