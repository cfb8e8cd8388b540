"""What is asked for: which acts the user's clauses ask of a tool, which they forbid, which words belong to them."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from mockserver.simulate.clauses import Clause, clauses
from mockserver.simulate.commands import has_path
from mockserver.simulate.lexicon import word_set
from mockserver.simulate.skills import Skill
from mockserver.simulate.verbs import acts_of
from mockserver.simulate.words import is_generic, related, stem, tokens

_ANYTHING = frozenset(map(stem, word_set("do change modify touch act edit alter write make execute")))
_WHOLLY = re.compile(
    r"(?i)\b(?:anything|nothing|any (?:tools?|files?|changes?|commands?)|changes|tools?|files|commands?|yet)\b"
)
_ELSE = re.compile(r"(?i)\b(?:else|other)\b")
_OWN_OBJECT = re.compile(r"[`\"“\d@]|\w[./]\w|\b(?:to|for|in|from|other|else)\s+\w|\s[A-Z]\w")
"""What forbids only some of what is asked for names it: `but do not send it to Bob`."""

_BLANK = re.compile(r"[^\n]")
_USING = frozenset(map(stem, word_set("use call invoke run try")))


def open_to(skills: Sequence[Skill], text: str) -> tuple[Skill, ...]:
    """The tools that a request may call: those that look, and those whose act it asks for and does not forbid."""
    spoken = clauses(text)
    return tuple(
        skill for skill in skills
        if not _forbidden(skill, spoken, text) and (skill.effect.kind == "looks" or asked_for(skill, text))
    )  # fmt: skip


@lru_cache(maxsize=1024)
def asked_for(skill: Skill, text: str) -> bool:
    """Whether a clause asks for what the tool does."""
    return any(_asks(clause, skill, text) for clause in clauses(text))


def _asks(clause: Clause, skill: Skill, text: str) -> bool:
    if clause.mood not in ("asked", "wished"):
        return False
    said = {stem(token.text) for token in tokens(text[clause.start : clause.end])}
    if clause.mood == "wished":
        objects = set(skill.name_words) - skill.effect.verbs
        return "destroy" not in skill.effect.acts and bool(objects & said)
    if clause.verb in skill.effect.verbs:
        return True
    part = text[clause.start : clause.end]
    if not acts_of(clause.verb).isdisjoint(skill.effect.acts) and _speaks_of(skill, clause.verb, said, part):
        return True
    return clause.verb in _USING and _names(skill, part)


def _speaks_of(skill: Skill, verb: str, said: set[str], part: str) -> bool:
    """Whether a clause speaks of what the tool is about, or says it with a verb that means the same."""
    objects = {word for word in skill.name_words if word not in skill.effect.verbs and not acts_of(word)}
    if objects & said or (not objects and skill.effect.kind == "runs"):
        return True
    known = skill.effect.verbs | objects | {word for word in skill.about if not is_generic(word)}
    return verb in known or any(related(verb, word) for word in known) or ("fil" in objects and has_path(part))


def _names(skill: Skill, part: str) -> bool:
    """Whether a part of the text calls the tool by its name, or speaks all words of it."""
    said = {stem(token.text) for token in tokens(part)}
    return skill.name.casefold() in part.casefold() or set(skill.name_words) <= said


def _forbidden(skill: Skill, spoken: Iterable[Clause], text: str) -> bool:
    """Whether the text forbids a tool by name, or what it does, and does not ask for the same elsewhere."""
    for clause in spoken:
        if clause.mood != "forbidden":
            continue
        part = text[clause.start : clause.end]
        if clause.verb in _USING and _names(skill, part):
            return True
        if skill.effect.kind == "looks":
            continue
        if clause.verb in _ANYTHING and _WHOLLY.search(part) and not _ELSE.search(part):
            return True
        forbids = clause.verb in skill.effect.verbs or not acts_of(clause.verb).isdisjoint(skill.effect.acts)
        if forbids and not (_OWN_OBJECT.search(part) and asked_for(skill, text)):
            return True
    return False


def own_part(skill: Skill, text: str) -> str:
    """What of a text is about an act: without the clauses that ask for, or about, something else; places stay."""
    parts: list[str] = []
    place = 0
    alien = own = False
    for clause in clauses(text):
        if clause.mood != "told":
            goes_on = own and clause.mood == "asked" and not acts_of(clause.verb).isdisjoint(skill.effect.acts)
            own = goes_on or _asks(clause, skill, text)
            alien = not own
        if alien:
            parts += [text[place : clause.start], _BLANK.sub(" ", text[clause.start : clause.end])]
            place = clause.end
    return "".join(parts) + text[place:] if parts else text


def undecided(skills: Sequence[Skill], text: str) -> bool:
    """Whether a text asks for an act of a kind that some tool does, though of none of them plainly."""
    verbs = [acts_of(clause.verb) for clause in clauses(text) if clause.mood == "asked"]
    return any(not acts.isdisjoint(skill.effect.acts) for acts in verbs for skill in skills)
