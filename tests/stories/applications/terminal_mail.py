"""A mail assistant in the terminal: text as it comes, a question before anything is sent."""

import asyncio
import sys
from pathlib import Path

from clientkit import Chat, ClientKitError, Conversation, ask_in_terminal, printable, tool
from clientkit.events import Event, TextArrived

BOOK = {"Anna": "anna@example.org", "Bob": "bob@example.org"}
OUTBOX = Path(sys.argv[1])


@tool
def find_address(name: str) -> str:
    """Find somebody's mail address.

    Args:
        name: First name
    """
    return BOOK.get(name, "not in the book")


@tool(acts=True)
def send_email(to: str, body: str) -> str:
    """Send an email."""
    with OUTBOX.open("a") as file:
        file.write(f"{to}: {body}\n")
    return f"sent to {to}"


def show(event: Event) -> None:
    if isinstance(event, TextArrived):
        print(printable(event.text, lines=True), end="", flush=True)


async def main() -> None:
    async with Chat(model="gpt-4o") as chat:
        tools = [find_address, send_email]
        talk = Conversation(chat, tools, confirm=ask_in_terminal, on_event=show, stream=True)
        while question := (await asyncio.to_thread(sys.stdin.readline)).strip():
            try:
                await talk.ask(question)
                print()
            except ClientKitError as error:
                print(f"\n{error} Ask again, and it goes on.")


asyncio.run(main())
