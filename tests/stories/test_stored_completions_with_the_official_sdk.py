"""Stored completions, with the official client: looked up, listed, labelled, deleted, and bounded."""

from collections.abc import Iterator
from typing import Any

import pytest
from openai import BadRequestError, NotFoundError, OpenAI

from mockserver import MockLLM
from mockserver.chat import Reply
from mockserver.server.stored_completions import Store
from mockserver.wire.chat_completions.parse import parse
from mockserver.wire.identity import Identity
from tests.test_server.conftest import HELLO, get, request, said

PARTS = [{"type": "text", "text": "Hello"}, {"type": "text", "text": "you"}]


@pytest.fixture
def client() -> Iterator[OpenAI]:
    with MockLLM() as llm, OpenAI(base_url=llm.base_url, api_key="k", max_retries=0) as found:
        yield found


def ask(client: OpenAI, **more: Any) -> Any:
    return client.chat.completions.create(**{**HELLO, "store": True, **more})


def test_a_stored_completion_is_retrieved(client: OpenAI) -> None:
    said = ask(client, metadata={"of": "today"}, seed=7)
    found = client.chat.completions.retrieve(said.id)

    assert found.choices == said.choices
    assert (found.usage, found.object) == (said.usage, "chat.completion")
    assert found.to_dict()["metadata"] == {"of": "today"}
    assert found.to_dict()["seed"] == 7


def test_what_was_streamed_is_stored_whole(client: OpenAI) -> None:
    chunks = list(ask(client, stream=True))
    found = client.chat.completions.retrieve(chunks[0].id)

    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert found.choices[0].message.content == text


def test_only_what_asks_for_it_is_stored(client: OpenAI) -> None:
    said = ask(client, store=False)

    with pytest.raises(NotFoundError, match="No chat completion found with id"):
        client.chat.completions.retrieve(said.id)


def test_stored_completions_are_listed_page_by_page(client: OpenAI) -> None:
    ids = [ask(client, user=str(number)).id for number in range(5)]

    assert [one.id for one in client.chat.completions.list(limit=2)] == ids
    assert [one.id for one in client.chat.completions.list(order="desc")] == ids[::-1]
    assert [one.id for one in client.chat.completions.list(after=ids[2])] == ids[3:]


def test_the_list_is_filtered_by_model_and_metadata(client: OpenAI) -> None:
    one = ask(client, metadata={"a": "1", "b": "2"})
    other = ask(client, metadata={"a": "1"}, model="gpt-4o-mini")

    def ids(**filters: Any) -> list[str]:
        return [found.id for found in client.chat.completions.list(**filters)]

    assert ids(metadata={"a": "1"}) == [one.id, other.id]
    assert ids(metadata={"a": "1", "b": "2"}) == [one.id]
    assert ids(model="gpt-4o-mini-2024-07-18") == [other.id]
    assert ids(metadata={"c": "3"}) == []


def test_metadata_is_updated(client: OpenAI) -> None:
    stored = ask(client, metadata={"a": "1"}).id
    updated = client.chat.completions.update(stored, metadata={"b": "2"})

    assert updated.to_dict()["metadata"] == {"b": "2"}
    assert client.chat.completions.retrieve(stored) == updated
    with pytest.raises(BadRequestError) as refused:
        client.chat.completions.update(stored, metadata={"b": 2})  # type: ignore[dict-item]  # wrong on purpose
    assert refused.value.code == "invalid_type"


def test_a_deleted_completion_is_gone(client: OpenAI) -> None:
    stored = ask(client).id
    deleted = client.chat.completions.delete(stored)

    assert (deleted.id, deleted.deleted, deleted.object) == (stored, True, "chat.completion.deleted")
    with pytest.raises(NotFoundError):
        client.chat.completions.delete(stored)


def test_the_messages_that_were_answered_are_listed(client: OpenAI) -> None:
    system = {"role": "system", "content": "Be brief."}
    stored = ask(client, messages=[system, {"role": "user", "content": PARTS}]).id
    first, second = client.chat.completions.messages.list(stored)

    assert (first.id, first.content, first.content_parts) == (f"{stored}-0", "Be brief.", None)
    assert second.content is None
    assert [part.to_dict() for part in second.content_parts or ()] == PARTS
    assert [one.id for one in client.chat.completions.messages.list(stored, limit=1, order="desc")] == [
        f"{stored}-1",
        f"{stored}-0",
    ]


@pytest.mark.parametrize("prefix", ["", "/v1"])
def test_the_list_is_served_with_and_without_its_prefix(prefix: str) -> None:
    with MockLLM() as llm:
        said(llm.base_url, request({**HELLO, "store": True}, connection="close"))
        listed = said(llm.base_url, get(f"{prefix}/chat/completions")).json

    assert (listed["object"], listed["has_more"], len(listed["data"])) == ("list", False, 1)
    assert listed["first_id"] == listed["last_id"] == listed["data"][0]["id"]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=many", "order=up", "limit=%00", "limit=²"])
def test_an_odd_page_is_refused(query: str) -> None:
    with MockLLM() as llm:
        assert said(llm.base_url, get(f"/v1/chat/completions?{query}")).status == 400
        assert said(llm.base_url, get("/v1/chat/completions?after=nothing")).status == 404


def test_the_oldest_make_room() -> None:
    body = b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}'
    heard = parse(body)
    few, small = Store(kept=2), Store(size=1)

    for attempt in (1, 2, 3):
        for store in (few, small):
            store.add([Reply("Hello.")], heard, Identity("0", heard.fingerprint, "", attempt), body)

    kept = [Identity("0", heard.fingerprint, "", attempt).completion_id for attempt in (2, 3)]
    assert [completion["id"] for completion in few] == kept
    assert [completion["id"] for completion in small] == kept[1:]


def test_a_reset_forgets_what_was_stored() -> None:
    with MockLLM() as llm:
        said(llm.base_url, request({**HELLO, "store": True}, connection="close"))
        said(llm.base_url, get("/_mock/reset", "POST"))

        assert said(llm.base_url, get("/v1/chat/completions")).json["data"] == []
