"""What is wrong, written for the person who reads it at night: all of it at once, and where in the conversation."""

from collections.abc import Iterable, Iterator, Sequence

from mockserver.chat import ApiError, Reply
from mockserver.chat.printable import printable
from mockserver.conduct.findings import Finding
from mockserver.journal.conversations import Conversations, Seen
from mockserver.journal.dialogue import Names, exchange_lines
from mockserver.journal.shown import quoted

MOST_LINES = 60
_FINDING_LINES = 12
_LONGEST = 240
_TEASER = 60


def reasons(findings: Sequence[Finding]) -> str:
    """The findings alone; the first line stands for all of them."""
    if len(findings) == 1:
        return "\n".join(_told(findings[0]))
    lines = [f"{len(findings)} things are wrong"]
    for number, finding in enumerate(findings, 1):
        first, *more = _told(finding)
        lines += [f"{number}. {first}", *(f"   {line}" for line in more)]
    return "\n".join(_within(lines, MOST_LINES))


def report(findings: Sequence[Finding], conversations: Conversations) -> str:
    """The findings, and the conversation with the exchanges concerned in full."""
    told = reasons(findings).split("\n")
    told = _within(told, MOST_LINES * 2 // 3)
    shown = list(_conversation(findings, conversations))
    return "\n".join([*told, "", *_within(shown, MOST_LINES - len(told) - 1)])


def _told(finding: Finding) -> list[str]:
    lines = _within(printable(finding.what).split("\n"), _FINDING_LINES)
    if finding.api is not None:
        lines.append(f"  {finding.api}")
    if finding.hint is not None:
        lines.append(f"  hint: {finding.hint}")
    return lines


def _conversation(findings: Iterable[Finding], conversations: Conversations) -> Iterator[str]:
    names = Names(conversations)
    concerned = {number for finding in findings for number in finding.exchanges}
    notes = [(finding.exchanges[-1], finding.note) for finding in findings if finding.note and finding.exchanges]
    for seen in conversations:
        number = seen.exchange.id
        if number not in concerned:
            yield _in_a_line(seen)
            continue
        first, *more = exchange_lines(seen, names, _LONGEST)
        yield f"▸ {first}"
        yield from (f"  {line}" for line in more)
        yield from (f"    {'':<10} {note}" for where, note in notes if where == number)


def _in_a_line(seen: Seen) -> str:
    added = [f"{message.role} {quoted(message.content, _TEASER)}" for message in seen.new_messages[-1:]]
    more = len(seen.new_messages) - 1
    before = f"{more} messages, " if more > 1 else "1 message, " if more == 1 else ""
    return f"  exchange {seen.exchange.id}: {before}{''.join(added) or 'the same again'} → {_answer(seen)}"


def _answer(seen: Seen) -> str:
    reply = seen.reply
    if isinstance(reply, ApiError):
        return f"HTTP {reply.status}"
    if not isinstance(reply, Reply):
        return "nothing"
    if reply.calls:
        counted = "1 call" if len(reply.calls) == 1 else f"{len(reply.calls)} parallel calls"
        return f"{counted}: {', '.join(dict.fromkeys(printable(call.name) for call in reply.calls))}"
    return quoted(reply.text or reply.refusal, _TEASER)


def _within(lines: list[str], most: int) -> list[str]:
    """At most so many lines; the middle is left out, and said so."""
    if len(lines) <= most:
        return lines
    first = (most - 1) * 2 // 3
    last = most - 1 - first
    left_out = len(lines) - first - last
    return [*lines[:first], f"… {left_out} lines left out …", *lines[len(lines) - last :]]
