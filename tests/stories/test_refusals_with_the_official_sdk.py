"""The official SDK raises the right exception for every refusal and reads its code, its param and the request's id."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletion

from mockserver import MockLLM, refuse
from tests.refusals import ROWS

READABLE = [row for row, (raw, *_) in ROWS.items() if raw[:1] == b"{" and raw[-1:] == b"}" and b"NaN" not in raw]


@pytest.fixture(scope="module")
def llm() -> Iterator[MockLLM]:
    with MockLLM() as running:
        yield running


@pytest.fixture(scope="module")
def client(llm: MockLLM) -> Iterator[OpenAI]:
    with OpenAI(base_url=llm.base_url, api_key=llm.api_key, max_retries=0) as opened:
        yield opened


@pytest.mark.parametrize("row", READABLE)
def test_a_wrong_request_is_a_bad_request_error(client: OpenAI, row: str) -> None:
    raw, message, param, code = ROWS[row]

    with pytest.raises(openai.BadRequestError) as caught:
        client.post("/chat/completions", body=json.loads(raw), cast_to=ChatCompletion)

    error = caught.value
    assert (error.status_code, error.param, error.code, error.type) == (400, param, code, "invalid_request_error")
    assert error.body == {"message": message, "type": error.type, "param": param, "code": code}
    assert (error.request_id or "").startswith("req_")


async def test_a_wrong_request_is_a_bad_request_error_for_an_asynchronous_client_too(llm: MockLLM) -> None:
    async with AsyncOpenAI(base_url=llm.base_url, api_key=llm.api_key) as client:
        with pytest.raises(openai.BadRequestError) as caught:
            await client.chat.completions.create(model="gpt-4o", messages=[], stream=True)

    assert (caught.value.param, caught.value.code) == ("messages", "empty_array")


EXCEPTIONS = {
    400: (openai.BadRequestError, None),
    401: (openai.AuthenticationError, "invalid_api_key"),
    403: (openai.PermissionDeniedError, None),
    404: (openai.NotFoundError, "model_not_found"),
    409: (openai.ConflictError, None),
    422: (openai.UnprocessableEntityError, None),
    429: (openai.RateLimitError, "rate_limit_exceeded"),
    500: (openai.InternalServerError, None),
    503: (openai.InternalServerError, "server_is_overloaded"),
}


@pytest.mark.parametrize("status", EXCEPTIONS)
@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_each_status_is_an_exception_of_its_own(llm: MockLLM, client: OpenAI, status: int, stream: bool) -> None:
    exception, code = EXCEPTIONS[status]
    llm.script(refuse(status, retry_after=0))
    messages: list[Any] = [{"role": "user", "content": f"Hello {status} {stream}"}]

    with pytest.raises(exception) as caught:
        client.chat.completions.create(model="gpt-4o", messages=messages, stream=stream)

    assert (caught.value.status_code, caught.value.code) == (status, code)
    assert caught.value.request_id


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
def test_what_may_pass_is_tried_again(status: int) -> None:
    messages: list[Any] = [{"role": "user", "content": "Hello"}]

    with MockLLM() as llm, OpenAI(base_url=llm.base_url, api_key=llm.api_key, max_retries=1) as client:
        llm.script(refuse(status, retry_after=0.001), "At last.")
        answer = client.chat.completions.create(model="gpt-4o", messages=messages)

    assert answer.choices[0].message.content == "At last."


@pytest.mark.parametrize(("status", "told", "attempts"), [(429, "false", 1), (400, "true", 2)])
def test_a_client_that_is_told_whether_to_try_again_obeys(status: int, told: str, attempts: int) -> None:
    error = replace(refuse(status, retry_after=0.001), headers={"x-should-retry": told, "retry-after-ms": "1"})
    messages: list[Any] = [{"role": "user", "content": "Hello"}]

    with MockLLM() as llm, OpenAI(base_url=llm.base_url, api_key=llm.api_key, max_retries=1) as client:
        llm.script(error, error)
        with pytest.raises(openai.APIStatusError):
            client.chat.completions.create(model="gpt-4o", messages=messages)

        assert len(llm.journal) == attempts
