"""YAML comments that a person wrote in a recording: they stay when a recorder writes the file anew.

YAML's own loader and dumper lose comments. They are found beside the scanner's tokens and stand again before, or
behind, the line that is most like the one where they stood; none is lost, whatever became of the lines around it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml

from mockserver.scenario import dump, parse

_CONTEXT = 12
"""So many lines after a comment say which of several equal lines it belongs to."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment: `text` begins with `#`, `line` counts from 0 in the text; it is `trailing` behind content."""

    line: int
    text: str
    trailing: bool


def comments_of(text: str) -> tuple[Comment, ...]:
    """The comments of a YAML text, in their order; JSON that is not YAML as well has none."""
    try:
        return tuple(_comments(text)) if "#" in text else ()
    except yaml.YAMLError:
        return ()


def with_comments(text: str, before: str, comments: Sequence[Comment]) -> str:
    """A recording's text with the comments of the text that was there `before`.

    Where they would change what the text means, they stand at its top.
    """
    lines, bare = text.split("\n")[:-1], _bare(before, comments)
    places = [_place(lines, bare, anchor) for anchor in _anchors(before, comments)]
    found = list(zip(places, comments, strict=True))
    placed = list(lines)
    for place, comment in [each for each in found if each[1].trailing]:
        if place < len(lines) and placed[place] == lines[place]:
            placed[place] += f"  {comment.text}"
        else:
            found.append((place, Comment(comment.line, comment.text, trailing=False)))
    # From the end, so that places hold; of several at one place the last goes in first.
    alone = [each for each in found if not each[1].trailing]
    alone.sort(key=lambda each: each[0])
    for place, comment in reversed(alone):
        line = lines[place] if place < len(lines) else ""
        placed.insert(place, line[: len(line) - len(line.lstrip())] + comment.text)
    commented = "\n".join(placed) + "\n"
    if _means(commented, text):
        return commented
    return "".join(f"{comment.text}\n" for comment in comments) + text


def _comments(text: str) -> Iterator[Comment]:
    spans = _scalar_spans(text)
    start = 0
    for number, line in enumerate(text.split("\n")):
        for column, sign in enumerate(line):
            index = start + column
            starts = sign == "#" and (column == 0 or line[column - 1].isspace())
            if starts and not any(first <= index < end for first, end in spans):
                yield Comment(number, line[column:].rstrip(), trailing=bool(line[:column].strip()))
                break
        start += len(line) + 1


def _scalar_spans(text: str) -> list[tuple[int, int]]:
    """Where the scalars with a `#` stand: there it is a part of the value."""
    tokens = yaml.scan(text, yaml.SafeLoader)
    spans = [(token.start_mark.index, token.end_mark.index) for token in tokens if isinstance(token, yaml.ScalarToken)]
    return [(start, end) for start, end in spans if "#" in text[start:end]]


def _anchors(before: str, comments: Sequence[Comment]) -> list[int]:
    """The line that each comment speaks of: its own, or the next one with content."""
    alone = {comment.line for comment in comments if not comment.trailing}
    lines = before.split("\n")
    found = []
    for comment in comments:
        line = comment.line
        while not comment.trailing and line < len(lines) and (line in alone or not lines[line].strip()):
            line += 1
        found.append(line)
    return found


def _bare(before: str, comments: Sequence[Comment]) -> list[str]:
    """The lines of a text without its trailing comments."""
    lines = before.split("\n")
    for comment in comments:
        if comment.trailing:
            lines[comment.line] = lines[comment.line].rstrip().removesuffix(comment.text).rstrip()
    return lines


def _place(lines: Sequence[str], bare: Sequence[str], anchor: int) -> int:
    """The index of the line that stands for a line of the text before; the end where no later line is there either."""
    for number in range(anchor, len(bare)):
        candidates = [index for index, line in enumerate(lines) if bare[number].strip() and line == bare[number]]
        if candidates:
            return max(candidates, key=lambda index: (_likeness(lines, index, bare, number), -abs(index - number)))
    return len(lines)


def _likeness(lines: Sequence[str], index: int, bare: Sequence[str], number: int) -> int:
    """How many of the lines from here on are the same."""
    after = zip(lines[index : index + _CONTEXT], bare[number : number + _CONTEXT], strict=False)
    return sum(line == other for line, other in after)


def _means(placed: str, text: str) -> bool:
    try:
        return dump(parse(placed)) == text
    except Exception:  # the comments are to stand elsewhere, whatever is wrong with the text
        return False
