"""An application of the OpenAI Agents SDK with its defaults, which asks `/v1/responses`: plain, stream or chain."""

import asyncio
import sys

from agents import Agent, Runner, function_tool, set_tracing_disabled  # type: ignore[import-not-found,unused-ignore]

QUESTION = "Temperature of New York, San Francisco, and Chicago?"


@function_tool  # type: ignore[untyped-decorator,unused-ignore]
def get_current_weather(location: str) -> str:
    """Get the current weather in a given location."""
    return f"21 in {location}"


async def main(way: str) -> None:
    set_tracing_disabled(True)
    agent = Agent(name="weather", instructions="Be brief.", tools=[get_current_weather], model="gpt-4o")
    if way == "stream":
        running = Runner.run_streamed(agent, QUESTION)
        async for _ in running.stream_events():
            pass
        print(running.final_output)
        return
    result = await Runner.run(agent, QUESTION, auto_previous_response_id=way == "chain")
    print(result.final_output)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
