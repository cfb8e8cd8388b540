"""An exchange with an upstream → a turn that can be written: clean, and sure to read back."""

from dataclasses import replace

from mockserver.recording.answered import Answered, say_as_text, say_of
from mockserver.recording.arrange import arranged
from mockserver.recording.clean import clean_turn
from mockserver.redaction import Sanitiser
from mockserver.scenario import Recording, ScenarioErrors, Turn, Undumpable, dump, parse
from mockserver.wire.dialect import ParsedRequest


class Unkept(Exception):
    """An exchange is not in the recording; the message says why, and holds no secret."""


def turn_of(heard: ParsedRequest, answered: Answered, sanitiser: Sanitiser) -> Turn:
    """The turn of one exchange.

    An answer too odd for the words of a scenario is kept as the text that it was.

    Raises:
        Unkept: not even that can be written: the request has a form that no file can hold.
    """
    request = replace(heard.request, stream=False)
    for say in (say_of(answered, heard), say_as_text(answered)):
        turn = clean_turn(Turn(say, heard=request), sanitiser)
        if _reads_back(turn):
            return turn
    raise Unkept("a request has a form that no file can hold: it was passed on, and is not in the recording")


def _reads_back(turn: Turn) -> bool:
    try:
        parse(dump(arranged("one", Recording(), [turn])))
    except (ScenarioErrors, Undumpable, ValueError, RecursionError):
        return False
    return True
