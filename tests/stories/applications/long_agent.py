"""An agent for long jobs: it shows progress, keeps its state in a file, and goes on where Ctrl-C stopped it."""

import asyncio
import json
import sys
import time
from collections.abc import Generator
from pathlib import Path

from clientkit import Chat, Conversation, printable, tool
from clientkit.confirm import allow_only
from clientkit.events import CallProgress, Event, RequestSent, RetryScheduled

STATE = Path(sys.argv[1])
LEDGER = STATE.with_suffix(".ledger")


@tool(timeout=None)
def crawl(pages: int) -> Generator[str, None, str]:
    """Read pages of the archive."""
    for page in range(1, pages + 1):
        yield f"page {page} of {pages}"
    return f"{pages} pages read"


@tool(acts=True, timeout=None)
def publish(title: str) -> str:
    """Publish a report. It takes its time."""
    with LEDGER.open("a") as file:
        file.write(f"{title}\n")
    time.sleep(float(sys.argv[2]))
    return "published"


def show(event: Event) -> None:
    match event:
        case RequestSent(round=number):
            print(f"request {number}", flush=True)
        case RetryScheduled(seconds=seconds):
            print(f"retry in {seconds:.1f} s", flush=True)
        case CallProgress(value=value):
            print(f"  {value}", flush=True)


async def main() -> None:
    left = json.loads(STATE.read_text()) if STATE.exists() else []
    async with Chat(model="gpt-4o") as chat:
        agent = Conversation(
            chat, [crawl, publish], messages=left, confirm=allow_only("publish"), on_event=show, rounds=50
        )
        try:
            answer = await agent.ask("Go on." if left else "Read the archive and publish a report.")
            print(printable(answer.text, lines=True))
        finally:
            STATE.write_text(json.dumps(agent.transcript))
            print(*(f"{call.name}: {call.outcome}" for call in agent.calls), agent.usage.total_tokens, sep="\n")


asyncio.run(main())
