"""Exchanges as a dialogue for people: numbered, each message once, ids short, secrets masked."""

from mockserver.chat import ApiError, Message, Reply, ToolCall
from mockserver.chat.printable import printable, shortened
from mockserver.journal.conversations import Conversations, LinkedExchange
from mockserver.redaction import Sanitiser

_INDENT = " " * 13
_LONGEST = 2_000
_SANITISER = Sanitiser()


def shown(text: str, longest: int) -> str:
    """A text as a report shows it: without secrets, safe to print, not too long; line ends stay."""
    return printable(shortened(_SANITISER.text(text), longest))


def quoted(text: str | None, longest: int) -> str:
    """A text on one line, in quotes."""
    return f"'{shown((text or '').replace(chr(10), ' '), longest)}'"


class Names:
    """Short names for the ids of tool calls, `call_1`, `call_2` and on, in the order in which they were made."""

    def __init__(self, conversations: Conversations) -> None:
        self._names: dict[str, str] = {}
        for entry in conversations:
            for call in entry.reply.calls if isinstance(entry.reply, Reply) else ():
                if call.id is not None:
                    self._names.setdefault(call.id, f"call_{len(self._names) + 1}")

    def __call__(self, call_id: str | None) -> str:
        """The short name; an id that the model never gave stands as it is, in quotes."""
        return self._names.get(call_id, quoted(call_id, 40)) if call_id is not None else "(no id)"

    def within(self, text: str) -> str:
        """A text with the short names in it."""
        for call_id, name in self._names.items():
            text = text.replace(call_id, name)
        return text


def dialogue(conversations: Conversations) -> str:
    """All exchanges."""
    names = Names(conversations)
    return "\n".join(line for entry in conversations for line in exchange_lines(entry, names))


def exchange_lines(entry: LinkedExchange, names: Names, longest: int = _LONGEST) -> list[str]:
    """One exchange: what the application added to the conversation, and what was answered."""
    exchange = entry.exchange
    lines = [headline(entry)]
    if not exchange.served:
        lines.append(_line("request", f"{exchange.method} {shown(exchange.path, longest)}, which is not served"))
    elif entry.request is None:
        lines.append(_line("request", "could not be understood"))
    for message in entry.new_messages:
        lines += message_lines(message, names, longest)
    lines += answer_lines(entry, names, longest)
    lines += [_line("also", f"{label} would have answered, too") for label in exchange.others]
    if exchange.faults:
        lines.append(_line("fault", ", ".join(exchange.faults)))
    if exchange.ended == "client_gone":
        lines.append(_line("ended", f"the client was gone after event {exchange.events_sent}"))
    elif exchange.ended.startswith("fault:"):
        lines.append(_line("ended", f"{exchange.ended.removeprefix('fault:')} after event {exchange.events_sent}"))
    return lines


def headline(entry: LinkedExchange) -> str:
    """ "exchange 2 · script#turn2", with what it goes on from when that is not the one before."""
    exchange, link = entry.exchange, entry.link
    parts = [f"exchange {exchange.id}", exchange.match or ""]
    if link is not None and link.how == "again":
        parts.append(f"the request of exchange {link.earlier} again")
    elif link is not None and link.how == "without":
        parts.append(f"goes on from exchange {link.earlier}, without its reply")
    elif link is not None and link.earlier != exchange.id - 1:
        parts.append(f"goes on from exchange {link.earlier}")
    return " · ".join(part for part in parts if part)


def answer_lines(entry: LinkedExchange, names: Names, longest: int = _LONGEST) -> list[str]:
    """What was answered."""
    reply = entry.reply
    if isinstance(reply, ApiError):
        what = "refused" if entry.exchange.ended == "refused" else "error"
        return _text(what, names.within(f"HTTP {reply.status}: {reply.message}"), longest)
    if reply is None:
        return []
    text = reply.text or reply.refusal
    thought = _text("thinking", names.within(reply.thinking), longest) if reply.thinking else []
    return thought + message_lines(Message("assistant", text, tuple(reply.calls)), names, longest, who="model")


def message_lines(message: Message, names: Names, longest: int = _LONGEST, who: str | None = None) -> list[str]:
    """A message; the model's own when `who` says so."""
    who = who or message.role
    lines: list[str] = []
    if message.content or not message.tool_calls:
        link = f"{names(message.tool_call_id)} → " if message.tool_call_id is not None else ""
        lines = _text(who, link + (message.content or "(nothing)"), longest)
    calls = [call_text(call, names, longest) for call in message.tool_calls]
    return lines + [_line("" if lines or index else who, text) for index, text in enumerate(calls)]


def call_text(call: ToolCall, names: Names, longest: int = _LONGEST) -> str:
    """ "call_1 get_current_weather({…})"."""
    return f"{names(call.id)} {shown(call.name, longest)}({shown(call.arguments, longest)})"


def _text(who: str, text: str, longest: int) -> list[str]:
    first, *more = shown(text, longest).split("\n")
    return [_line(who, first), *(f"{_INDENT}{line}" for line in more)]


def _line(who: str, text: str) -> str:
    return f"  {who:<10} {text}".rstrip()
