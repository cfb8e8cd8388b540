"""What a test should know even when it did not ask: requests refused, and calls that were not answered as they must be.

Judged from the journal alone. An exchange in which something went wrong on purpose is judged by its conduct instead.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from mockserver.chat import ApiError, ChatRequest, Message, tool_results
from mockserver.chat.printable import printable
from mockserver.chat.results import answers, blocks
from mockserver.journal.calls import results_in
from mockserver.journal.conversations import Conversations, Seen
from mockserver.journal.dialogue import Names, call_text
from mockserver.journal.shown import shown

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
    for seen in conversations:
        if seen.exchange.served and seen.exchange.ended == "refused" and isinstance(seen.reply, ApiError):
            yield from _refusal(seen.exchange.id, seen.reply, names.within(seen.reply.message))


def unserved(conversations: Conversations) -> Iterator[Finding]:
    """Requests for paths that are not served, each path once; a failure only where nothing else was asked."""
    told = set()
    for seen in conversations:
        exchange = seen.exchange
        asked = f"{exchange.method} {shown(exchange.path, _LONGEST)}"
        if not exchange.served and asked not in told and isinstance(seen.reply, ApiError):
            told.add(asked)
            what = f"exchange {exchange.id}: {asked} is not served"
            yield Finding("unscripted", what, (exchange.id,), f"HTTP {seen.reply.status}: {seen.reply.message}")


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


def broken_links(conversations: Conversations) -> Iterator[Finding]:
    """Calls that were answered never, late, twice, or by a result that nobody asked for."""
    names = Names(conversations)
    for seen in conversations:
        if seen.calls and not seen.exchange.faults:
            yield from _unanswered(seen, conversations, names)
        if seen.request is not None and seen.exchange.ended != "refused":
            yield from _answers_amiss(seen, names)


def _unanswered(seen: Seen, conversations: Conversations, names: Names) -> Iterator[Finding]:
    number = seen.exchange.id
    direct = conversations.after(seen, "answered")
    if not direct:
        without = conversations.after(seen, "without")
        may_end_here = not without and _is_forced(seen)
        if not may_end_here and not conversations.after(seen, "again") and not _told_in_words(seen, conversations):
            yield _left_alone(seen, without, names)
        return
    following = direct[0]
    if following.exchange.ended == "refused" or following.link is None:
        return
    at = following.link.at
    counts = [len(results_in(following, at, position)) for position in range(len(seen.calls))]
    if 0 in counts and not (sum(counts) == 0 and _told_in_words(seen, conversations)):
        missing = [call for call, count in zip(seen.calls, counts, strict=True) if not count]
        listed = ", ".join(call_text(call, names, _LONGEST) for call in missing)
        what = f"exchange {following.exchange.id} goes on without the result of {listed}, made in exchange {number}"
        note = "results: " + "  ".join(
            f"{names(call.id)} {'✓' if count else '✗ missing'}" for call, count in zip(seen.calls, counts, strict=True)
        )
        hint = "a tool that failed is answered too: send the text of its error as the result"
        yield Finding("protocol", what, (number, following.exchange.id), UNANSWERED, hint, note)


def _is_forced(seen: Seen) -> bool:
    """Whether the request left the model no choice but to call: what it wants is the call, and nothing need follow."""
    request = seen.request
    if request is None:
        return False
    return request.tool_choice.mode == "required" or all(_is_output(call.name, request) for call in seen.calls)


def _is_output(name: str, request: ChatRequest) -> bool:
    """Whether a tool is the application's way to get its answer: nothing runs it, the conversation ends with it."""
    tool = request.tool(name)
    return _OUTPUT_NAME.fullmatch(name) is not None or (tool is not None and _ENDS_IT in tool.description.lower())


def _left_alone(seen: Seen, without: Sequence[Seen], names: Names) -> Finding:
    number = seen.exchange.id
    listed = ", ".join(call_text(call, names, _LONGEST) for call in seen.calls)
    subject = "the call was" if len(seen.calls) == 1 else "the calls were"
    if without:
        later = without[0].exchange.id
        what = f"exchange {later} goes on as if exchange {number} had not called anything: {listed}"
        return Finding(
            "protocol", what, (number, later), hint="append the model's message, then a result for each call"
        )
    what = f"{subject} never answered: {listed}, made in exchange {number}"
    hint = 'run it and send the result, or say that this is meant: mock_llm.allow("protocol")'
    return Finding("protocol", what, (number,), UNANSWERED, hint)


def _told_in_words(seen: Seen, conversations: Conversations) -> bool:
    """Whether the conversation goes on with a text that speaks of the calls, as clients do that flatten it."""
    names = [call.name for call in seen.calls]
    for later in conversations.onwards(seen):
        if later is not seen and later.request is not None and later.link is not None:
            texts = [message.content or "" for message in later.request.messages[later.link.at :]]
            if any(name in text for text in texts for name in names):
                return True
    return False


def _answers_amiss(seen: Seen, names: Names) -> Iterator[Finding]:
    """Results of this request that answer twice, or nothing."""
    for block in blocks(seen.request.messages if seen.request is not None else ()):
        found, unasked = answers(block[0].tool_calls if block else (), tool_results(block))
        twice = [result for given in found for result in given[1:2]]
        for result in tool_results(block):
            if any(result is other for other in unasked):
                yield from _amiss(seen, result, names, ", which the model did not ask for there", _NOT_ASKED_FOR)
            elif any(result is other for other in twice):
                yield from _amiss(seen, result, names, " twice", _AGAIN)


def _amiss(seen: Seen, result: Message, names: Names, how: str, told: tuple[str, str]) -> Iterator[Finding]:
    """A result that should not be there, where this request is the first to bring it."""
    if any(result is new for new in seen.new_messages):
        number, by_id = seen.exchange.id, result.tool_call_id is not None
        name = names(result.tool_call_id) if by_id or result.name is None else printable(result.name)
        noted, api = told
        what = f"exchange {number} answers {name}{how}"
        yield Finding("protocol", what, (number,), api, note=f"results: {name} ✗ {noted}")
