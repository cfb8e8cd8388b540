"""What an application did after something had gone wrong on purpose, judged from the wire alone."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from mockserver.chat import ApiError, Reply
from mockserver.journal.conversations import Conversations, LinkedExchange, results_in
from mockserver.journal.dialogue import Names, quoted, shown

Verdict = Literal["reported", "asked_user", "retried", "ran_it", "dropped", "looped", "silent"]

SAID: dict[Verdict, str] = {
    "reported": "reported the error back",
    "asked_user": "asked the user",
    "retried": "retried the same",
    "ran_it": "ran it as if it were right",
    "dropped": "dropped it",
    "looped": "repeated without end",
    "silent": "went silent",
}

MANY = 5
"""More repetitions than this are not a retry."""

_SHOWN = 100
_ERROR = re.compile(
    r"\b(?:error|errors|invalid|unknown|unexpected|exception|traceback|failed|failure|missing|required|rejected|"
    r"refused|no such|(?:not|n't) (?:a )?(?:valid|allowed|offered|found|available|known|fit|exist|run|permitted))\b",
    re.IGNORECASE,
)
_ERROR_KEYS = ("error", "errors", "is_error", "isError", "exception")


class Conduct(NamedTuple):
    """What was done after the exchange in which something went wrong; `evidence` says what on the wire shows it."""

    exchange: int
    faults: tuple[str, ...]
    verdict: Verdict
    evidence: str

    @property
    def said(self) -> str:
        """The verdict in words."""
        return SAID[self.verdict]

    def __str__(self) -> str:
        return f"exchange {self.exchange}, {', '.join(self.faults)}: {self.said} ({self.evidence})"


def conduct(conversations: Conversations) -> list[Conduct]:
    """A verdict on each exchange in which something went wrong on purpose."""
    names = Names(conversations)
    found = []
    for entry in conversations:
        if entry.exchange.faults:
            verdict, evidence = _judged(entry, conversations, names)
            refused = _refused_then(entry, conversations)
            found.append(Conduct(entry.exchange.id, entry.exchange.faults, verdict, evidence + refused))
    return found


def conduct_json(found: Conduct) -> dict[str, object]:
    """A verdict as plain data."""
    return {**found._asdict(), "faults": list(found.faults), "said": found.said}


def _refused_then(entry: LinkedExchange, conversations: Conversations) -> str:
    """That the API refuses what the application said next, as it does when a wrong name or id is repeated to it."""
    for following in conversations.after(entry, "answered"):
        refusal = following.reply
        if following.exchange.ended == "refused" and isinstance(refusal, ApiError):
            return f"; refused with HTTP {refusal.status}: {shown(refusal.message, _SHOWN)}"
    return ""


def _judged(entry: LinkedExchange, conversations: Conversations, names: Names) -> tuple[Verdict, str]:
    return _repeated(entry, conversations) or _went_on(entry, conversations, names)


def _repeated(entry: LinkedExchange, conversations: Conversations) -> tuple[Verdict, str] | None:
    repeats = conversations.attempts(entry)[1:]
    if len(repeats) > MANY:
        return "looped", f"the same request came {len(repeats)} times more"
    if repeats:
        return "retried", f"exchange {repeats[0].exchange.id} asks the same"
    rounds = [*_same_again(entry, conversations)]
    return ("looped", f"the same fault came back in {len(rounds)} rounds") if len(rounds) > MANY else None


def _went_on(entry: LinkedExchange, conversations: Conversations, names: Names) -> tuple[Verdict, str]:
    answered = conversations.after(entry, "answered")
    if answered:
        return _after_hearing(entry, answered[0], names)
    without = conversations.after(entry, "without")
    if without:
        return _told(without[0], "dropped", "goes on without the reply")
    anew = _started_anew(entry, conversations)
    if anew is not None:
        return "dropped", f"exchange {anew.exchange.id} begins anew"
    return "silent", "no request came after it"


def _after_hearing(entry: LinkedExchange, following: LinkedExchange, names: Names) -> tuple[Verdict, str]:
    number = following.exchange.id
    assert following.link is not None
    calls = entry.reply.calls if isinstance(entry.reply, Reply) else ()
    faulty = [at for at, call in enumerate(calls) if call.fault is not None] or [*range(len(calls))]
    results = {at: results_in(following, following.link.at, at) for at in faulty}
    for at, found in results.items():
        for result in found:
            if reads_as_error(result.content):
                return "reported", f"exchange {number}: {names(calls[at].id)} → {quoted(result.content, _SHOWN)}"
    if not any(results.values()):
        return _told(following, "dropped" if faulty else "ran_it", "goes on without a result" if faulty else "goes on")
    missing = [at for at, found in results.items() if not found]
    if missing:
        return "dropped", f"exchange {number} has no result for {names(calls[missing[0]].id)}"
    result = results[faulty[0]][0]
    return "ran_it", f"exchange {number}: {names(calls[faulty[0]].id)} → {quoted(result.content, _SHOWN)}"


def _told(following: LinkedExchange, otherwise: Verdict, why: str) -> tuple[Verdict, str]:
    """What was said to the model, or by the user, instead of a result."""
    number = following.exchange.id
    said = [message for message in following.new_messages if message.role in ("user", "system", "developer", "tool")]
    for message in said:
        if reads_as_error(message.content):
            return "reported", f"exchange {number}: {message.role} {quoted(message.content, _SHOWN)}"
    if said and said[-1].role == "user":
        return "asked_user", f"exchange {number}: user {quoted(said[-1].content, _SHOWN)}"
    return otherwise, f"exchange {number} {why}"


def _same_again(entry: LinkedExchange, conversations: Conversations) -> Iterator[LinkedExchange]:
    """The exchanges that follow one another with the same fault, this one included, however the chain began."""
    first = entry
    while (before := conversations.before(first)) is not None and before.exchange.faults == entry.exchange.faults:
        first = before
    following: Sequence[LinkedExchange] = [first]
    while following and following[0].exchange.faults == entry.exchange.faults:
        yield following[0]
        following = conversations.after(following[0], "answered", "without", "again")


def _started_anew(entry: LinkedExchange, conversations: Conversations) -> LinkedExchange | None:
    """A later conversation of the same session that asks the same of the model."""
    for later in conversations:
        same = later.exchange.session == entry.exchange.session and later.exchange.id > entry.exchange.id
        if same and later.link is None and _question(later) == _question(entry):
            return later
    return None


def _question(entry: LinkedExchange) -> str | None:
    messages = entry.request.messages if entry.request is not None else ()
    return next((message.content for message in messages if message.role == "user"), None)


def reads_as_error(text: str | None) -> bool:
    """Whether a result tells of an error: by a key or a flag that says so, or in words."""
    try:
        value = json.loads(text or "")
    except ValueError:
        return _ERROR.search(text or "") is not None
    if isinstance(value, dict):
        flagged = (
            value.get("ok") is False or value.get("success") is False or value.get("status") in ("error", "failed")
        )
        return flagged or any(value.get(key) for key in _ERROR_KEYS)
    return isinstance(value, str) and _ERROR.search(value) is not None
