"""Planning: the calls that a request asks for now, those that have to come first, and those that follow on results."""

from collections.abc import Sequence

from mockserver.chat import ToolCall
from mockserver.simulate.argument_completion import calls_of, without_repeats
from mockserver.simulate.arithmetic import calculation
from mockserver.simulate.extraction import extract
from mockserver.simulate.free_text import has_path
from mockserver.simulate.gate import AllowedCalls, allowed_calls
from mockserver.simulate.generic_tools import generic_choice
from mockserver.simulate.queries import core
from mockserver.simulate.request_view import RequestView
from mockserver.simulate.requested_acts import asks_to_look, open_to
from mockserver.simulate.stemming import identifier_words, stem
from mockserver.simulate.text_replies import is_small_talk
from mockserver.simulate.tool_model import OfferedTool, ToolParameter
from mockserver.simulate.tool_selection import Selection, best, choose

_FOLLOW_UP_WORDS = 8
_NUMBERING = frozenset(("id", "number", "no", "code", "key", "uuid"))


def planned_calls(seen: RequestView) -> AllowedCalls:
    """What may be called of what the user asks for; where values are lacking, what finds them."""
    found = allowed_calls(_choices(seen), seen)
    if found.lacking and not found.calls:
        return _looked_first(seen) or _found_first(found, seen) or found
    if seen.habits.eager and not found.calls and not found.lacking:
        return _likeliest(seen) or found
    return found


def _likeliest(seen: RequestView) -> AllowedCalls | None:
    """The tool that fits best though none is clearly meant; an act only where the request asks for it."""
    allowed = open_to(seen.skills, seen.spoken)
    if not allowed or is_small_talk(seen.text):
        return None
    return allowed_calls([best(allowed, seen.text, seen.today)], seen)


def following_calls(seen: RequestView, seed: str) -> list[ToolCall]:
    """What is still to be called after results: the rest of the plan, and what only they make possible.

    A tool is called no more often than the plan wants it, so that every conversation comes to an end.
    """
    if not seen.text.strip():
        return []
    at_first = calls_of(planned_calls(seen._replace(results=(), made=())).calls, seen._replace(results=()), seed)
    made = [call.name for call in seen.made]
    if not {call.name for call in at_first} & set(made):
        return []  # what was called was not this plan's
    rest = [call for call in without_repeats(at_first, seen) if made.count(call.name) < _count(at_first, call.name)]
    if not seen.single:
        rest = [call for call in rest if call.name not in made]
    if rest:
        return rest
    possible = without_repeats(calls_of(planned_calls(seen).calls, seen, seed), seen)
    return [call for call in possible if call.name not in made]


def _count(calls: Sequence[ToolCall], name: str) -> int:
    return sum(call.name == name for call in calls)


def _choices(seen: RequestView) -> list[Selection]:
    """The tools to call: those that the request asks for, or the one that it goes on with."""
    allowed = open_to(seen.skills, seen.spoken)
    if not seen.spoken.strip():  # all of the message is material: nothing is asked, but something may be looked up
        return choose([skill for skill in allowed if skill.effect.kind == "looks"], seen.whole, seen.today)
    chosen = choose(allowed, seen.text, seen.today)
    if any(choice.skill.effect.kind != "looks" for choice in chosen):
        return chosen
    plain = _plainly_asked(allowed, seen)
    if plain and (allowed_calls(plain, seen).calls or not (chosen or calculation(seen.text))):
        return [*(chosen if asks_to_look(seen.spoken) else ()), *plain]
    return chosen or _followed_up(allowed, seen) or generic_choice(allowed, seen) or plain


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


def _looked_first(seen: RequestView) -> AllowedCalls | None:
    """What is read before an act that lacks values, where the request names a file that it is about."""
    reading = [one for one in open_to(seen.skills, "") if any(parameter.role == "path" for parameter in one.parameters)]
    found = allowed_calls(choose(reading, seen.text, seen.today), seen) if has_path(seen.text) else None
    return found if found is not None and found.calls else None


def _found_first(lacking: AllowedCalls, seen: RequestView) -> AllowedCalls | None:
    """What finds the id that a call lacks: a tool that looks up the same things by what the user says of them."""
    skill, missing = next(iter(lacking.lacking.items()))
    if not all(parameter.role == "id" for parameter in missing):
        return None
    made = {call.name for call in seen.made}
    for finder in open_to(seen.skills, ""):
        if finder.effect.kind != "looks" or finder.name in made or finder.name == skill.name:
            continue
        if not _finds(finder, skill, missing):
            continue
        extraction = extract(finder, seen.text, seen.today)
        if any(_is_empty_search(finder, one, seen.text) for one in finder.required):
            continue
        found = allowed_calls([Selection(finder, seen.text, 0.0, extraction)], seen)
        if found.calls:
            return found
    return None


def _is_empty_search(finder: OfferedTool, parameter: ToolParameter, text: str) -> bool:
    """Whether a search has nothing to search for but the words that ask for it."""
    return parameter.role == "query" and core(finder, text, ()) is None


def _finds(finder: OfferedTool, skill: OfferedTool, missing: Sequence[ToolParameter]) -> bool:
    """Whether a tool finds the things whose id is missing, and needs no such id itself."""
    nouns = {stem(word) for one in missing for word in identifier_words(one.name) if word not in _NUMBERING}
    nouns = nouns or {word for word in skill.name_words if word not in skill.effect.verbs}
    wanted = {parameter.name for parameter in missing}
    return not any(one.name in wanted for one in finder.required) and bool(nouns & {*finder.name_words})
