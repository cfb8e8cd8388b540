"""`GET /health`: whether the server takes requests, for balancers and load generators."""

import json
import signal
import urllib.error
import urllib.request
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mockserver import MockLLM
from tests.requests import body
from tests.test_server.conftest import get, said
from tests.test_server.test_command_line import serving

JSON = {"content-type": "application/json"}
SLOW = """scenario: slow
turns:
  - text: One two three.
    timing: {gap: 0.4s}
"""


def test_a_server_that_takes_requests_says_ok() -> None:
    with MockLLM(require_key=True) as llm:
        heard = said(llm.base_url, get("/health?verbose=1", host="10.1.2.3"))

        assert (heard.status, heard.json) == (200, {"status": "ok"})
        assert (len(llm.journal), llm.journal.served) == (0, False)


def test_the_head_alone_is_told() -> None:
    with MockLLM() as llm:
        heard = said(llm.base_url, get("/health", "HEAD"))

    assert (heard.status, heard.body) == (200, b"")


@pytest.mark.parametrize(("origin", "named"), [("http://localhost:3000", True), ("https://evil.example", False)])
def test_only_a_page_of_this_machine_may_read_it(origin: str, named: bool) -> None:
    with MockLLM() as llm:
        heard = said(llm.base_url, get("/health", origin=origin))

    assert heard.status == 200
    assert ("access-control-allow-origin" in heard.headers) is named


def test_a_server_that_was_told_to_stop_says_draining(tmp_path: Path) -> None:
    (tmp_path / "slow.yaml").write_text(SLOW, encoding="utf-8")

    with serving(tmp_path / "slow.yaml") as (process, url), closing(HTTPConnection(urlsplit(url).netloc)) as connection:
        root = urlsplit(url)
        connection.request("POST", f"{root.path}/chat/completions", body(stream=True), JSON)
        response = connection.getresponse()
        response.readline()
        process.send_signal(signal.SIGTERM)
        while (heard := health(f"http://{root.netloc}/health"))[0] == 200:
            pass
        rest = response.read()

    assert heard == (503, {"status": "draining"})
    assert rest.endswith(b"data: [DONE]\n\n")


def health(url: str) -> tuple[int, object]:
    """The status and body; 200 and None where the connection was made before the stop and closed by it while idle."""
    try:
        with urllib.request.urlopen(url) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except ConnectionResetError:
        return 200, None
