"""Small talk: a short text for a request that no tool answers."""

import re
from collections.abc import Sequence
from random import Random

from mockserver.simulate.skills import Skill
from mockserver.simulate.words import identifier_words

_KINDS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), answers)
    for pattern, answers in (
        (r"\bjokes?\b|make me laugh|something funny", (
            "Why did the scarecrow get a promotion? He was outstanding in his field.",
            "I told my computer it needed a break, and it froze.",
            "Parallel lines have so much in common. It is a shame they will never meet.",
        )),
        (r"\bthank(s| you)\b|\bcheers\b", ("You are welcome!", "Glad I could help.", "Any time.")),
        (r"^\s*(hi|hello|hey|good (morning|afternoon|evening))\b", (
            "Hello! What can I do for you?", "Hi there. How can I help?", "Hello! How can I help you today?",
        )),
        (r"how are you|how's it going", ("I am doing well, thank you. How can I help?",)),
        (r"\b(good)?bye\b|see you", ("Goodbye, and take care!", "See you soon.")),
        (r"who are you|what are you\b", ("I am an assistant that can call the functions of this application.",)),
    )
)  # fmt: skip
_ANSWERS = (
    "I do not have a good answer to that from here.",
    "That is outside of what I can look up right now.",
    "I cannot answer that with what I have at hand.",
)
_PLAIN = (
    "Good question. In short, it depends on the details; tell me a little more and I can be more specific.",
    "Happy to help. Could you tell me a little more about what you need?",
    "I would start with the basics and go on from there. Which part matters most to you?",
)


def reply_to(text: str, skills: Sequence[Skill], chance: Random) -> str:
    """A believable short answer, which says what the offered tools can do when the request is not theirs."""
    for pattern, answers in _KINDS:
        if pattern.search(text):
            return chance.choice(answers)
    if not text.strip():
        return "How can I help?"
    offers = [offer(skill) for skill in skills[:2]]
    if not offers:
        return chance.choice(_PLAIN)
    return f"{chance.choice(_ANSWERS)} {'I can help with something else, though: ' + ' or '.join(offers)}."


def offer(skill: Skill) -> str:
    """What a tool does, in a few plain words."""
    said = re.split(r"[.\n;:(]", skill.description.strip())[0].strip()
    if not 0 < len(said) <= 90:
        return " ".join(identifier_words(skill.name))
    return said if said[:2].isupper() else said[0].lower() + said[1:]
