"""Invoices out of text: one typed value for each line of the input, or the reason why there is none."""

import asyncio
import sys
from datetime import date
from decimal import Decimal

from pydantic import BaseModel, Field

from clientkit import Chat, ClientKitError, converse, printable


class Item(BaseModel):
    what: str
    price: Decimal = Field(gt=0)


class Invoice(BaseModel):
    """An invoice as it stands in the text; nothing is made up."""

    number: str = Field(pattern=r"^[A-Z]-\d+$")
    day: date
    items: list[Item] = Field(min_length=1)


async def extract(chat: Chat, text: str) -> str:
    try:
        answer = await converse(chat, f"Extract the invoice:\n{text}", answer_as=Invoice, rounds=3)
    except ClientKitError as error:
        return f"no invoice: {error}"
    invoice = answer.value
    return f"{invoice.number} of {invoice.day:%d.%m.%Y}: {sum(item.price for item in invoice.items)}"


async def main() -> None:
    async with Chat(model="gpt-4o", temperature=0) as chat:
        for line in await asyncio.gather(*(extract(chat, text.strip()) for text in sys.stdin)):
            print(printable(line))


asyncio.run(main())
