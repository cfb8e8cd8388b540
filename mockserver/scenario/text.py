"""Text conditions: contains, equals, matches (RE2), not."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from mockserver.scenario.formatting import described, listed, nearest, quoted

TEXT_KEYS = ("equals", "contains", "matches", "not")


class Spoken:
    """A text of the conversation; its case-folded form is computed once for all conditions."""

    __slots__ = ("_folded", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._folded: str | None = None

    @property
    def folded(self) -> str:
        """The text without differences of upper and lower case."""
        if self._folded is None:
            self._folded = self.text.casefold()
        return self._folded


@dataclass(frozen=True)
class Text:
    """A condition on a text; every part of it that is present must hold.

    `contains` looks anywhere and ignores case. `equals` compares the whole text without the blanks around it, case
    kept. `matches` searches with an RE2 pattern, whose named groups are captures. `no` must not hold.
    """

    contains: str | None = None
    equals: str | None = None
    matches: str | None = None
    no: "Text | None" = None

    def __post_init__(self) -> None:
        if self.matches is not None:
            compiled(self.matches)

    @classmethod
    def of(cls, value: Any) -> "Text":
        """Read a condition as scenario files write it: a string (contained), or an object of its keys.

        Raises:
            TypeError: it is neither, or has an unknown key.
            ValueError: a pattern is not one that RE2 can search.
        """
        if isinstance(value, Text):
            return value
        if isinstance(value, str):
            return cls(contains=value)
        if not isinstance(value, Mapping) or not value:
            raise TypeError(f"expected a text or an object with {listed(TEXT_KEYS)}, found {described(value)}")
        for key, part in value.items():
            if key not in TEXT_KEYS:
                raise TypeError(f"unknown key `{key}` in a text condition.{nearest(str(key), TEXT_KEYS)}")
            if key != "not" and not isinstance(part, str):
                raise TypeError(f"`{key}` expects a text, found {described(part)}")
        no = cls.of(value["not"]) if "not" in value else None
        return cls(value.get("contains"), value.get("equals"), value.get("matches"), no)

    def fits(self, spoken: Spoken) -> bool:
        """Whether the text meets the condition."""
        return (
            (self.contains is None or self._needle in spoken.folded)
            and (self.equals is None or self.equals.strip() == spoken.text.strip())
            and (self.matches is None or compiled(self.matches).search(spoken.text) is not None)
            and (self.no is None or not self.no.fits(spoken))
        )

    def captures(self, spoken: Spoken) -> dict[str, str]:
        """The named groups of the pattern that took part in the match."""
        found = compiled(self.matches).search(spoken.text) if self.matches is not None else None
        groups = found.groupdict() if found is not None else {}
        return {name: text for name, text in groups.items() if text is not None}

    @property
    def names(self) -> frozenset[str]:
        """The names of the pattern's groups."""
        return frozenset(compiled(self.matches).groupindex) if self.matches is not None else frozenset()

    @cached_property
    def _needle(self) -> str:
        return (self.contains or "").casefold()

    def __str__(self) -> str:
        parts = []
        if self.contains is not None:
            parts.append(f"contains {quoted(self.contains)}")
        if self.equals is not None:
            parts.append(f"equals {quoted(self.equals)}")
        if self.matches is not None:
            parts.append(f"matches {quoted(self.matches)}")
        if self.no is not None:
            parts.append(f"not ({self.no})")
        return " and ".join(parts)


@lru_cache(maxsize=100_000)
def compiled(pattern: str) -> Any:
    """The pattern, ready to search in linear time.

    Raises:
        ValueError: RE2 cannot search it, and why.
    """
    # Imported here: a script of plain texts, the usual case in a test, pays for no regular expressions.
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
        raise ValueError(
            f"the pattern {quoted(pattern)} cannot be used: {reason}. Patterns are RE2's: searched in linear time, "
            "without look-around and back-references"
        ) from None
