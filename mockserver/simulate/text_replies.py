"""Text replies: questions for missing values, small talk, offers of what the tools can do."""

import re
from collections.abc import Mapping, Sequence
from random import Random

from mockserver.simulate.clauses import clauses
from mockserver.simulate.lexicon import word_set
from mockserver.simulate.stemming import identifier_words, stem
from mockserver.simulate.tool_model import OfferedTool, ToolParameter
from mockserver.simulate.tool_selection import topic_words

SPELL_IT_OUT = (
    "Before I change anything I need to know more. Could you tell me what exactly shall be done, and give me the file, "
    "the command or the values to use?"
)
_VALUE_NAMES = {
    "recipient": "the address to send it to", "email": "the e-mail address", "command": "the exact command",
    "source": "the exact code", "sql": "the exact statement", "money": "the amount",
}  # fmt: skip
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
_SEARCHING = frozenset(
    map(
        stem,
        word_set("find search look tell explain show give check google research query retrieve list fetch get see"),
    )
)
_SMALL_TALK = re.compile(
    r"(?i)^\W*(?:(?:hi|hello|hey|good (?:morning|afternoon|evening|night)|thanks?|thank you|great|ok(?:ay)?|bye|"
    r"goodbye|cheers|nice to meet you|how are you|how's it going|what's up|who are you|what are you|what can you do|"
    r"sure|yes|no|perfect|cool|awesome|sorry|welcome)\b[^?]{0,40}[?!.,\s]*)+$|"
    r"\b(?:joke|poem|haiku|story|limerick|song lyrics|riddle)s?\b|\bare you\b|\bdo you (?:think|like|feel|have)\b|"
    r"\b(?:how are|who are|what are|what can|can you do|how do) you\b|\byour (?:name|favou?rite|opinion)\b"
)


def ask_back(lacking: Mapping[OfferedTool, Sequence[ToolParameter]]) -> str:
    """A question for the values that the first of the calls lacks."""
    skill, missing = next(iter(lacking.items()))
    names = list(dict.fromkeys(_asked_value(parameter) for parameter in missing))
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"I can do that ({offer(skill)}), but I need to know {listed} first. Could you tell me?"


def _asked_value(parameter: ToolParameter) -> str:
    return _VALUE_NAMES.get(parameter.role) or f"the {' '.join(identifier_words(parameter.name)) or parameter.name}"


def reply_to(text: str, skills: Sequence[OfferedTool], chance: Random) -> str:
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


def offer(skill: OfferedTool) -> str:
    """What a tool does, in a few plain words."""
    said = re.split(r"[.\n;:(]", skill.description.strip())[0].strip()
    if not 0 < len(said) <= 90:
        return " ".join(identifier_words(skill.name))
    return said if said[:2].isupper() else said[0].lower() + said[1:]


def is_small_talk(text: str) -> bool:
    """Whether a text only greets, thanks, or asks for a joke or about the model itself."""
    return not text.strip() or _SMALL_TALK.search(text) is not None


def asks_for_information(text: str) -> bool:
    """Whether a text asks something that could be looked up."""
    if is_small_talk(text):
        return False
    return any(
        clause.mood == "question" or (clause.mood == "asked" and clause.verb in _SEARCHING) for clause in clauses(text)
    ) and bool(topic_words(text) or any(letter.isupper() or letter.isdigit() for letter in text[1:]))
