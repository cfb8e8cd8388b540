"""Hypothesis strategies for what a model may say."""

from hypothesis import strategies as st

from mockserver.chat import ChatRequest, Message, Reply, Tool, ToolCall
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.tokens import prompt_tokens

texts = st.text(max_size=60)
names = st.from_regex(r"[a-zA-Z0-9_-]{1,20}", fullmatch=True)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
calls = st.builds(ToolCall, names, texts | st.just("{}"))
cuts = st.sampled_from([None, "word", "character", "whole", 1, 3])

spoken = st.builds(Reply, texts, stream=cuts)
calling = st.builds(Reply, st.none() | texts, st.lists(calls, min_size=1, max_size=4), stream=cuts)
refusing = st.builds(Reply, refusal=st.text(min_size=1, max_size=60), stream=cuts)
replies = spoken | calling | refusing

WEATHER = Tool(
    "get_current_weather",
    "Get the current weather in a given location",
    {
        "type": "object",
        "properties": {
            "location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA"},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
        },
    },
)


def heard(request: ChatRequest) -> ParsedRequest:
    """The request as if it had been read."""
    return ParsedRequest(request, b"request", prompt_tokens(request))


def question(text: str = "What is the temperature of Oslo?", *, stream: bool = False) -> ChatRequest:
    """A request with one user message and the weather tool."""
    return ChatRequest("gpt-4o", (Message("user", text),), (WEATHER,), stream=stream)
