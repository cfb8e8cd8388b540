"""Search queries: the sentence, or the core of it, for a parameter that takes a question, a topic or keywords."""

import re
from collections.abc import Sequence

from mockserver.simulate.clauses import clauses
from mockserver.simulate.effects import acts_of, looks
from mockserver.simulate.lexicon import STOP, word_set
from mockserver.simulate.stemming import Token, is_generic, stem, tokens
from mockserver.simulate.tool_model import OfferedTool, ToolParameter

Place = tuple[int, int]

_WHOLE = word_set("question prompt input text instruction request message ask sentence utterance user_input")
"""Parameters that take the sentence as it was said; others take what it is about."""

_POLITE = re.compile(
    r"^\s*(?:(?:hi|hello|hey|ok|okay|so|please|kindly|now|and|also|then|could you|can you|would you|will you|i want to|"
    r"i'd like to|i would like to|i need to|help me(?: to)?|let's)(?![\w'])[\s,]*)+",
    re.IGNORECASE,
)
_FRAME = re.compile(
    r"(?:(?:search|look|browse|google|query|check|consult|go through|scan)"
    r"(?:\s+(?:up|in|on|through|over|at))?"
    r"(?:\s+(?:the|our|my|this|a))?"
    r"(?:\s+(?:web|internet|online|google|wiki(?:pedia)?|net|documents?|docs|documentation|database|handbook|manual|"
    r"knowledge\s+base|archive|catalogu?e|inbox|site|library|index|faq|notes))*"
    r"(?:\s+(?:for|about|on|to see|to find(?:\s+out)?|and (?:tell|find)(?:\s+me)?))*\s+)|"
    r"(?:find|get|show|give|tell|fetch|list|retrieve|bring)(?:\s+(?:me|us|out))?"
    r"(?:\s+(?:some|any|all|the|more|everything|anything|something))*"
    r"(?:\s+(?:information|info|articles?|papers?|news|documents?|docs|results?|pages?|passages?|notes?|posts?))?"
    r"(?:\s+(?:you can|there is))?(?:\s+(?:about|on|for|regarding|concerning|that mention|mentioning|of))?\s+",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"(?i)(?<!\w)(?:about|regarding|concerning|mentioning|mentions?|related to|on the (?:subject|topic) of|"
    r"that (?:mention|contain|say|talk about)s?|with the (?:words?|text|phrase)|(?:say|says|said) about|"
    r"matching|containing)\s+(?P<rest>[^?!\n;]+?)(?=\s*(?:[?!;\n]|\.(?:\s|$)|$))"
)
_TRAILING = re.compile(
    r"(?i)(?:\s+(?:please|for me|in the (?:docs|handbook|database|wiki)|on the (?:web|internet)|online|right now|now|"
    r"today|again|if you can|thanks|thank you))+\s*$"
)
_BRIDGES = word_set("of the for in on and to with a an at by from vs or our my your 's his her their s is are")


def whole(text: str) -> str:
    """The text without the politeness before it and the mark after it."""
    text = " ".join(text.split())
    return _POLITE.sub("", text).rstrip(" ?!.,") or text


def sentence(text: str) -> str:
    """The text as a query for a search engine: without `search the web for` and `please`."""
    said = whole(text)
    framed = _FRAME.match(said)
    said = said[framed.end() :] if framed and framed.end() < len(said) else said
    return _TRAILING.sub("", said).strip(" ?!.,\"'") or said


def takes_a_sentence(parameter: ToolParameter) -> bool:
    """Whether a parameter takes a question as it was asked."""
    return not _WHOLE.isdisjoint(parameter.words) or bool(parameter.words & {stem(word) for word in _WHOLE})


def core(skill: OfferedTool, text: str, taken: Sequence[Place]) -> str | None:
    """What a search of some things is about: the words that neither the tool nor another value explains."""
    if about := _ABOUT.search(text):
        rest = _cut(about["rest"], about.start("rest"), taken)
        if rest:
            return _TRAILING.sub("", rest)
    runs = _runs(skill, text, taken)
    if not runs:
        return None
    start, end = max(runs, key=lambda run: (_weight(text[run[0] : run[1]]), -run[0]))
    return _TRAILING.sub("", text[start:end]).strip() or None


def _cut(rest: str, start: int, taken: Sequence[Place]) -> str:
    """A phrase up to the first place that another value has."""
    end = min((one - start for one, _ in taken if start < one < start + len(rest)), default=len(rest))
    words = rest[:end].rstrip(" ,").split()
    while len(words) > 1 and words[-1].casefold() in _BRIDGES | {"since", "before", "after", "that", "which"}:
        words.pop()
    if words and words[0].casefold() in ("the", "a", "an", "our", "my", "any"):
        words = words[1:] or words
    return " ".join(words).strip(" \"'“”.,")


def _runs(skill: OfferedTool, text: str, taken: Sequence[Place]) -> list[Place]:
    """Runs of words that carry meaning of their own, with the small words between them."""
    runs: list[Place] = []
    verbs = {clause.verb for clause in clauses(text) if clause.mood in ("asked", "question")}
    last: Token | None = None
    bridge = True
    for token in tokens(text):
        if (
            any(start <= token.start < end for start, end in taken)
            or _explained(skill, token, text)
            or (stem(token.text) in verbs and acts_of(stem(token.text)))
        ):
            bridge = bridge and token.text.casefold() in _BRIDGES and not _outside(token, taken)
            continue
        joins = last is not None and bridge and not re.search(r"[,.;:!?\n]", text[last.end : token.start])
        if joins:
            runs[-1] = (runs[-1][0], token.end)
        else:
            runs.append((token.start, token.end))
        last, bridge = token, True
    return runs


def _outside(token: Token, taken: Sequence[Place]) -> bool:
    return any(start <= token.start < end for start, end in taken)


def _explained(skill: OfferedTool, token: Token, text: str) -> bool:
    word = token.text.casefold()
    root = stem(word)
    if word in STOP or root in skill.name_words:
        return True
    if token.text[0].isupper() and token.start > 0 and text[token.start - 1] == " ":
        return False
    return looks(root) or (is_generic(root) and not acts_of(root)) or word in ("available", "there", "anything", "got")


def _weight(phrase: str) -> int:
    return sum(1 for word in phrase.split() if word.casefold() not in _BRIDGES)
