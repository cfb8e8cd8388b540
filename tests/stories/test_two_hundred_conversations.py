"""Two hundred conversations at once, with retries and a server started anew in the middle: each gets its own turns."""

import asyncio
import random
from pathlib import Path
from typing import Any

from openai import AsyncOpenAI

from tests.test_server.test_command_line import serving

CONVERSATIONS, AT_ONCE = 200, 16
SCENARIO = """
scenario: orders
turns:
  - when: {user_says: {matches: 'order (?P<number>\\d+)'}}
    calls:
      - call: find_order
        with: {number: "{capture.number}"}
      - call: find_customer
        with: {order: "{capture.number}"}
  - when: {tool_results: 2}
    text: "Order {capture.number} of {result.find_customer.0}: {result.find_order.0}. Anything else?"
  - when: {user_says: cancel}
    calls:
      - call: cancel_order
        with: {number: "{capture.number}"}
  - when: {tool_results: {cancel_order: done}}
    text: Order {capture.number} is cancelled.
"""
TOOLS: Any = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}}
    for name in ("find_order", "find_customer", "cancel_order")
]
RESULTS = {"find_order": "a loom for {}", "find_customer": "customer of {}", "cancel_order": "{} done"}


class Conversation:
    """What one application says and hears."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.messages: list[Any] = [{"role": "user", "content": f"Where is order {number}?"}]
        self.heard: list[str] = []

    async def step(self, client: AsyncOpenAI, times: int) -> None:
        """Ask, as often as an impatient client does, and go on with what came last."""
        for _ in range(times):
            answer = await client.chat.completions.create(model="gpt-4o", messages=self.messages, tools=TOOLS)
            message = answer.choices[0].message
        self.messages.append(message.model_dump(exclude_none=True))
        for call in message.tool_calls or ():
            assert call.type == "function"
            self.heard.append(f"{call.function.name}({call.function.arguments})")
            content = RESULTS[call.function.name].format(self.number)
            self.messages.append({"role": "tool", "tool_call_id": call.id, "content": content})
        if message.content:
            self.heard.append(message.content)
            self.messages.append({"role": "user", "content": "Then cancel it."})

    @property
    def expected(self) -> list[str]:
        number = self.number
        return [
            f'find_order({{"number": "{number}"}})',
            f'find_customer({{"order": "{number}"}})',
            f"Order {number} of customer of {number}: a loom for {number}. Anything else?",
            f'cancel_order({{"number": "{number}"}})',
            f"Order {number} is cancelled.",
        ]


async def play(url: str, steps: list[tuple[Conversation, int]]) -> None:
    """All steps, so many at once; those of one conversation one after the other."""
    busy: dict[int, asyncio.Lock] = {}
    room = asyncio.Semaphore(AT_ONCE)

    async def one(conversation: Conversation, times: int) -> None:
        async with busy.setdefault(conversation.number, asyncio.Lock()), room:
            await conversation.step(client, times)

    async with AsyncOpenAI(base_url=url, api_key="any") as client:
        await asyncio.gather(*(one(*step) for step in steps))


def test_each_of_two_hundred_conversations_gets_exactly_its_own_turns(tmp_path: Path) -> None:
    file = tmp_path / "orders.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    chance = random.Random(1)
    conversations = [Conversation(number) for number in range(CONVERSATIONS)]
    steps = [(conversation, 1 + (chance.random() < 0.2)) for conversation in conversations for _ in range(4)]
    chance.shuffle(steps)

    for half in (steps[: len(steps) // 2], steps[len(steps) // 2 :]):
        with serving(file) as (_, url):
            asyncio.run(play(url, half))

    assert [conversation.heard for conversation in conversations] == [each.expected for each in conversations]
