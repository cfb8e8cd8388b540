"""Material: what of a message is not the user speaking: blocks of tags, code fences, quotations, pasted documents."""

import re

from mockserver.simulate.cues import FORBIDS

_BLOCK = re.compile(r"<([A-Za-z][\w:.-]{1,60})(?:\s[^<>]{0,300})?>")
_OWN_WORDS = frozenset(
    ("task", "user_query", "user_request", "user_message", "user", "request", "prompt", "question", "query", "message")
)
_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[^\n]*\n(?:(?s:.*?)^[ \t]*\1[ \t]*$|(?s:.*)\Z)", re.MULTILINE)
_QUOTED_LINE = re.compile(r"^[ \t]*>[^\n]*$", re.MULTILINE)
_OTHER_SPEAKER = re.compile(
    r"^[ \t]*[\[(<*#]*[ \t]*(?:system|assistant|tool|developer|function|reminder|instructions?)\b"
    r"[^\n:\]]{0,40}[:\]][^\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
_SECTION = re.compile(r"^#{1,6}[ \t]+([^\n]*)$", re.MULTILINE)
_OWN_SECTION = re.compile(r"(?i)\b(?:task|request|question|issue|user|prompt)\b")
_SHOWS = re.compile(
    r"(?i)\b(?:this|these|the following|following|below|attached|here(?:'s| is| are)|got|received|says?|wrote|reads?)\b"
    r"[^\n]{0,120}(?::[ \t]*\n|:[ \t]*\Z)|\b(?:this|the following|below)\s+(?:text|document|e-?mail|mail|message|"
    r"article|log|page|report|thread|transcript|output|ticket|conversation|file|note)s?\b[^\n]{0,80}(?:[:.][ \t]*)?\n|"
    r"\b(?:text|document|e-?mail|mail|message|article|log|page|report|thread|notes?|plan|list)\s+(?:below|attached)\b"
    r"[^\n]{0,80}\n"
)
_TO_RUN = re.compile(r"(?i)\b(?:run|execute|exec)\b[^\n.!?]*:\Z")
_LINE = 300
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
LONG = 1_500
"""A message up to this length is taken as typed; of a longer one only the first and the last paragraph are."""


def spoken(text: str) -> str:
    """The user's own words of a message: the same text with everything else blanked, so that places stay the same.

    Only they ask for anything. Values may stand in the rest, too; see `evidence`.
    """
    text = _without_blocks(text) if "<" in text else text
    text = _FENCE.sub(_unless_it_shall_run, text)
    for pattern in (_QUOTED_LINE, _OTHER_SPEAKER):
        text = pattern.sub(_blank, text)
    return _typed(_without_shown(_without_sections(text)))


def _unless_it_shall_run(fence: re.Match[str]) -> str:
    """A fence stays when the line before it asks to run what it holds."""
    before = fence.string[max(0, fence.start() - _LINE) : fence.start()].rstrip().rpartition("\n")[2]
    asked = _TO_RUN.search(before) and not FORBIDS.search(before) and "?" not in before
    return fence.group() if asked else _blanked(fence.group())


def _blank(found: re.Match[str]) -> str:
    return _blanked(found.group())


def _blanked(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _without_blocks(text: str) -> str:
    """The text without what stands in tags; what stands in the user's own (`<task>`) stays."""
    parts: list[str] = []
    place = 0
    while found := _BLOCK.search(text, place):
        close = text.find(f"</{found[1]}>", found.end())
        name = found[1].casefold().replace("-", "_")
        parts.append(text[place : found.start()])
        if name in _OWN_WORDS:
            parts.append(_blanked(found.group()))
            place = found.end()
            continue
        alone = close < 0 and not re.search(r"remind|system|context|instruct", name)
        end = found.end() if alone else (len(text) if close < 0 else close + len(found[1]) + 3)
        parts.append(_blanked(text[found.start() : end]))
        place = end
    parts.append(text[place:])
    return re.sub(r"</[\w:.-]+>", _blank, "".join(parts))


def _without_sections(text: str) -> str:
    """The text without the sections of a document; those that hold the task stay."""
    heads = list(_SECTION.finditer(text))
    if not heads:
        return text
    parts = [text[: heads[0].start()]]
    for index, head in enumerate(heads):
        end = heads[index + 1].start() if index + 1 < len(heads) else len(text)
        body = text[head.end() : end]
        parts += [_blanked(head.group()), body if _OWN_SECTION.search(head[1]) else _blanked(body)]
    return "".join(parts)


def _without_shown(text: str) -> str:
    """The text without what follows words that show something to the model, as `Summarise this mail:` does."""
    shown = _SHOWS.search(text) if "\n" in text or text.rstrip().endswith(":") else None
    if shown is None:
        return text
    fence = _FENCE.match(text, shown.end())  # one that is left here shall run
    end = fence.end() if fence else shown.end()
    return text[:end] + _blanked(text[end:])


def _typed(text: str) -> str:
    """Of a long text its first and its last paragraph: what lies between was pasted."""
    if len(text.strip()) <= LONG:
        return text
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    breaks = list(_PARAGRAPH.finditer(text, start, end))
    first = min(breaks[0].start() if breaks else end, start + LONG)
    last = max(breaks[-1].end() if breaks else end, end - LONG, first)
    return text[:first] + _blanked(text[first:last]) + text[last:]
