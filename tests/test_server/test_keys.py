"""The API key, whatever carries it, opens the server and names the session."""

import json
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from mockserver import MockLLM
from tests.requests import body

KEY = "mock-right"
CARRIERS = {
    "bearer": ({"authorization": f"Bearer {KEY}"}, ""),
    "x-api-key": ({"x-api-key": KEY}, ""),
    "api-key": ({"api-key": KEY}, ""),
    "x-goog-api-key": ({"x-goog-api-key": KEY}, ""),
    "query": ({}, f"?key={KEY}"),
}


def status(llm: MockLLM, headers: dict[str, str], query: str = "") -> tuple[int, dict[str, object]]:
    """Status and body of the answer to a chat request."""
    connection = HTTPConnection(urlsplit(llm.base_url).netloc)
    path = f"/v1/chat/completions{query}"
    connection.request("POST", path, body(), {"content-type": "application/json", **headers})
    response = connection.getresponse()
    found = response.status, json.loads(response.read())
    connection.close()
    return found


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_key_opens_the_server_whatever_carries_it(carrier: str) -> None:
    with MockLLM(require_key=KEY) as llm:
        assert status(llm, *CARRIERS[carrier])[0] == 200


def test_one_key_is_one_session_whatever_carries_it() -> None:
    with MockLLM() as llm:
        for carrier in CARRIERS.values():
            status(llm, *carrier)

        assert len({exchange.session for exchange in llm.journal}) == 1


def test_a_wrong_key_is_refused_whatever_carries_it() -> None:
    with MockLLM(require_key="mock-other") as llm:
        for carrier in CARRIERS.values():
            code, answer = status(llm, *carrier)

            assert code == 401
            assert "Incorrect API key" in json.dumps(answer)
