"""How much the simulated model makes up for one schema or grammar, and what is said when more is asked for."""

from mockserver.chat import Reply

MOST_CHARACTERS = 100_000
"""The longest text: `minLength`, `pattern`, a sentence of a grammar."""

MOST_ENTRIES = 1_000
"""The most entries of one array or object: `minItems`, `minProperties`, `required`."""

MOST_VALUES = 10_000
"""The most values of one set of arguments, tries included."""

CHARACTERS_A_VALUE = 100
"""So many characters of text count as one more value."""

DEEPEST, CUT = 64, 8
"""So deep values are nested within one another; where a schema has no end, `CUT` levels of it are made up."""

MOST_SAID = 2_000_000
"""The most characters of all choices (`n`) of an answer together."""


def check_size(reply: Reply, choices: int) -> None:
    """Let an answer pass whose choices are about as long as this one.

    Raises:
        TooMuch: together they are longer than `MOST_SAID`.
    """
    said = len(reply.text or "") + sum(len(call.arguments) for call in reply.calls)
    if choices > 1 and said * choices > MOST_SAID:
        raise TooMuch("n", f"{choices} choices of {said} characters are more than {MOST_SAID}")


class TooMuch(ValueError):
    """A schema or a grammar asks for more than is made up.

    `keyword` is what asks for so much, `place` the JSON path of the value (`$.orders[0].note`), `owner` whose schema
    it is: "the tool 'search'".
    """

    def __init__(self, keyword: str, reason: str, place: str = "", owner: str = "") -> None:
        self.keyword, self.reason, self.place, self.owner = keyword, reason, place, owner
        said = f"`{keyword}`: {reason}" if keyword else reason
        super().__init__(f"{owner}{' at ' if owner and place else ''}{place}{': ' if owner or place else ''}{said}")

    def at(self, place: str) -> "TooMuch":
        """The same with its place, where it has none yet."""
        return self if self.place else TooMuch(self.keyword, self.reason, place, self.owner)

    def of(self, owner: str) -> "TooMuch":
        """The same with whose schema it is."""
        return TooMuch(self.keyword, self.reason, self.place, owner)
