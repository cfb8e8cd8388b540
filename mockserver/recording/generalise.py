"""Generalisation of a recording: rules that give what was recorded, each proven by playing the recording again."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import NamedTuple

from mockserver.chat import ApiError, Reply, Timing, ToolCall
from mockserver.recording.compare import meaning
from mockserver.recording.template_induction import Question, arguments_from, filled_from, question_of
from mockserver.scenario import (
    Match,
    MatchView,
    Play,
    Rule,
    Say,
    Scenario,
    Turn,
    UnresolvedPlaceholder,
    When,
    literal,
)
from mockserver.scenario.canonical import canonical, key_of, parsed
from mockserver.scenario.value_conditions import Text
from mockserver.wire.chat_completions.recorded_conversion import is_annotated, is_failed

FEWEST_GAPS, SHORTEST_GAP = 3, 5
"""What makes a pace: so many events, and a gap of so many milliseconds among them."""

GENERAL, LITERAL, PLACED, RECORDED = range(4)
"""How general a rule is: as general as possible, literal, literal at its place, or not a rule but the recorded turn."""


class Generalised(NamedTuple):
    """The script, and what was done: a line for each rule, and for each turn that stays as it was recorded."""

    scenario: Scenario
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Exchange:
    turn: Turn
    level: int = GENERAL
    why: str = ""


def generalise(recording: Scenario) -> Generalised:
    """Turn a recording into rules.

    What the question and the answer have in common becomes a capture, what the tools gave back a placeholder; several
    exchanges of one form become one rule. Every exchange is played again: where a rule does not give just what was
    recorded, it leaves less open, and at last the turn stays as it was recorded.
    """
    exchanges = [_Exchange(turn) for turn in recording.turns if turn.heard is not None]
    counts = Counter(key_of(canonical(each.turn.heard)) for each in exchanges if each.turn.heard is not None)
    for each in exchanges:
        if each.turn.heard is not None and counts[key_of(canonical(each.turn.heard))] > 1:
            each.level, each.why = RECORDED, "the same request has several answers"
        elif isinstance(each.turn.say, Reply) and (why := _only_recorded(each.turn.say)):
            each.level, each.why = RECORDED, why
    while True:
        scenario = _scenario(recording, exchanges)
        failing = [each for each in exchanges if each.level < RECORDED and not _reproduces(scenario, each.turn)]
        if not failing:
            return Generalised(scenario, tuple(_notes(exchanges)))
        for each in failing:
            each.level += 1
            each.why = "no rule gives exactly what was recorded"


def _only_recorded(reply: Reply) -> str | None:
    """Why no rule can give a reply as it was recorded; None where one may."""
    if reply.sent is None:
        return None
    if reply.sent.cut or reply.sent.body is not None:
        return "the answer is not a reply of a model"
    if is_failed(reply):
        return "the stream ended in an error"
    return "the answer shows reasoning or annotations" if is_annotated(reply) else None


def _scenario(recording: Scenario, exchanges: Sequence[_Exchange]) -> Scenario:
    """The turns that stay, then the rules: what asks for more comes first."""
    recorded = tuple(each.turn for each in exchanges if each.level == RECORDED)
    rules: dict[object, Rule] = {}
    for each in sorted(exchanges, key=lambda each: -each.level):
        if each.level < RECORDED:
            rule = _rule(each)
            rules.setdefault((repr(rule.when), repr(_without_pace(rule.say))), rule)
    return replace(
        recording,
        about="",
        turns=recorded,
        rules=(*rules.values(), *recording.rules),
        recording=recording.recording if recorded else None,
        tools=recording.tools if recorded else (),
        place=None,
    )


def _without_pace(say: Say) -> Say:
    """An answer without its pace, which differs from one time to the next."""
    return replace(say, timing=None) if isinstance(say, Reply) else say


def _rule(each: _Exchange) -> Rule:
    turn, request = each.turn, each.turn.heard
    assert request is not None, "only recorded turns become rules"
    calls = turn.say.calls if isinstance(turn.say, Reply) else ()
    question = _question(each) if each.level == GENERAL else None
    user = None
    if request.user_text:
        user = Text(matches=question.pattern) if question is not None else Text(equals=request.user_text)
    when = When(user_says=user, tool_results=len(request.results))
    if each.level == PLACED:
        replies = [message.role for message in request.messages].count("assistant")
        when = replace(when, turn=replies + 1, model=request.model, tool_choice=None)
    if isinstance(turn.say, ApiError):
        return Rule(replace(turn.say, sent=None), when, name=turn.name)
    reply = turn.say
    assert isinstance(reply, Reply), "a recorded turn says a reply or an error"
    open_ = each.level == GENERAL
    text = reply.text and (filled_from(reply.text, question, request) if open_ else literal(reply.text))
    made = [_call(call, arguments_from(call.arguments, question, request) if open_ else None) for call in calls]
    refusal = literal(reply.refusal) if reply.refusal is not None else None
    thinking = literal(reply.thinking) if reply.thinking is not None else None
    reason = reply.finish_reason if reply.finish_reason not in ("stop", "tool_calls") else None
    say = Reply(text, made, finish_reason=reason, refusal=refusal, thinking=thinking, timing=_pace(reply))
    return Rule(say, when, name=turn.name)


def _question(each: _Exchange) -> Question | None:
    """The user's text as a pattern: by the arguments of the calls that it led to, in this turn or an earlier one."""
    request, reply = each.turn.heard, each.turn.say
    assert request is not None, "only recorded turns become rules"
    last = max((index for index, message in enumerate(request.messages) if message.role == "user"), default=0)
    made = [call for message in request.messages[last:] for call in message.tool_calls]
    made = made or (list(reply.calls) if isinstance(reply, Reply) else [])
    return question_of(request.user_text, [parsed(call.arguments) for call in made])


def _call(call: ToolCall, arguments: str | None) -> ToolCall:
    """The call as a rule writes it; without placeholders it goes out as it stands."""
    if arguments is None:
        return replace(call, id=None, verbatim=True)
    return replace(call, id=None, arguments=arguments)


def _pace(reply: Reply) -> Timing | None:
    """How fast the model spoke: the time to its first token, and the usual one between two."""
    gaps = reply.sent.gaps if reply.sent is not None and reply.sent.chunks is not None else ()
    if len(gaps) < FEWEST_GAPS or max(gaps) < SHORTEST_GAP:
        return None
    return Timing(gaps[0] / 1000, median(gaps[1:]) / 1000)


def _reproduces(scenario: Scenario, turn: Turn) -> bool:
    """Whether the script says to a recorded request what was recorded."""
    assert turn.heard is not None, "only recorded turns are proven"
    try:
        found = Play(scenario).answer(MatchView(turn.heard))
    except UnresolvedPlaceholder:
        return False
    if not isinstance(found, Match) or found.contradiction is not None:
        return False
    played, recorded = meaning(found.say), meaning(turn.say)
    for each in (played, recorded):
        if each.get("finish_reason") in ("stop", "tool_calls"):
            del each["finish_reason"]
    return played == recorded


def _notes(exchanges: Sequence[_Exchange]) -> Iterator[str]:
    for each in exchanges:
        name = each.turn.name or "a turn"
        if each.level == RECORDED:
            yield f"{name}: stays as it was recorded, as {each.why}"
            continue
        question = _question(each) if each.level == GENERAL else None
        caught = ", ".join(
            f"'{value}' is {{capture.{key}}}" for key, value in (question.names if question else {}).items()
        )
        how = ("", "word for word", "word for word, at its place in the conversation")[each.level]
        yield f"{name}: a rule{' ' + how if how else ''}{': ' + caught if caught else ''}"
