"""pydantic-ai, with streams."""

from collections.abc import AsyncIterable
from typing import Any

import openai
from pydantic_ai import Agent, DeferredToolRequests, DeferredToolResults, UsageLimits
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


def find_address(name: str) -> str:
    """Find somebody's mail address."""
    return f"{name.lower()}@example.org"


def send_email(to: str, subject: str, copies: int = 1) -> str:
    """Send an email."""
    SENT.append([to, subject, copies])
    return "sent"


async def listen(context: Any, events: AsyncIterable[Any]) -> None:
    async for _event in events:
        pass


async def ask(base_url: str, headers: dict[str, str], text: str) -> str:
    async with openai.AsyncOpenAI(base_url=base_url, api_key="key", default_headers=headers, max_retries=0) as client:
        model = OpenAIChatModel("gpt-4o", provider=OpenAIProvider(openai_client=client))
        agent: Any = Agent(model, output_type=[str, DeferredToolRequests])
        agent.tool_plain(find_address)
        agent.tool_plain(requires_approval=True)(send_email)
        limits = UsageLimits(request_limit=6)
        result = await agent.run(text, usage_limits=limits, event_stream_handler=listen)
        while isinstance(result.output, DeferredToolRequests):
            decisions = DeferredToolResults()
            for call in result.output.approvals:
                SHOWN.append(call.args)
                decisions.approvals[call.tool_call_id] = True
            history = result.all_messages()
            result = await agent.run(
                message_history=history,
                deferred_tool_results=decisions,
                usage_limits=limits,
                event_stream_handler=listen,
            )
    return str(result.output)


SENT: list[list[object]] = []
SHOWN: list[object] = []
