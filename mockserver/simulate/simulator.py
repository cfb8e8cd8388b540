"""Simulator: the reply of a function-calling model, from the request and a seed alone."""

import json
from collections.abc import Sequence
from random import Random

from mockserver.chat import ChatRequest, Reply, ToolCall
from mockserver.simulate.argument_completion import in_format, written
from mockserver.simulate.clauses import wish
from mockserver.simulate.extraction import extract
from mockserver.simulate.free_text import has_path
from mockserver.simulate.gate import AllowedCalls, allowed_calls, insisted
from mockserver.simulate.request_view import RequestView, view
from mockserver.simulate.requested_acts import asks_to_look, open_to, undecided
from mockserver.simulate.stemming import identifier_words
from mockserver.simulate.text_replies import SPELL_IT_OUT, ask_back, reply_to, summarise
from mockserver.simulate.tool_model import OfferedTool, as_custom
from mockserver.simulate.tool_selection import Selection, best, choose

_CLOSING = frozenset({"final", "answer", "finish", "respond", "response", "submit", "done", "complete", "result"})
_FOLLOW_UP_WORDS = 8


def simulate(request: ChatRequest, seed: str) -> Reply:
    """What a model would say next: calls of the offered tools, or text; always the same for a request and seed."""
    reply = _said(request, seed)
    custom = {tool.name: tool for tool in request.tools if tool.kind == "custom"} if reply.calls else {}
    if custom:
        calls = [as_custom(call, custom[call.name], seed) if call.name in custom else call for call in reply.calls]
        return Reply(reply.text, calls)
    return reply


def _said(request: ChatRequest, seed: str) -> Reply:
    seen = view(request)
    if seen.results and not seen.asked_since:
        return _after_results(seen, request, seed)
    found = allowed_calls(_choices(seen), seen)
    if found.lacking and not found.calls:
        found = _looked_first(seen) or found
    calls = _without_repeats(_calls(found, seen, seed), seen)
    if not calls and seen.must_call and seen.skills:
        calls = _forced(seen, seed)
    if calls:
        return Reply(calls=calls[:1] if seen.single else calls)
    return Reply(_text(seen, found, request, seed))


def _choices(seen: RequestView) -> list[Selection]:
    """The tools to call: those that the request asks for, or the one that it goes on with."""
    allowed = open_to(seen.skills, seen.spoken)
    if not seen.spoken.strip():  # all of the message is material: nothing is asked, but something may be looked up
        return choose([skill for skill in allowed if skill.effect.kind == "looks"], seen.whole, seen.today)
    chosen = choose(allowed, seen.text, seen.today)
    if any(choice.skill.effect.kind != "looks" for choice in chosen):
        return chosen
    plain = _plainly_asked(allowed, seen)
    if plain and (not chosen or allowed_calls(plain, seen).calls):
        return [*(chosen if asks_to_look(seen.spoken) else ()), *plain]
    return chosen or _followed_up(allowed, seen)


def _looked_first(seen: RequestView) -> AllowedCalls | None:
    """What is read before an act that lacks values, where the request names a file that it is about."""
    reading = [one for one in open_to(seen.skills, "") if any(parameter.role == "path" for parameter in one.parameters)]
    found = allowed_calls(choose(reading, seen.text, seen.today), seen) if has_path(seen.text) else None
    return found if found is not None and found.calls else None


def _plainly_asked(allowed: Sequence[OfferedTool], seen: RequestView) -> list[Selection]:
    """The tool whose act the request asks for, though the words of another fit better."""
    acting = [skill for skill in allowed if skill.effect.kind != "looks"]
    return [best(acting, seen.text, seen.today)] if acting else []


def _followed_up(allowed: Sequence[OfferedTool], seen: RequestView) -> list[Selection]:
    """The tool that an earlier message asked for, when the latest only names new values, as `And in Oslo?` does."""
    looking = [skill for skill in allowed if skill.effect.kind == "looks"]
    if not seen.earlier or not looking or len(seen.text.split()) > _FOLLOW_UP_WORDS:
        return []
    before = choose(looking, seen.earlier[0], seen.today)
    if not before:
        return []
    skill = before[0].skill
    extraction = extract(skill, seen.text, seen.today)
    return [Selection(skill, seen.text, before[0].fit, extraction)] if extraction.sure and not extraction.empty else []


def _calls(found: AllowedCalls, seen: RequestView, seed: str) -> list[ToolCall]:
    calls: list[ToolCall] = []
    for skill, values in found.calls:
        made = ToolCall(skill.name, written(skill, values, seen, f"{seed}/{len(calls)}"))
        if made not in calls:
            calls.append(made)
    return calls


def _without_repeats(calls: list[ToolCall], seen: RequestView) -> list[ToolCall]:
    """The calls that have not been made since the question was asked."""
    made = {_identity(call) for call in seen.made}
    return [call for call in calls if _identity(call) not in made]


def _identity(call: ToolCall) -> tuple[str, str]:
    try:
        return call.name, json.dumps(json.loads(call.arguments), sort_keys=True)
    except (ValueError, RecursionError):
        return call.name, call.arguments


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
        fresh = _without_repeats(calls, seen) or (
            _without_repeats(_forced_calls(best(others, text, seen.today), seen, seed), seen) if others else []
        )
        return fresh or calls
    return []


def _forced_calls(choice: Selection, seen: RequestView, seed: str) -> list[ToolCall]:
    """The calls of a choice; what the user spelled out stays, what else could do harm is harmless."""
    found = insisted(choice, seen)
    return _calls(AllowedCalls(tuple((choice.skill, values) for values in found)), seen, seed)


def _after_results(seen: RequestView, request: ChatRequest, seed: str) -> Reply:
    """The answer to tool results: a summary, handed to the closing tool of an application that insists on calls."""
    summary = summarise(seen.results)
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
        return _formatted(summarise(seen.results), seen, request, seed)
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
