"""Simulator: the reply of a function-calling model, from the request and a seed alone."""

from dataclasses import replace
from random import Random

from mockserver.chat import ChatRequest, Reply, ToolCall
from mockserver.simulate.answers import summarise
from mockserver.simulate.argument_completion import calls_of, in_format, without_repeats, written
from mockserver.simulate.clauses import wish
from mockserver.simulate.gate import AllowedCalls, insisted
from mockserver.simulate.planning import following_calls, planned_calls
from mockserver.simulate.request_view import NO_HABITS, Habits, RequestView, view
from mockserver.simulate.requested_acts import open_to, undecided
from mockserver.simulate.stemming import identifier_words
from mockserver.simulate.text_replies import SPELL_IT_OUT, ask_back, reply_to
from mockserver.simulate.tool_model import OfferedTool, as_custom
from mockserver.simulate.tool_selection import Selection, best

_CLOSING = frozenset({"final", "answer", "finish", "respond", "response", "submit", "done", "complete", "result"})


def simulate(request: ChatRequest, seed: str, habits: Habits = NO_HABITS) -> Reply:
    """What a model would say next: calls of the offered tools, or text; always the same for a request and seed."""
    reply = _said(request, seed, habits)
    if asks_for_thinking(request):
        reply = replace(reply, thinking=_thinking(reply, request))
    custom = {tool.name: tool for tool in request.tools if tool.kind == "custom"} if reply.calls else {}
    if custom:
        calls = [as_custom(call, custom[call.name], seed) if call.name in custom else call for call in reply.calls]
        return replace(reply, calls=calls)
    return reply


def asks_for_thinking(request: ChatRequest) -> bool:
    """Whether a request asks for thinking that can be read: `thinking` is on, or a summary of reasoning is wanted."""
    thinking, reasoning = request.options.get("thinking"), request.options.get("reasoning")
    if isinstance(thinking, dict) and thinking.get("type") not in (None, "disabled"):
        return True
    return isinstance(reasoning, dict) and reasoning.get("summary") is not None


def _thinking(reply: Reply, request: ChatRequest) -> str:
    """One sentence on what the reply does."""
    if reply.calls:
        names = " and ".join(dict.fromkeys([call.name for call in reply.calls]))
        return f"I need {names} for this."
    return "The results are in, and I can sum them up." if request.results else "I can answer this without a tool."


def _said(request: ChatRequest, seed: str, habits: Habits) -> Reply:
    seen = view(request, habits)
    if seen.results and not seen.asked_since:
        return _after_results(seen, request, seed)
    found = planned_calls(seen)
    calls = without_repeats(calls_of(found.calls, seen, seed), seen)
    if not calls and seen.must_call and seen.skills:
        calls = _forced(seen, seed)
    if calls:
        return Reply(calls=calls[:1] if seen.single else calls)
    return Reply(_text(seen, found, request, seed))


def _forced(seen: RequestView, seed: str) -> list[ToolCall]:
    """A call that the application insists on: of the tool that fits best, and new where that can be.

    An act without a request for it is the last resort, and harmless. Values may stand in what the user pasted.
    """
    text = wish(seen.whole)
    looking = tuple(skill for skill in seen.skills if skill.effect.kind == "looks")
    for skills in filter(None, (open_to(seen.skills, seen.spoken), looking, seen.skills)):
        choice = best(skills, text, seen.today)
        calls = _forced_calls(choice, seen, seed)
        others = [skill for skill in skills if skill is not choice.skill]
        fresh = without_repeats(calls, seen) or (
            without_repeats(_forced_calls(best(others, text, seen.today), seen, seed), seen) if others else []
        )
        return fresh or calls
    return []


def _forced_calls(choice: Selection, seen: RequestView, seed: str) -> list[ToolCall]:
    """The calls of a choice; what the user spelled out stays, what else could do harm is harmless."""
    found = insisted(choice, seen)
    return calls_of([(choice.skill, values) for values in found], seen, seed)


def _after_results(seen: RequestView, request: ChatRequest, seed: str) -> Reply:
    """The answer to tool results: a summary, handed to the closing tool of an application that insists on calls."""
    following = following_calls(seen, seed)
    if following:
        return Reply(calls=following[:1] if seen.single else following)
    summary = summarise(seen.results, seen.spoken)
    if not seen.must_call or not seen.skills:
        return Reply(_formatted(summary, seen, request, seed))
    closing = next((skill for skill in seen.skills if _closes(skill)), None)
    if closing is None:
        return Reply(calls=_forced(seen, seed)[:1])
    free = next(
        (one for one in closing.parameters if one.kind in ("string", "") and not one.choices and not one.many), None
    )
    values = {free.path: summary} if free is not None and free.fits(summary) else {}
    return Reply(calls=[ToolCall(closing.name, written(closing, values, seen, seed))])


def _closes(skill: OfferedTool) -> bool:
    return any(word in _CLOSING for word in identifier_words(skill.name))


def _text(seen: RequestView, found: AllowedCalls, request: ChatRequest, seed: str) -> str:
    if seen.results:
        return _formatted(summarise(seen.results, seen.spoken), seen, request, seed)
    if found.lacking:
        return _formatted(ask_back(found.lacking), seen, request, seed)
    if undecided(seen.skills, seen.spoken):
        return _formatted(SPELL_IT_OUT, seen, request, seed)
    told = "\n".join(f"{message.role}: {message.content}" for message in request.messages)
    words = reply_to(seen.text, seen.skills, Random(f"{seed}/{told}".encode("utf-8", "surrogatepass")))
    return _formatted(words, seen, request, seed)


def _formatted(words: str, seen: RequestView, request: ChatRequest, seed: str) -> str:
    """The words, in the form that `response_format` asks for."""
    wanted = request.options.get("response_format")
    return words if wanted is None else in_format(words, wanted, seen, seed)
