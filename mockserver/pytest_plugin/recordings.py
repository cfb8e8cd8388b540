"""The mark `recording`: a test's session is replayed from a file, or recorded into it first."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from mockserver.pytest_plugin.marks import WrongMark

if TYPE_CHECKING:
    from mockserver.server.host import Host
    from mockserver.server.mock_llm import MockLLM

KEYS = frozenset({"OPENAI_API_KEY", "AIML_API_KEY"})
"""These keep their values while a session is recorded: the real API needs the real key."""


class Plan(NamedTuple):
    """What is to happen with a test's recording: it is replayed, or made with the help of an `upstream`.

    `secrets` are values that must not be in it.
    """

    file: Path
    upstream: str | None = None
    anew: bool = False
    secrets: tuple[str, ...] = ()

    @property
    def keeps(self) -> frozenset[str]:
        """The variables of the environment that the test has to find as they are."""
        return frozenset(name for name in KEYS if os.environ.get(name)) if self.upstream is not None else frozenset()


def planned(item: pytest.Item) -> Plan | None:
    """What the test's mark and the options ask for; None without a mark.

    Raises:
        WrongMark: the mark is not written as it must be, the file is not there, or no upstream is named to record from.
    """
    mark = item.get_closest_marker("recording")
    if mark is None:
        return None
    if mark.kwargs or len(mark.args) != 1 or not isinstance(mark.args[0], str):
        raise WrongMark('@pytest.mark.recording: expected the path of one file: @pytest.mark.recording("file.yaml")')
    places = [item.path.parent / mark.args[0], item.config.rootpath / mark.args[0]]
    there = next((place for place in places if place.exists()), None)
    mode, upstream = item.config.getoption("record_mode", None), item.config.getoption("mock_llm_upstream")
    secrets = _secrets(item.config.getoption("mock_llm_secret_env"))
    if mode == "all" or (mode == "once" and there is None):
        if upstream is None:
            raise WrongMark(f"--record-mode={mode} needs --upstream URL, the base URL of the real API")
        return Plan(there or places[0], upstream, mode == "all", secrets)
    if there is None:
        looked = " and ".join(dict.fromkeys(map(str, places)))
        raise WrongMark(
            f'@pytest.mark.recording("{mark.args[0]}"): the file does not exist. Looked for {looked}. '
            "Record it: pytest --record-mode=once --upstream URL"
        )
    return Plan(there, secrets=secrets)


def _secrets(names: Sequence[str]) -> tuple[str, ...]:
    if missing := [name for name in names if not os.environ.get(name)]:
        raise WrongMark(f"--secret-env {missing[0]}: the variable is not set, or empty")
    return tuple(os.environ[name] for name in names)


@contextmanager
def carried_out(plan: Plan | None, llm: "MockLLM", host: "Host", passed: Callable[[], bool]) -> Iterator[None]:
    """Replay the recording, or record everything that is asked until the block ends, and keep it if the test passed.

    Raises:
        WrongUpstream: the address cannot be an upstream.
        ScenarioErrors: the file has mistakes.
        OSError: the file cannot be read.
    """
    if plan is None or plan.upstream is None:
        if plan is not None:
            llm.load(plan.file, secrets=plan.secrets)
        yield
        return
    from mockserver.server.recording import recording_kept_if

    with recording_kept_if(passed, host, plan.upstream, plan.file, anew=plan.anew, secrets=plan.secrets):
        yield
