"""The client kit, with streams."""

from clientkit import Chat, Question, converse, tool


@tool
def find_address(name: str) -> str:
    """Find somebody's mail address."""
    return f"{name.lower()}@example.org"


@tool(acts=True)
def send_email(to: str, subject: str, copies: int = 1) -> str:
    """Send an email."""
    SENT.append([to, subject, copies])
    return "sent"


def confirm(question: Question) -> bool:
    SHOWN.append(question.bound)
    return True


async def ask(base_url: str, headers: dict[str, str], text: str) -> str:
    async with Chat(base_url, "key", model="gpt-4o", headers=headers, retries=0) as chat:
        answer = await converse(chat, text, [find_address, send_email], confirm=confirm, stream=True, rounds=6)
    return answer.text or answer.refusal or ""


SENT: list[list[object]] = []
SHOWN: list[object] = []
