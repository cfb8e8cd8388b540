"""Questions to a database: reading is free, writing needs a yes. Each call opens its own connection."""

import asyncio
import sqlite3
import sys
from contextlib import closing
from typing import Annotated, Any

from clientkit import Chat, Question, converse, printable, tool

DATABASE, QUESTION = sys.argv[1], sys.argv[2]
ALLOWED = {"yes": True}


@tool
def read(sql: Annotated[str, "One SELECT statement"]) -> list[dict[str, Any]]:
    """Read from the database."""
    # Tools run in threads, and a connection belongs to the thread that opened it: so one for each call.
    with closing(sqlite3.connect(f"file:{DATABASE}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql).fetchmany(100)]


@tool(acts=True)
def write(sql: Annotated[str, "One statement that changes rows"]) -> str:
    """Change the database."""
    with closing(sqlite3.connect(DATABASE)) as connection, connection:
        return f"{connection.execute(sql).rowcount} rows changed"


def policy(name: str, arguments: dict[str, Any]) -> str | None:
    dangerous = any(word in arguments["sql"].upper() for word in ("DROP", "ATTACH", "PRAGMA"))
    return "only rows may be changed, not tables" if dangerous else None


def confirm(question: Question) -> bool | str:
    """Allow what changes a single row; an application would ask."""
    return True if "WHERE id = " in question.arguments["sql"] else "name the row by its id"


async def main() -> None:
    async with Chat(model="gpt-4o") as chat:
        answer = await converse(chat, QUESTION, [read, write], confirm=confirm, before_call=policy)
    print(printable(answer.text, lines=True))
    for call in answer.calls:
        print(f"{call.name}: {call.outcome}")


asyncio.run(main())
