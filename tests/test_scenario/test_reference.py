"""The reference in docs/scenario-file.md, the schema for editors and the shape of the file say the same."""

import json
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import jsonschema_rs
import pytest
from pydantic import BaseModel

from mockserver.cli import main
from mockserver.scenario import ScenarioErrors, library, parse
from mockserver.scenario.file.file_model import ScenarioModel
from mockserver.scenario.file.file_schema import keys, schema
from mockserver.scenario.file.loader import examine
from mockserver.scenario.file.tree import Report
from tests.stories.test_documentation import code
from tests.test_scenario.reference import PAGE, page
from tests.test_scenario.test_mistakes import golden

RECORDED = {"Recording", "Heard", "Message", "Sent"}
"""The objects that only the recorder writes."""


def name(model: type[BaseModel]) -> str:
    return model.__name__.removesuffix("Model")


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models(part)


def fields(model: type[BaseModel]) -> dict[str, Any]:
    annotations = get_type_hints(model, include_extras=True)
    return {field.alias or key: annotations[key] for key, field in model.model_fields.items()}


def holders(model: type[BaseModel] = ScenarioModel) -> dict[str, set[str]]:
    """The keys of every object in a file."""
    found: dict[str, set[str]] = {}
    waiting = [model]
    while waiting:
        here = waiting.pop()
        if name(here) not in found:
            found[name(here)] = set(fields(here))
            waiting += [inner for annotation in fields(here).values() for inner in models(annotation)]
    return found


def used(value: Any, model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """The keys that a file uses, each with the object that holds it."""
    for key, entry in value.items() if isinstance(value, dict) else ():
        annotation = fields(model).get(key)
        if annotation is None:  # a name of the user's own: what it holds is of the same kind
            yield from used(entry, model)
            continue
        yield name(model), key
        for inner in models(annotation):
            for part in entry if isinstance(entry, list) else [entry]:
                yield from used(part, inner)


def test_every_key_has_its_line_and_no_line_is_left_over() -> None:
    known = {holder: set(lines) for holder, lines in keys().items()}

    assert known == {holder: found for holder, found in holders().items() if holder not in RECORDED}


def test_the_tables_of_the_page_are_those_lines() -> None:
    told = "the tables are not those of keys.txt: run `python -m tests.test_scenario.reference`"
    assert PAGE.read_text(encoding="utf-8") == page(), told
    assert page().count("<!-- keys of ") == len(keys())


def test_every_key_is_used_in_an_example_of_the_page() -> None:
    examples = [examine(block, Report("a.yaml")) for block in code(PAGE, "yaml")]
    shown = {pair for tree in examples if tree is not None for pair in used(tree.plain(), ScenarioModel)}

    every = {(holder, key) for holder, lines in keys().items() for key in lines}
    assert every - shown == set()


def data(text: str) -> Any:
    tree = examine(text, Report("a.yaml"))
    return None if tree is None else tree.plain()


@pytest.mark.parametrize("file", [PAGE, *library().values()], ids=lambda file: file.stem)
def test_the_schema_takes_what_is_right(file: Any) -> None:
    texts = code(PAGE, "yaml") if file == PAGE else [file.read_text(encoding="utf-8")]

    for text in texts:
        jsonschema_rs.validate(schema(), data(text))


def test_the_schema_refuses_what_is_wrong_in_shape() -> None:
    validator = jsonschema_rs.validator_for(schema())
    shapes = [text for _, text, told in golden("mistakes.txt") if "expected" in told or "unknown key" in told]
    seen_by_check_only = (
        "such as 200ms",
        "such as 10%",
        "list of parts",
        "milliseconds",
        "in `chunks`",
        "The fault",
        "of a header",
    )

    passed = [text for text in shapes if validator.is_valid(data(text))]

    assert len(shapes) > 25
    assert all(any(words in told_of(text) for words in seen_by_check_only) for text in passed), passed


def told_of(text: str) -> str:
    with pytest.raises(ScenarioErrors) as told:
        parse(text, "a.yaml")
    return str(told.value)


def test_the_command_prints_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0

    printed = json.loads(capsys.readouterr().out)
    assert printed == schema()
    assert "description" in printed["$defs"]["Turn"]["properties"]["text"]
