"""The sanitiser: no secret gets past it, ordinary text does, and doing it twice changes nothing."""

import base64
import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.chat import ChatRequest, Message, Tool, ToolCall
from mockserver.redaction import Pseudonyms, Sanitiser
from tests.planted import KNOWN, SECRETS

HARMLESS = [
    "What is the current temperature of New York, San Francisco, and Chicago?",
    "Basic understanding of bearer certificates",
    "the risk-assessment, the task-list and the disk-space",
    "password: required, max_tokens: 1000, token: yes",
    "see https://example.com:8080/a?page=2 at 12:30",
    "chatcmpl-9xQ2 call_abc123 req_77f",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("around", ["{}", "The key is {}.", "a={}\nb", '"{}"', "ünï→{}←"])
def test_a_secret_does_not_get_past(secret: str, around: str) -> None:
    clean = Sanitiser([KNOWN]).text(around.format(secret))

    assert secret not in clean
    assert "<secret>" in clean


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert Sanitiser([KNOWN]).text(text) == text


@given(st.lists(st.one_of(st.sampled_from(SECRETS), st.text(max_size=20)), max_size=5))
def test_sanitising_twice_changes_nothing(pieces: list[str]) -> None:
    sanitiser = Sanitiser([KNOWN])
    once = sanitiser.text(" ".join(pieces))

    assert sanitiser.text(once) == once


@given(st.text(min_size=8, max_size=30), st.binary(max_size=5), st.binary(max_size=5))
def test_a_known_value_is_found_in_every_form(value: str, before: bytes, after: bytes) -> None:
    raw = value.encode("utf-8", "replace")
    value = raw.decode()
    encoded = base64.b64encode(before + raw + after).decode()
    sanitiser = Sanitiser([value])

    for form in (value, quote(value, safe=""), raw.hex(), encoded):
        assert sanitiser.text(f"({form})") != f"({form})"


def test_what_stands_under_a_telling_name_is_secret_whatever_it_looks_like() -> None:
    given_ = {"user": "ann", "password": "rose", "nested": [{"api_key": "tulip"}], "tokens": 3}

    assert Sanitiser().value(given_) == {
        "user": "ann",
        "password": "<secret>",
        "nested": [{"api_key": "<secret>"}],
        "tokens": 3,
    }


def test_arguments_are_written_anew_only_when_a_value_changed() -> None:
    sanitiser = Sanitiser()

    assert sanitiser.json_text('{"city":  "Oslo"}') == '{"city":  "Oslo"}'
    assert sanitiser.json_text('{"password":"rose","n":1}') == '{"password":"<secret>","n":1}'
    assert sanitiser.json_text('{"broken": "sk-abcDEF123456') == '{"broken": "<secret>'


def test_a_request_is_clean_in_every_place() -> None:
    secret = SECRETS[0]
    request = ChatRequest(
        secret,
        (
            Message("system", secret),
            Message("user", secret, parts=({"type": "text", "text": secret},), name=secret),
            Message("assistant", refusal=secret, tool_calls=(ToolCall("log_in", f'{{"a": "{secret}"}}', "call_1"),)),
            Message("tool", f'{{"b": ["{secret}"]}}', tool_call_id="call_1"),
        ),
        (Tool("log_in", secret, {"description": secret}),),
        options={"metadata": {"a": secret}},
    )

    assert secret not in repr(Sanitiser().request(request))


def test_a_long_data_url_becomes_its_hash() -> None:
    url = f"data:image/png;base64,{base64.b64encode(bytes(1000)).decode()}"
    clean = Sanitiser().value({"url": url})["url"]

    assert clean.startswith("data:image/png;base64,sha256:")
    assert len(clean) < 100


def test_a_person_keeps_the_same_pseudonym() -> None:
    pseudonyms = Pseudonyms("salt")
    text = "ann@firm.com and bob@firm.com, again ann@firm.com, +47 22 33 44 55, card 4111 1111 1111 1111"

    clean = Sanitiser(pseudonyms=pseudonyms).text(text)

    first, second, third = re.findall(r"\w+@[\w.]+", clean)
    assert first == third != second
    assert all(each not in clean for each in ("ann@", "bob@", "22 33 44 55", "4111 1111"))
    assert Pseudonyms("salt")(text) == clean != Pseudonyms("pepper")(text)
    assert pseudonyms(clean) == clean
