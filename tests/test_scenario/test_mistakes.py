"""Every mistake in a file is told in words and at a place that were looked at: the golden files beside this one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.scenario import ScenarioErrors, parse
from mockserver.scenario.check import check

HERE = Path(__file__).parent


def golden(name: str) -> Iterator[tuple[str, str, str]]:
    for block in (HERE / name).read_text(encoding="utf-8").split("=== ")[1:]:
        title, rest = block.split("\n", 1)
        text, told = rest.rsplit("--->\n", 1)
        yield title, text, told.strip()


@pytest.mark.parametrize(("title", "text", "told"), list(golden("mistakes.txt")))
def test_a_mistake_is_told(title: str, text: str, told: str) -> None:
    with pytest.raises(ScenarioErrors) as errors:
        parse(text, "a.yaml")

    assert str(errors.value) == told


@pytest.mark.parametrize(("title", "text", "told"), list(golden("check_mistakes.txt")))
def test_check_tells_more(title: str, text: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(text, encoding="utf-8")

    assert "\n".join(map(str, check("a.yaml"))) == told
    parse(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"turns": [{"text": "a"}', "a.json:1:11: this `[` is not closed"),
        ('{"turns": [{"text": "a', "a.json:1:21: this is not JSON: Unterminated string starting at"),
        (
            '{"turns": [\n\t{"text": "a", "text": "b"}]}',
            "a.json:2:16: the key `text` is there twice; the first is in line 2",
        ),
        (
            '{"turns": [\n\t{"text": 5}]}',
            "a.json:2:11: turns[0].text: expected a text, found the number 5; quote it to make it text",
        ),
        ('{"turns": [{"text": NaN}]}', "a.json:1:21: NaN is not JSON"),
        ("[" * 100_000, "a.json:1:1: nested too deeply: more than 64 levels"),
        ("turns: []", "a.json:1:1: this is not JSON: Expecting value"),
    ],
    ids=lambda text: text[:20],
)
def test_json_is_read_strictly_and_with_places(text: str, told: str) -> None:
    with pytest.raises(ScenarioErrors) as errors:
        parse(text, "a.json")

    assert str(errors.value) == told


def test_a_file_that_is_not_utf_8_is_told_at_its_place(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes("turns:\n  - text: é".encode() + b"\xff")

    assert str(check(file)[0]) == f"{file}:2:12: this is not UTF-8 text: save the file as UTF-8"


def test_a_folder_is_checked_with_all_that_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("b.yml", "deep/a.json", "notes.txt"):
        (tmp_path / name).write_text("[]", encoding="utf-8")

    assert [Path(problem.path).name for problem in check(tmp_path)] == ["b.yml", "a.json"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "turns:\n  - calls: [{call: f, fault: as_writen}]",
            "a.yaml:2:30: turns[0].calls[0].fault: No fault is called",
        ),
        ("turns: [{text: a, faults: [unknown_param, b]}]", "a.yaml:1:43: turns[0].faults[1]: No fault is called 'b'."),
        (
            "fault: unknown_param:x=1\nturns: [{text: a}]",
            "a.yaml:1:8: fault: The fault 'unknown_param' has no parameter",
        ),
    ],
)
def test_an_unknown_fault_is_told_at_its_place(text: str, told: str) -> None:
    with pytest.raises(ScenarioErrors) as errors:
        parse(text, "a.yaml")

    assert str(errors.value).startswith(told)
