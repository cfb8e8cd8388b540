"""The marks on a test, understood: what they name, and what is said when they are wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.errors import MockServerError
from mockserver.scenario import UnknownScenario, find


class WrongMark(MockServerError):
    """A mark is not written as it must be; the message shows the right form."""


def scenario_files(item: pytest.Item) -> Iterator[Path]:
    """The files that the test's `scenario` marks name, those of its class and module first.

    Raises:
        WrongMark: the mark names nothing, or a file that is not there.
    """
    for mark in reversed([*item.iter_markers("scenario")]):
        if mark.kwargs or not mark.args or not all(isinstance(name, str) for name in mark.args):
            raise WrongMark(
                f'{_written(mark)}: expected the path of a scenario file: @pytest.mark.scenario("file.yaml")'
            )
        for name in mark.args:
            yield from files(item, name, mark)


def files(item: pytest.Item, name: str, mark: pytest.Mark) -> list[Path]:
    """The file of that name beside the test file or in the root directory, or the ready-made scenario.

    Raises:
        WrongMark: there is none.
    """
    places = [item.path.parent / name, item.config.rootpath / name]
    for place in places:
        if place.exists():
            return find(str(place))
    try:
        return find(name)
    except UnknownScenario:
        looked = " and ".join(dict.fromkeys(str(place) for place in places))
        form = f'@pytest.mark.{mark.name}("file.yaml")'
        raise WrongMark(
            f"{_written(mark)}: there is no such file. Looked for {looked}. "
            f"Write {form} with a path from the test file's folder or from the root directory, or the name of a "
            "ready-made scenario (`mockserver serve --list`)."
        ) from None


def _written(mark: pytest.Mark) -> str:
    given = [*map(repr, mark.args), *(f"{name}={value!r}" for name, value in mark.kwargs.items())]
    return f"@pytest.mark.{mark.name}({', '.join(given)})"
