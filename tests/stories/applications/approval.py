"""A payment that somebody else approves: one process asks and ends, another one goes on when the decision is there."""

import asyncio
import sys
from pathlib import Path

from clientkit import LATER, Chat, Conversation, Pending, printable, tool

STATE, LEDGER = Path(sys.argv[2]), Path(sys.argv[3])


@tool(acts=True)
def pay(to: str, amount: float, currency: str = "EUR") -> str:
    """Pay an amount."""
    with LEDGER.open("a") as file:
        file.write(f"{to} {amount} {currency}\n")
    return "paid"


async def main(command: str) -> None:
    async with Chat(model="gpt-4o") as chat:
        talk = Conversation(chat, [pay], confirm=lambda question: LATER)
        if command == "ask":
            answer = await talk.ask("Pay Anna what I owe her")
        else:
            pending = Pending.from_json(STATE.read_text())
            STATE.unlink()
            answer = await talk.resume(pending, {call.id: command == "yes" or "too much" for call in pending.open})
    if isinstance(answer, Pending):
        STATE.write_text(answer.to_json())
        print(*(printable(f"{call.name}({call.arguments})") for call in answer.open))
    else:
        print(printable(answer.text, lines=True))


asyncio.run(main(sys.argv[1]))
