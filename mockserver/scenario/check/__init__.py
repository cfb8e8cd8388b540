"""`check`: every problem of scenario files that can be found before they are played."""

import os
from pathlib import Path

from mockserver.scenario.check.conditions import check_conditions
from mockserver.scenario.check.replies import check_calls, check_faults, check_placeholders
from mockserver.scenario.error_messages import ScenarioError
from mockserver.scenario.file.loader import examine, scenario_of
from mockserver.scenario.file.tree import Mark, Report
from mockserver.scenario.files import find


def check(path: str | os.PathLike[str]) -> list[ScenarioError]:
    """Every problem of a file, of all files in a folder, or of a ready-made scenario; warnings are among them.

    Raises:
        UnknownScenario: there is nothing of that name, or the folder holds no scenario.
    """
    names: dict[str, Path] = {}
    return [problem for file in find(path) for problem in _check(file, names)]


def _check(file: Path, names: dict[str, Path]) -> list[ScenarioError]:
    report = Report(str(file))
    try:
        tree = examine(file.read_bytes(), report)
    except OSError as error:
        report.error(Mark(1, 1), f"the file cannot be read: {error.strerror}")
        return report.problems
    # What is proven below builds on a scenario that can be loaded.
    if tree is not None and not report.errors:
        scenario = scenario_of(tree, report.path)
        check_calls(tree, scenario, report)
        check_conditions(tree, scenario, report)
        check_placeholders(tree, scenario, report)
        check_faults(tree, scenario, report)
        other = names.setdefault(scenario.name, file)
        if other != file:
            place = tree.at(("scenario",)).mark
            report.warn(place, f"{other} is called '{scenario.name}', too: who picks it by name gets both")
    return report.problems
