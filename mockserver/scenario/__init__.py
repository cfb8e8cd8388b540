"""What the model says, as a person wrote it: scenarios, their conditions, and their performance."""

import os
from pathlib import Path

from mockserver.chat.api_errors import api_error, refuse
from mockserver.scenario.condition_keys import Failure
from mockserver.scenario.contradictions import conflict
from mockserver.scenario.error_messages import ScenarioError, ScenarioErrors, Undumpable, UnknownScenario
from mockserver.scenario.files import Files, find, library
from mockserver.scenario.match_view import MatchView
from mockserver.scenario.near_misses import NearMiss
from mockserver.scenario.placeholders import UnresolvedPlaceholder, literal
from mockserver.scenario.play import Miss, Play, answer_from
from mockserver.scenario.scenario_model import Match, Place, Recording, Rule, Say, Scenario, Turn, answered, names_fault
from mockserver.scenario.turn_values import HangUp, as_say, hang_up, says
from mockserver.scenario.when import ConditionFailed, When

__all__ = [
    "ConditionFailed",
    "Failure",
    "Files",
    "HangUp",
    "Match",
    "MatchView",
    "Miss",
    "NearMiss",
    "Place",
    "Play",
    "Recording",
    "Rule",
    "Say",
    "Scenario",
    "ScenarioError",
    "ScenarioErrors",
    "Turn",
    "Undumpable",
    "UnknownScenario",
    "UnresolvedPlaceholder",
    "When",
    "answer_from",
    "answered",
    "api_error",
    "as_say",
    "conflict",
    "dump",
    "find",
    "hang_up",
    "library",
    "literal",
    "load",
    "names_fault",
    "parse",
    "refuse",
    "says",
]


def dump(scenario: Scenario) -> str:
    """The text of a scenario's file; `parse` makes the same scenario of it again.

    Raises:
        Undumpable: a turn or a condition is a function, which no file can hold.
    """
    from mockserver.scenario.file.serialise import data_of
    from mockserver.scenario.file.yaml_writer import as_yaml

    return as_yaml(data_of(scenario))


def load(path: str | os.PathLike[str]) -> Scenario:
    """Read a scenario file.

    Raises:
        ScenarioErrors: the file has mistakes; all of them are told.
        OSError: the file cannot be read.
    """
    # Deferred: YAML and pydantic take longer to import than all the rest, and scripts in Python need neither.
    from mockserver.scenario.file.loader import read

    return read(Path(path).read_bytes(), os.fspath(path))


def parse(text: str, path: str = "<text>") -> Scenario:
    """Read the text of a scenario file; `path` is what messages call it.

    Raises:
        ScenarioErrors: the text has mistakes; all of them are told.
    """
    from mockserver.scenario.file.loader import read

    return read(text, path)
