"""Text from outside made safe to print: control characters are shown, not obeyed."""


def printable(text: str) -> str:
    """The text with its control characters escaped; line ends stay."""
    return text if text.isprintable() else "\n".join(_escaped(line) for line in text.split("\n"))


def _escaped(line: str) -> str:
    return line if line.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)


def shortened(text: str, longest: int) -> str:
    """A long text with its middle left out."""
    if len(text) <= longest:
        return text
    tail = longest // 4
    return f"{text[: longest - tail - 3]} … {text[-tail:]}"
