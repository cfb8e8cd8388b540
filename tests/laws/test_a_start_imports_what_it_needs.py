"""A server starts, and answers, without what nobody has asked it for: importing is most of what a start takes."""

import json
import re
import subprocess
import sys
from collections.abc import Set
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.requests import body

PATTERN = re.compile(r"^import time:.*\| +(\S+)$", re.MULTILINE)
ALWAYS = {"faker", "jsonschema_rs", "mockserver.conduct", "mockserver.recording", "mockserver.handbook"}
ALWAYS |= {"mockserver.server.operations", "mockserver.wire.chat_completions.replay", "mockserver.journal.dialogue"}
WITHOUT_A_SCENARIO = {"pydantic", "yaml", "re2", "mockserver.scenario", "mockserver.faults", "mockserver.redaction"}


def imported(*arguments: str) -> set[str]:
    """What a server has imported once it has answered a request."""
    command = [sys.executable, "-X", "importtime", "-m", "mockserver", "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        connection = HTTPConnection(urlsplit(process.stdout.readline().split()[-1]).netloc)
        connection.request("POST", "/v1/chat/completions", body(), {"content-type": "application/json"})
        assert json.loads(connection.getresponse().read())["object"] == "chat.completion"
        connection.close()
        process.terminate()
        return set(PATTERN.findall(process.communicate()[1]))


@pytest.mark.parametrize(
    ("arguments", "spared"),
    [((), ALWAYS | WITHOUT_A_SCENARIO), (("chain", "--fallback", "simulate"), ALWAYS)],
    ids=["simulated model", "scenario"],
)
def test_a_start_does_without(arguments: tuple[str, ...], spared: Set[str]) -> None:
    found = imported(*arguments)

    assert "mockserver.server.pipeline" in found
    assert not found & spared
