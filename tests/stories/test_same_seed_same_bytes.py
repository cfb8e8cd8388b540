"""The same seed and the same requests give the same bytes; two identical requests differ in their ids alone."""

import json
import urllib.request
from typing import Any

from mockserver import MockLLM


def post(url: str, body: dict[str, Any], **headers: str) -> bytes:
    given = {"content-type": "application/json", **headers}
    request = urllib.request.Request(f"{url}/chat/completions", json.dumps(body).encode(), given)
    with urllib.request.urlopen(request) as response:
        head = sorted((name.lower(), value) for name, value in response.getheaders())
        content: bytes = response.read()
        return repr(head).encode() + b"\n" + content


def content(answer: bytes) -> list[str]:
    body = json.loads(answer.partition(b"\n")[2])
    return [call["function"]["arguments"] for call in body["choices"][0]["message"]["tool_calls"]]


def ids(answer: bytes) -> set[str]:
    body = json.loads(answer.partition(b"\n")[2])
    return {body["id"], *(call["id"] for call in body["choices"][0]["message"]["tool_calls"])}


def test_two_runs_with_the_same_seed_give_the_same_bytes(asked: dict[str, Any]) -> None:
    def run() -> list[bytes]:
        with MockLLM(seed=7) as llm:
            bodies = [asked, asked, {**asked, "stream": True}, {**asked, "model": "gpt-4"}]
            return [post(llm.base_url, body) for body in bodies]

    assert run() == run()


def test_two_identical_requests_have_equal_content_and_different_ids(llm: MockLLM, asked: dict[str, Any]) -> None:
    first, second = post(llm.base_url, asked), post(llm.base_url, asked)

    assert content(first) == content(second)
    assert not ids(first) & ids(second)


def test_the_same_request_under_two_keys_has_equal_content_and_different_ids(
    llm: MockLLM, asked: dict[str, Any]
) -> None:
    first, second = (post(llm.base_url, asked, authorization=f"Bearer {key}") for key in ("a", "b"))

    assert content(first) == content(second)
    assert not ids(first) & ids(second)


def test_another_seed_gives_other_ids(asked: dict[str, Any]) -> None:
    def answer(seed: int) -> bytes:
        with MockLLM(seed=seed) as llm:
            return post(llm.base_url, asked)

    assert not ids(answer(1)) & ids(answer(2))


def test_a_request_header_chooses_the_seed(asked: dict[str, Any]) -> None:
    with MockLLM(seed=1) as one, MockLLM(seed=2) as two:
        first, second = (post(llm.base_url, asked, **{"x-mock-seed": "3"}) for llm in (one, two))

    assert first == second
