"""The OpenAI Agents SDK, with streams."""

import openai
from agents import (
    Agent,
    OpenAIChatCompletionsModel,
    Runner,
    RunResultStreaming,
    RunState,
    function_tool,
    set_tracing_disabled,
)

set_tracing_disabled(True)


@function_tool
def find_address(name: str) -> str:
    """Find somebody's mail address."""
    return f"{name.lower()}@example.org"


@function_tool(needs_approval=True)
def send_email(to: str, subject: str, copies: int = 1) -> str:
    """Send an email."""
    SENT.append([to, subject, copies])
    return "sent"


async def run(agent: Agent, text: "str | RunState") -> RunResultStreaming:
    result = Runner.run_streamed(agent, text, max_turns=6)
    async for _event in result.stream_events():
        pass
    return result


async def ask(base_url: str, headers: dict[str, str], text: str) -> str:
    async with openai.AsyncOpenAI(base_url=base_url, api_key="key", default_headers=headers, max_retries=0) as client:
        model = OpenAIChatCompletionsModel(model="gpt-4o", openai_client=client)
        agent = Agent(name="mail", model=model, tools=[find_address, send_email])
        result = await run(agent, text)
        while result.interruptions:
            state = result.to_state()
            for interruption in result.interruptions:
                SHOWN.append(interruption.arguments)
                state.approve(interruption)
            result = await run(agent, state)
    return str(result.final_output)


SENT: list[list[object]] = []
SHOWN: list[object] = []
