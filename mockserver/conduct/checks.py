"""What a test may expect of an application's side of function calling: each check finds all that is not so."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mockserver.chat import ChatRequest
from mockserver.chat.printable import printable
from mockserver.conduct.findings import Finding
from mockserver.journal.conversations import CallOutcome, Conversations, LinkedExchange, calls_of
from mockserver.journal.dialogue import Names, call_text, quoted, shown
from mockserver.redaction import Sanitiser
from mockserver.redaction.secret_patterns import secrets_in

Misses = Callable[[ChatRequest], Sequence[str]]
"""A condition on a request: why it does not hold, in words; nothing when it does."""

_SHOWN = 160


class _Any:
    def __repr__(self) -> str:
        return "anything"


ANYTHING = _Any()


def expected(what: str, *exchanges: int, hint: str | None = None) -> Finding:
    """Something that a test expected and that is not so."""
    return Finding("expected", what, exchanges, hint=hint)


def count(conversations: Conversations, misses: Misses, wanted: str, holds: Callable[[int], bool]) -> Iterator[Finding]:
    """The number of requests for which a condition holds; `wanted` says which number is right."""
    judged = [(entry, [*misses(entry.request)]) for entry in conversations if entry.request is not None]
    fitting = [entry.exchange.id for entry, reasons in judged if not reasons]
    if holds(len(fitting)):
        return
    others = sorted((pair for pair in judged if pair[1]), key=lambda pair: len(pair[1]))
    if not fitting and others:
        closest, reasons = others[0]
        hint = f"the closest is exchange {closest.exchange.id}: {'; '.join(reasons)}"
        yield expected(f"{wanted}, and there was none of that kind", closest.exchange.id, hint=hint)
        return
    numbers = f": exchange{'s' if len(fitting) > 1 else ''} {', '.join(map(str, fitting))}" if fitting else ""
    yield expected(f"{wanted}, and there {_were(len(fitting))}{numbers}", *fitting[-1:])


def never(conversations: Conversations, misses: Misses, what: str) -> Iterator[Finding]:
    """No request for which a condition holds."""
    for entry in conversations:
        if entry.request is not None and not misses(entry.request):
            yield expected(
                f"there must never be a request {what}, and exchange {entry.exchange.id} is one", entry.exchange.id
            )


def offered(conversations: Conversations, names: Sequence[str]) -> Iterator[Finding]:
    """Exactly these tools in every request that offers any."""
    wanted, offering = set(names), 0
    for entry in conversations:
        there = {tool.name for tool in entry.request.tools} if entry.request is not None else set()
        offering += bool(there)
        if there and there != wanted:
            parts = [("missing", wanted - there), ("not expected", there - wanted)]
            told = "; ".join(f"{word}: {_listed(found)}" for word, found in parts if found)
            yield expected(f"exchange {entry.exchange.id} offers other tools; {told}", entry.exchange.id)
    if wanted and not offering:
        yield expected(f"no request offers any tools; expected {_listed(wanted)}")


def answered(conversations: Conversations, name: str, result: Any, arguments: dict[str, Any]) -> Iterator[Finding]:
    """A call of this tool with these arguments among its own was made, and answered with this result.

    A text stands for any result that contains it, a function for those of which it is true, anything else for a
    result that is this JSON value.
    """
    names = Names(conversations)
    made = [*calls_of(conversations)]
    meant = [called for called in made if called.name == name and _holds(called.arguments, arguments)]
    if any(called.results and _fits(called, result) for called in meant):
        return
    wanted = name + (f" with {_json(arguments)}" if arguments else "")
    if not meant:
        there = ", ".join(call_text(called.call, names, _SHOWN) for called in made) or "none at all"
        yield expected(f"no call of {wanted} was made; the calls are: {there}", *{called.exchange for called in made})
    for called in meant:
        text = call_text(called.call, names, _SHOWN)
        if not called.results:
            yield expected(f"{text} was not answered; expected {_json(result)}", called.exchange)
        else:
            what = f"{text} was answered with {shown(called.results[0], _SHOWN)}; expected {_json(result)}"
            yield expected(what, called.exchange, called.answered_in or called.exchange)


def attempts(conversations: Conversations, number: int, misses: Misses) -> Iterator[Finding]:
    """Every request is made so many times, the first time included."""
    for chain in _chains(conversations):
        request = chain[0].request
        if request is None or misses(request) or len(chain) == number:
            continue
        ids = [entry.exchange.id for entry in chain]
        what = f"the request of exchange {ids[0]} was made {_times(len(ids))}, expected {_times(number)}"
        yield expected(what, *ids)


def waits(conversations: Conversations, told: Callable[[LinkedExchange], float | None]) -> Iterator[Finding]:
    """Nobody comes again before the time that an error named; `told` finds that time, in seconds."""
    for earlier, later in _again(conversations):
        wait = told(earlier)
        ended = earlier.exchange.started + earlier.exchange.duration
        waited = later.exchange.started - ended
        if wait is not None and waited < wait * 0.99 - 0.005:
            what = f"exchange {later.exchange.id} came {max(waited, 0):.2f} s after exchange {earlier.exchange.id}, "
            yield expected(what + f"which said to wait {wait:g} s", earlier.exchange.id, later.exchange.id)


def retries_of_refusals(conversations: Conversations) -> Iterator[Finding]:
    """Requests that were made again although the error said that it is their own fault."""
    for earlier, later in _again(conversations):
        status = getattr(earlier.reply, "status", 200)
        if 400 <= status < 500 and status not in (408, 409, 429):
            what = f"exchange {later.exchange.id} asks again what exchange {earlier.exchange.id} refused with {status}"
            hint = "the same request gets the same refusal; only 408, 409, 429 and 5xx are worth a retry"
            yield expected(what, earlier.exchange.id, later.exchange.id, hint=hint)


def rewritten_history(conversations: Conversations) -> Iterator[Finding]:
    """Requests that go on from an earlier one and do not repeat what was said before, word for word."""
    for later in conversations:
        earlier = conversations.before(later)
        if earlier is None or earlier.request is None or later.request is None or later.link is None:
            continue
        if later.link.how == "again":
            continue
        what = _difference(earlier, later)
        if what is not None:
            first, second = earlier.exchange.id, later.exchange.id
            yield expected(
                f"exchange {second} does not repeat the conversation of exchange {first}: {what}", first, second
            )


def _difference(earlier: LinkedExchange, later: LinkedExchange) -> str | None:
    assert earlier.request is not None
    assert later.request is not None
    assert later.link is not None
    before, now = earlier.request.messages, later.request.messages
    for index, message in enumerate(before):
        if index >= len(now):
            return f"messages[{index}] ({message.role}) is gone"
        if now[index] != message:
            is_now = quoted(now[index].content, _SHOWN)
            return f"messages[{index}] ({message.role}) was {quoted(message.content, _SHOWN)}, is now {is_now}"
    if later.link.how == "without":
        return "the model's reply is left out"
    if later.link.at != len(before):
        return f"there are {later.link.at} messages before the model's reply, not {len(before)}"
    if earlier.calls:
        made = [(call.name, _value(call.arguments)) for call in earlier.calls]
        kept = [(call.name, _value(call.arguments)) for call in now[later.link.at].tool_calls]
        if made != kept:
            return f"messages[{later.link.at}] (assistant) does not hold the calls as the model made them"
    return None


def secrets(conversations: Conversations, sanitiser: Sanitiser) -> Iterator[Finding]:
    """Secrets in what the application said; each is told once, masked."""
    for entry in conversations:
        start = len(entry.request.messages) - len(entry.new_messages) if entry.request is not None else 0
        for index, message in enumerate(entry.new_messages, start):
            texts = [message.content or "", *(call.arguments for call in message.tool_calls)]
            for found in dict.fromkeys(secret for text in texts for secret in _secrets(text, sanitiser)):
                where = f"messages[{index}] ({message.role}) of exchange {entry.exchange.id}"
                yield expected(f"{where} holds a secret: {_masked(found)}", entry.exchange.id)


def _secrets(text: str, sanitiser: Sanitiser) -> list[str]:
    return [*sanitiser.finds(text), *secrets_in(text)]


def _chains(conversations: Conversations) -> Iterator[list[LinkedExchange]]:
    """Each request with the attempts that repeat it."""
    for entry in conversations:
        if entry.request is not None and (entry.link is None or entry.link.how != "again"):
            yield conversations.attempts(entry)


def _again(conversations: Conversations) -> Iterator[tuple[LinkedExchange, LinkedExchange]]:
    for entry in conversations:
        earlier = conversations.before(entry)
        if earlier is not None and entry.link is not None and entry.link.how == "again":
            yield earlier, entry


def _holds(given: Any, wanted: dict[str, Any]) -> bool:
    if not isinstance(given, dict):
        return not wanted
    return all(key in given and given[key] == value for key, value in wanted.items())


def _fits(called: CallOutcome, wanted: Any) -> bool:
    if wanted is ANYTHING:
        return True
    if callable(wanted):
        return bool(wanted(called.result))
    if isinstance(wanted, str):
        return wanted.casefold() in called.results[0].casefold()
    return bool(called.result == wanted)


def _masked(secret: str) -> str:
    return printable(secret[:4] if len(secret) > 12 else secret[:1]) + "…"


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _json(value: Any) -> str:
    text = repr(value) if value is ANYTHING or callable(value) else json.dumps(value, ensure_ascii=False, default=repr)
    return shown(text, _SHOWN)


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _were(number: int) -> str:
    return "were none" if not number else "was 1" if number == 1 else f"were {number}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
