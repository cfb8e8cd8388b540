"""Scenario files: bytes → tree with places → shape → sense → scenario, with all mistakes told at once."""

from mockserver.scenario.errors import ScenarioErrors
from mockserver.scenario.file.build import scenario_of
from mockserver.scenario.file.json_tree import read_json
from mockserver.scenario.file.sense import check_sense
from mockserver.scenario.file.shape import check_shape
from mockserver.scenario.file.tree import Mark, Node, Report, Unreadable, written
from mockserver.scenario.file.yaml_tree import read_yaml
from mockserver.scenario.model import FORMAT, Scenario


def read(source: str | bytes, path: str) -> Scenario:
    """The scenario in a file's text.

    Raises:
        ScenarioErrors: the text has mistakes; all of them are told.
    """
    report = Report(path)
    tree = examine(source, report)
    if tree is None or report.errors:
        raise ScenarioErrors(report.errors)
    return scenario_of(tree, path)


def examine(source: str | bytes, report: Report) -> Node | None:
    """Report every mistake of a text; what it holds, when it can be read at all."""
    try:
        tree = _tree(_decoded(source), report)
    except Unreadable as error:
        # What follows from a mistake that is told already, such as an unquoted brace, would only confuse.
        if all(known.line != error.mark.line for known in report.errors):
            report.error(error.mark, error.message)
        return None
    if _is_newer(tree, report):
        return None
    check_shape(tree, report)
    check_sense(tree, report)
    return tree


def _is_newer(tree: Node, report: Report) -> bool:
    """Whether a newer version wrote this recording: whatever else would be said of it would mislead."""
    path = ("recording", "format")
    data = tree.plain()
    recording = data.get("recording") if isinstance(data, dict) else None
    number = recording.get("format") if isinstance(recording, dict) else None
    if not isinstance(number, int) or number <= FORMAT:
        return False
    message = f"this recording has format {number}, and this version reads formats up to {FORMAT}: upgrade mockserver"
    report.error(tree.at(path).mark, f"{written(path)}: {message}")
    return True


def _tree(text: str, report: Report) -> Node:
    if report.path.endswith(".json"):
        return read_json(text, report)
    if text.lstrip().startswith("{"):
        # Tabs and escapes of JSON that YAML lacks; a text that is no JSON may still be YAML.
        trial = Report(report.path)
        try:
            tree = read_json(text, trial)
        except Unreadable:
            return read_yaml(text, report)
        report.add(trial)
        return tree
    return read_yaml(text, report)


def _decoded(source: str | bytes) -> str:
    if isinstance(source, str):
        return source.removeprefix("\ufeff")
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = source[: error.start].decode("utf-8")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        raise Unreadable(Mark(line, column), "this is not UTF-8 text: save the file as UTF-8") from None
