"""Who may ask, and for what: keys, known models, sizes."""

import pytest
from openai import AuthenticationError, BadRequestError, NotFoundError, OpenAI

from mockserver import MockLLM
from mockserver.server.access import masked
from tests.test_server.conftest import HELLO, get, request, said

TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}


def ask(llm: MockLLM, key: str = "k", **more: object) -> None:
    with OpenAI(base_url=llm.base_url, api_key=key, max_retries=0) as client:
        client.chat.completions.create(**{**HELLO, **more})


def test_any_key_will_do_and_none_at_all() -> None:
    with MockLLM() as llm:
        ask(llm)
        assert said(llm.base_url, request(HELLO, connection="close")).status == 200


def test_a_key_can_be_wanted() -> None:
    with MockLLM(require_key=True) as llm:
        ask(llm, "whatever")
        heard = said(llm.base_url, request(HELLO, connection="close"))
        listed = said(llm.base_url, get("/v1/models"))
        healthy = said(llm.base_url, get("/_mock/health"))

    assert (heard.status, heard.error["type"], heard.error["code"]) == (401, "invalid_request_error", None)
    assert heard.error["message"].startswith("You didn't provide an API key. You need to provide your API key in an ")
    assert (listed.status, listed.error["message"]) == (401, "Missing bearer authentication in header")
    assert healthy.status == 200


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer  ", "Basic abc", "bearer-ish"])
def test_what_is_no_bearer_key_counts_as_none(authorization: str) -> None:
    with MockLLM(require_key=True) as llm:
        assert said(llm.base_url, request(HELLO, connection="close", authorization=authorization)).status == 401


def test_a_wrong_key_is_repeated_masked() -> None:
    with MockLLM(require_key="sk-right") as llm:
        ask(llm, "sk-right")
        with pytest.raises(AuthenticationError) as raised:
            ask(llm, "sk-abcdefghijklmnopqrstuvwxyz")

    assert raised.value.code == "invalid_api_key"
    said = "Incorrect API key provided: sk-ab***yz. You can find your API key at "
    assert f"{said}https://platform.openai.com/account/api-keys." in raised.value.message
    assert llm.journal[1].ended == "refused"


def test_of_a_short_key_next_to_nothing_is_shown() -> None:
    assert masked("sk-secret") == "sk***"


def test_unknown_models_can_be_refused() -> None:
    with MockLLM(known_models_only=True) as llm:
        ask(llm)
        ask(llm, model="openai/gpt-4.1-2025-04-14")
        with pytest.raises(NotFoundError) as raised:
            ask(llm, model="gpt-nobody-knows")

    assert (raised.value.code, raised.value.param) == ("model_not_found", None)
    assert "The model `gpt-nobody-knows` does not exist or you do not have access to it." in raised.value.message


def test_a_model_that_calls_no_functions_refuses_tools() -> None:
    with MockLLM() as llm:
        ask(llm, model="o1-mini")
        with pytest.raises(BadRequestError) as raised:
            ask(llm, model="o1-mini", tools=[TOOL])

    assert (raised.value.code, raised.value.param) == ("unsupported_parameter", "tools")
    assert "Unsupported parameter: 'tools' is not supported with this model." in raised.value.message


def test_a_model_that_calls_no_functions_refuses_them_in_the_old_form_too() -> None:
    function = {"name": "f", "parameters": {"type": "object", "properties": {}}}

    with MockLLM() as llm, pytest.raises(BadRequestError) as raised:
        ask(llm, model="o1-mini", functions=[function])

    assert (raised.value.code, raised.value.param) == ("unsupported_parameter", "functions")


@pytest.mark.parametrize("limit", ["rpm", "tpm", "body_limit"])
def test_a_limit_of_nothing_is_a_mistake(limit: str) -> None:
    with pytest.raises(ValueError, match=f"{limit}=0: expected a whole number from 1 up"):
        MockLLM(**{limit: 0})  # type: ignore[arg-type]  # one of the three


def test_lenient_checks_let_any_model_call() -> None:
    with MockLLM(checks="lenient") as llm:
        ask(llm, model="o1-mini", tools=[TOOL])


def test_a_body_beyond_the_limit_is_refused() -> None:
    with MockLLM(body_limit=1000) as llm:
        small = said(llm.base_url, request(HELLO, connection="close"))
        heard = said(llm.base_url, request({**HELLO, "user": "x" * 1000}, connection="close"))

    assert small.status == 200
    assert (heard.status, heard.error["message"]) == (
        413,
        "The request body is larger than the 1000 bytes that are accepted.",
    )
