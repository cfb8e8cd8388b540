"""Findings: requests that were refused and calls that were not answered as the API demands, and the report of them.

Judged from the journal alone. An exchange in which something went wrong on purpose is judged by its conduct instead.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from mockserver.chat import ApiError, ChatRequest, Message, Reply, tool_results
from mockserver.chat.call_results import answers, blocks
from mockserver.chat.printable import printable
from mockserver.journal.conversations import Conversations, LinkedExchange, results_in
from mockserver.journal.dialogue import Names, call_text, exchange_lines, quoted, shown

Kind = Literal["unscripted", "unplayed", "conflict", "protocol", "not_served"]

UNANSWERED = (
    "the real API refuses that with 400: an assistant message with 'tool_calls' must be followed by tool messages "
    "responding to each 'tool_call_id'"
)
TWICE = "the real API refuses that with 400: Duplicate value for 'tool_call_id'"
UNASKED = "the real API refuses that with 400: 'tool_call_id' not found in 'tool_calls' of previous message"

_LENIENT = 'where the application is right, lenient checks answer it: MockLLM(checks="lenient"), `--checks lenient`'
_NOT_ASKED_FOR, _AGAIN = ("not asked for", UNASKED), ("twice", TWICE)
_UNSCRIPTED = frozenset({"unscripted_request", "recording_miss", "unknown_scenario"})
_BROKEN_REQUEST = frozenset({400, 404, 405, 413, 415, 422})
_OUTPUT_NAME = re.compile(r"final_(?:result|answer)(?:_\w+)?")
_ENDS_IT = "ends this conversation"
"""How agent frameworks call and describe the tool by which a structured answer is given: Pydantic AI, smolagents."""
_LONGEST = 120

MOST_LINES = 60
_FINDING_LINES = 12
_LONGEST_MESSAGE = 240
_TEASER = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: `what` says it in a sentence, `exchanges` are the numbers of where it shows.

    `kind` is "expected" for what a test said that it expected, the others come up by themselves. `api` is what the
    real API would say, `hint` what to do about it, `note` a line to read beside the last of the exchanges.
    """

    kind: Kind | Literal["expected"]
    what: str
    exchanges: tuple[int, ...] = ()
    api: str | None = None
    hint: str | None = None
    note: str | None = None


def refusals(conversations: Conversations) -> Iterator[Finding]:
    """Requests that were refused: nothing was scripted, the script contradicts them, or they break the rules."""
    names = Names(conversations)
    for entry in conversations:
        if entry.exchange.served and entry.exchange.ended == "refused" and isinstance(entry.reply, ApiError):
            yield from _refusal(entry.exchange.id, entry.reply, names.within(entry.reply.message))


def unserved(conversations: Conversations) -> Iterator[Finding]:
    """Requests for paths that are not served, each path once; a failure only where nothing else was asked."""
    told = set()
    for entry in conversations:
        exchange = entry.exchange
        asked = f"{exchange.method} {shown(exchange.path, _LONGEST)}"
        if not exchange.served and asked not in told and isinstance(entry.reply, ApiError):
            told.add(asked)
            what = f"exchange {exchange.id}: {asked} is not served"
            yield Finding("unscripted", what, (exchange.id,), f"HTTP {entry.reply.status}: {entry.reply.message}")


def broken_links(conversations: Conversations) -> Iterator[Finding]:
    """Calls that were answered never, late, twice, or by a result that nobody asked for."""
    names = Names(conversations)
    for entry in conversations:
        if entry.calls and not entry.exchange.faults:
            yield from _unanswered(entry, conversations, names)
        if entry.request is not None and entry.exchange.ended != "refused":
            yield from _answers_amiss(entry, names)


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


def _refusal(number: int, error: ApiError, message: str) -> Iterator[Finding]:
    if error.code in _UNSCRIPTED:
        told = message.removeprefix("Nothing is scripted for this request.")
        yield Finding("unscripted", f"exchange {number}: the request is not scripted{told}", (number,))
    elif error.type == "mock_error":
        yield Finding("conflict", f"exchange {number}: {message}", (number,))
    elif error.status in _BROKEN_REQUEST:
        what = f"exchange {number} was refused, as the real API refuses it"
        hint = _LENIENT if "x-mock-hint" in error.headers else None
        yield Finding("protocol", what, (number,), f"HTTP {error.status}: {message}", hint)


def _unanswered(entry: LinkedExchange, conversations: Conversations, names: Names) -> Iterator[Finding]:
    number = entry.exchange.id
    direct = conversations.after(entry, "answered")
    if not direct:
        without = conversations.after(entry, "without")
        may_end_here = not without and _is_forced(entry)
        if not may_end_here and not conversations.after(entry, "again") and not _told_in_words(entry, conversations):
            yield _left_alone(entry, without, names)
        return
    following = direct[0]
    if following.exchange.ended == "refused" or following.link is None:
        return
    at = following.link.at
    counts = [len(results_in(following, at, position)) for position in range(len(entry.calls))]
    if 0 in counts and not (sum(counts) == 0 and _told_in_words(entry, conversations)):
        missing = [call for call, count in zip(entry.calls, counts, strict=True) if not count]
        listed = ", ".join(call_text(call, names, _LONGEST) for call in missing)
        what = f"exchange {following.exchange.id} goes on without the result of {listed}, made in exchange {number}"
        note = "results: " + "  ".join(
            f"{names(call.id)} {'✓' if count else '✗ missing'}" for call, count in zip(entry.calls, counts, strict=True)
        )
        hint = "a tool that failed is answered too: send the text of its error as the result"
        yield Finding("protocol", what, (number, following.exchange.id), UNANSWERED, hint, note)


def _is_forced(entry: LinkedExchange) -> bool:
    """Whether the request left the model no choice but to call: what it wants is the call, and nothing need follow."""
    request = entry.request
    if request is None:
        return False
    return request.tool_choice.mode == "required" or all(_is_output(call.name, request) for call in entry.calls)


def _is_output(name: str, request: ChatRequest) -> bool:
    """Whether a tool is the application's way to get its answer: nothing runs it, the conversation ends with it."""
    tool = request.tool(name)
    return _OUTPUT_NAME.fullmatch(name) is not None or (tool is not None and _ENDS_IT in tool.description.lower())


def _left_alone(entry: LinkedExchange, without: Sequence[LinkedExchange], names: Names) -> Finding:
    number = entry.exchange.id
    listed = ", ".join(call_text(call, names, _LONGEST) for call in entry.calls)
    subject = "the call was" if len(entry.calls) == 1 else "the calls were"
    if without:
        later = without[0].exchange.id
        what = f"exchange {later} goes on as if exchange {number} had not called anything: {listed}"
        return Finding(
            "protocol", what, (number, later), hint="append the model's message, then a result for each call"
        )
    what = f"{subject} never answered: {listed}, made in exchange {number}"
    hint = 'run it and send the result, or say that this is meant: mock_llm.allow("protocol")'
    return Finding("protocol", what, (number,), UNANSWERED, hint)


def _told_in_words(entry: LinkedExchange, conversations: Conversations) -> bool:
    """Whether the conversation goes on with a text that speaks of the calls, as clients do that flatten it."""
    names = [call.name for call in entry.calls]
    for later in conversations.onwards(entry):
        if later is not entry and later.request is not None and later.link is not None:
            texts = [message.content or "" for message in later.request.messages[later.link.at :]]
            if any(name in text for text in texts for name in names):
                return True
    return False


def _answers_amiss(entry: LinkedExchange, names: Names) -> Iterator[Finding]:
    """Results of this request that answer twice, or nothing."""
    for block in blocks(entry.request.messages if entry.request is not None else ()):
        found, unasked = answers(block[0].tool_calls if block else (), tool_results(block))
        twice = [result for given in found for result in given[1:2]]
        for result in tool_results(block):
            if any(result is other for other in unasked):
                yield from _amiss(entry, result, names, ", which the model did not ask for there", _NOT_ASKED_FOR)
            elif any(result is other for other in twice):
                yield from _amiss(entry, result, names, " twice", _AGAIN)


def _amiss(entry: LinkedExchange, result: Message, names: Names, how: str, told: tuple[str, str]) -> Iterator[Finding]:
    """A result that should not be there, where this request is the first to bring it."""
    if any(result is new for new in entry.new_messages):
        number, by_id = entry.exchange.id, result.tool_call_id is not None
        name = names(result.tool_call_id) if by_id or result.name is None else printable(result.name)
        noted, api = told
        what = f"exchange {number} answers {name}{how}"
        yield Finding("protocol", what, (number,), api, note=f"results: {name} ✗ {noted}")


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
    for entry in conversations:
        number = entry.exchange.id
        if number not in concerned:
            yield _in_a_line(entry)
            continue
        first, *more = exchange_lines(entry, names, _LONGEST_MESSAGE)
        yield f"▸ {first}"
        yield from (f"  {line}" for line in more)
        yield from (f"    {'':<10} {note}" for where, note in notes if where == number)


def _in_a_line(entry: LinkedExchange) -> str:
    added = [f"{message.role} {quoted(message.content, _TEASER)}" for message in entry.new_messages[-1:]]
    more = len(entry.new_messages) - 1
    before = f"{more} messages, " if more > 1 else "1 message, " if more == 1 else ""
    return f"  exchange {entry.exchange.id}: {before}{''.join(added) or 'the same again'} → {_answer(entry)}"


def _answer(entry: LinkedExchange) -> str:
    reply = entry.reply
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
