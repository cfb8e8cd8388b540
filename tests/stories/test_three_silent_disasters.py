"""Three ways in which real client packages go wrong without a word, and the kit that notices.

The official SDK comes with the suite; LangChain is tried where it is installed: `pip install langchain-openai`.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from openai import OpenAI

from clientkit import Chat, IncompleteReply, converse_sync, tool
from mockserver import MockLLM, call

WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
QUESTION: Any = [{"role": "user", "content": "What is the weather in Paris and Oslo?"}]


@pytest.fixture
def llm() -> Iterator[MockLLM]:
    with MockLLM() as running:
        yield running


def helped(llm: MockLLM) -> list[Any]:
    """The calls that the official SDK's stream helper puts together."""
    with OpenAI(base_url=llm.base_url, api_key=llm.api_key, max_retries=0) as client:
        chat: Any = (
            client.chat.completions if hasattr(client.chat.completions, "stream") else client.beta.chat.completions
        )
        with chat.stream(model="gpt-4o", messages=QUESTION, tools=[WEATHER]) as stream:
            for _ in stream:
                pass
            message = stream.get_final_completion().choices[0].message
    return list(message.tool_calls or ())


def langchain(llm: MockLLM) -> Any:
    """The message that LangChain puts together from a stream."""
    chat_openai = pytest.importorskip("langchain_openai").ChatOpenAI
    model = chat_openai(model="gpt-4o", base_url=llm.base_url, api_key=llm.api_key, max_retries=0).bind_tools([WEATHER])
    pieces = list(model.stream("What is the weather in Paris and Oslo?"))
    whole = pieces[0]
    for piece in pieces[1:]:
        whole = whole + piece
    return whole


def run_with_the_kit(llm: MockLLM) -> list[str]:
    """The cities whose weather an application on our client kit looked up."""
    looked_up = []

    @tool
    def get_weather(city: str) -> str:
        """The weather of a city.

        Args:
            city: its name
        """
        looked_up.append(city)
        return "mild"

    chat = Chat(llm.base_url, llm.api_key, model="gpt-4o", retries=0)
    converse_sync(chat, "What is the weather in Paris and Oslo?", tools=[get_weather], stream=True)
    return looked_up


def test_truncated_arguments_are_accepted_as_a_whole_call(llm: MockLLM) -> None:
    llm.script(call("get_weather", city="Paris"), call("get_weather", city="Paris"))
    llm.fault("truncated_json", finish="length")

    heard = langchain(llm)

    (only,) = heard.tool_calls
    assert only["name"] == "get_weather"
    assert "Paris".startswith(only["args"]["city"])
    assert only["args"]["city"] != "Paris"
    assert heard.invalid_tool_calls == []


def test_truncated_arguments_run_nothing_with_the_kit(llm: MockLLM) -> None:
    llm.script(call("get_weather", city="Paris"))
    llm.fault("truncated_json", finish="length")

    with pytest.raises(IncompleteReply):
        run_with_the_kit(llm)


def test_two_calls_become_one(llm: MockLLM) -> None:
    llm.script([call("get_weather", city="Paris"), call("get_weather", city="Oslo")])
    llm.fault("index_always_zero")

    (merged,) = helped(llm)

    assert merged.id.count("call_") == 2
    assert merged.function.arguments == '{"city": "Paris"}{"city": "Oslo"}'


def test_two_calls_stay_two_with_the_kit(llm: MockLLM) -> None:
    llm.script([call("get_weather", city="Paris"), call("get_weather", city="Oslo")], "Mild in both.")
    llm.fault("index_always_zero")

    assert sorted(run_with_the_kit(llm)) == ["Oslo", "Paris"]


def test_a_name_is_doubled(llm: MockLLM) -> None:
    llm.script(call("get_weather", city="Paris"))
    llm.fault("id_name_every_chunk")

    (only,) = helped(llm)

    assert only.function.name.count("get_weather") > 1
    assert json.loads(only.function.arguments) == {"city": "Paris"}


def test_a_name_is_doubled_by_langchain_too(llm: MockLLM) -> None:
    llm.script(call("get_weather", city="Paris"))
    llm.fault("id_name_every_chunk")

    assert langchain(llm).tool_calls[0]["name"].count("get_weather") > 1


def test_a_name_stays_itself_with_the_kit(llm: MockLLM) -> None:
    llm.script(call("get_weather", city="Paris"), "Mild.")
    llm.fault("id_name_every_chunk")

    assert run_with_the_kit(llm) == ["Paris"]
