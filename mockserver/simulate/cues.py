"""Cues: the wordings that tell whether a clause orders, asks, forbids, supposes or only tells; data as patterns."""

import re
from collections.abc import Iterator

_YOU_COULD = r"k(?:ö|oe)nntest du|kannst du|k(?:ö|oe)nnen sie|podr[ií]as|puedes|peux-tu|pouvez-vous|pourriez-vous"
_BEFORE_AN_ORDER = "|".join(
    (
        r"please|pls|kindly|bitte|por favor|s'il (?:te|vous) pla[iî]t",
        r"now|first(?:ly)?|second(?:ly)?|next|finally|lastly|afterwards?|also|and|then|so|again|ahora|luego|maintenant",
        r"ok(?:ay)?|hey|hi|hello|thanks|thank you|yes|great|well|just|simply|quickly|immediately",
        r"go (?:ahead )?and|go ahead|feel free to|try to|make sure (?:to|you)|be sure to|remember to",
        r"don't worry(?: about it)?|don't forget to|do not forget to|help me(?: to)?|let's|let us|your task is to",
        r"you (?:should|must|need to|have to)|i (?:want|need) (?:you )?to",
        r"i(?:'d| would| will)? ?(?:want|like|need|love|prefer)(?: you)? to",
        r"(?:can|could|would|will|may|might) you(?: please| kindly| now| also| just)*|would you mind",
        _YOU_COULD,
    )
)
LEAD = re.compile(
    rf"[\s\-*\u2022>#.,:;!()\[\]\"'¿¡]*(?:\d{{1,2}}[.)]\s+)?(?:(?:{_BEFORE_AN_ORDER})(?![\w'])[\s,:]*)*", re.IGNORECASE
)
"""What may stand before the verb of an order or a polite request."""

ASKS = re.compile(
    r"(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|am|do|does|did|has|have|had|can|could|should|"
    r"shall|may|might|must|would|will|isn't|aren't|don't|doesn't|didn't|hasn't|won't|can't|couldn't|shouldn't|"
    r"what's|who's|where's|how's|wie|was|wer|wo|wann|warum|welche[rsmn]?|gibt|ist|sind|hat|qu[eé]|qui[eé]n|"
    r"cu[aá]l(?:es)?|c[oó]mo|d[oó]nde|cu[aá]ndo|cu[aá]nt[oa]s?|hay|est-ce|combien|o[uù]|quand|comment|pourquoi|"
    r"quel(?:le)?s?)(?!\w)",
    re.IGNORECASE,
)
"""How a question begins, with a mark at its end or without."""

DO_NOT = re.compile(r"(?:please\s+)?(?:do not|don't|do n't|dont|don\u2019t)\s+(?!forget)", re.IGNORECASE)
_VALUE_BEHIND = r"(?=\s+(?:to\s+|from\s+|in\s+|for\s+|on\s+|the\s+)?(?:[`\"'“\u2018\x00]|\d|[\w./-]+\.\w|[\w.+-]+@))"
_KEEPS = r"keep|leave|preserve|retain|spare|skip|except(?: for)?|apart from|other than|save for|but not|all but|"
SUPPOSES = re.compile(
    r"\b(?:only (?:if|when|after)|unless|provided|if|once|as soon as|when)\b(?! possible| you can\b| you could\b)",
    re.IGNORECASE,
)
"""A condition behind what it holds for: `Delete it only if it is empty`."""

CITED = re.compile(r"\x00\W*\s(?:is|was|are|were|means|meant|does|did|has|had|would|looks|seems)\b", re.IGNORECASE)
"""What speaks of an order instead of giving it: `run 'x' is what he typed`."""

BARE = frozenset({"not", "no", "except", "nor"})
CONDITIONAL = re.compile(
    r"[\s\-*]*(?:if|when|whenever|once|unless|in case|after|before|should (?:you|the|it|there)|as soon as|until|wenn|"
    r"falls|si|quando|quand|cuando|later|tomorrow i|someday|hypothetically|theoretically|in theory|suppose|supposing|"
    r"imagine|pretend|assume|assuming|let's say|for example|for instance|e\.g\.)\b"
    r"(?! possible| you can\b| you could\b| you get a\b| you have (?:a|time)\b| you don't mind| you would\b)",
    re.IGNORECASE,
)
WISH = re.compile(
    r"[\s\-*]*(?:i|we)(?:'d| would)? (?:need|want|like|would like|require)\b(?!\s+to\b|\s+you\b)", re.IGNORECASE
)
"""How somebody asks for a thing: `I need a taxi`."""

CONTENT = re.compile(
    r"\b(?:e-?mail|message|text|tell|notify|inform|remind|reply|send|post|comment|say|dile|schreib\w*)\b[^.!?;\n]*?"
    r"\b(?:that|saying|says|to say|stating|dass|diciendo|disant)\s+(?P<content>[^.!?;\n]+)",
    re.IGNORECASE,
)
"""What somebody else shall be told."""


class Cue:
    """A pattern that is only looked for where one of the words stands that it needs: most texts have none of them."""

    def __init__(self, pattern: str, *words: str) -> None:
        self._pattern = re.compile(pattern, re.IGNORECASE)
        self._words = words

    def _may_stand_in(self, text: str) -> bool:
        folded = text.casefold()
        return any(word in folded for word in self._words)

    def search(self, text: str) -> re.Match[str] | None:
        """Where the cue stands first."""
        return self._pattern.search(text) if self._may_stand_in(text) else None

    def match(self, text: str, place: int = 0) -> re.Match[str] | None:
        """The cue at a place."""
        return self._pattern.match(text, place)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Every place where the cue stands."""
        return self._pattern.finditer(text) if self._may_stand_in(text) else iter(())


POLITE = Cue(
    rf"\b(?:can|could|would|will) you\b|\bplease\b|\bwould you mind\b|\b(?:{_YOU_COULD})\b",
    "you",
    "please",
    "kannst",
    "nntest",
    "nnen sie",
    "puedes",
    "podr",
    "peux",
    "pouvez",
    "pourriez",
)

FORBIDS = Cue(
    r"\b(?:do not|don't|don\u2019t|dont|never|no need to|not to|must not|mustn't|should not|shouldn't|cannot|can't|"
    r"will not|won't|would not|wouldn't|may not|need not|needn't|refrain from|avoid|stop short of|instead of|"
    r"rather than|under no circumstances|in no case|by no means|without(?=\s+\w+ing\b)|nie(?:mals)?|nicht|ohne zu|"
    r"kein\w*|keinesfalls|nunca|sin(?=\s+\w+[aei]r\b)|jamais|ne pas|sans(?=\s+\w+(?:er|ir|re)\b)|"
    rf"(?:except|not|nor|no){_VALUE_BEHIND})(?!\w)(?!\s+forget)",
    "no",
    "n't",
    "n’t",
    "dont",
    "never",
    "avoid",
    "refrain",
    "stop short",
    "instead",
    "rather",
    "circumstances",
    "without",
    "nie",
    "nicht",
    "ohne",
    "kein",
    "nunca",
    "sin",
    "jamais",
    "ne pas",
    "sans",
    "except",
)
"""What begins something forbidden; a bare `not` only before a value: `not dimmed` forbids nothing."""

PROTECTS = Cue(
    rf"(?:{_KEEPS}(?:any|no|every)thing but)\b",
    "keep",
    "leave",
    "preserve",
    "retain",
    "spare",
    "skip",
    "except",
    "apart",
    "other than",
    "save for",
    "but",
)
"""What names something that an act shall leave alone."""

PROTECTS_WITHIN = Cue(
    r"\b(?:(?:keep|leave|preserve|retain|spare|skip)(?=\s+(?:the|my|our|your|this|that|these|those|all|any|it|them|every|"
    r"[`\"'“\u2018\x00\d]|\w+[./_]\w))|except(?: for)?|apart from|other than|save for|but not|all but|"
    r"(?:any|no|every)thing but)\b",
    "keep",
    "leave",
    "preserve",
    "retain",
    "spare",
    "skip",
    "except",
    "apart",
    "other than",
    "save for",
    "but",
)
"""The same within a clause, where `leave` may be a noun, as in `parental leave`."""

REVERSES = Cue(
    r"\b(?:nicht|nie|niemals|kein(?:e[nmrs]?)?|keinesfalls|pas|jamais|nunca|jam[aá]s|mai|niet|nooit|geen|n[aã]o)\b|"
    r"^\W*(?:no|non)\s+\w|\bnot\W*$|\b(?:nothing|none|neither|nobody)\b",
    "no",
    "ni",
    "kein",
    "pas",
    "jam",
    "nunca",
    "mai",
    "geen",
    "não",
    "nao",
    "neither",
)
"""A negation that may stand behind its verb, or at its end: it turns all of the clause."""

RETRACTS = Cue(
    r"\b(?:never ?mind|forget (?:it|that|about it)|scratch that|just kidding|on second thoughts?|"
    r"(?:actually|no|wait|or|better|rather),?\s+(?:please\s+)?(?:don't|do not|don\u2019t)(?:\W|$)|"
    r"(?:don't|do not|don\u2019t)(?: do (?:it|that|this))?\s*[.!]|vergiss es|doch nicht|olv[ií]dalo|laisse tomber)",
    "mind",
    "forget",
    "scratch",
    "kidding",
    "second thought",
    "don't",
    "do not",
    "don’t",
    "vergiss",
    "doch nicht",
    "olv",
    "laisse",
)
"""What takes back all that was asked for before it."""

HOLDS = Cue(
    r"\b(?:ask|check with|confirm with|consult|warn|tell|show) (?:me|us)\b[^.!?\n]{0,40}\b(?:first|before)\b|"
    r"\blet (?:me|us) (?:know|confirm|approve|check)\b[^.!?\n]{0,30}\b(?:first|before)\b|"
    r"\b(?:with|wait for|after|until) (?:my|our) (?:approval|confirmation|permission|consent|go-ahead|ok)\b",
    "first",
    "before",
    "approval",
    "confirmation",
    "permission",
    "consent",
    "go-ahead",
    "ok",
)
"""What wants to be asked before anything is done."""
