"""A table of all faults, and a page for one: what it is, an example, who was seen doing it, what to do about it."""

from collections.abc import Iterator
from itertools import groupby
from textwrap import fill, indent

from mockserver.faults import CATALOGUE, Fault
from mockserver.handbook.difference import example
from mockserver.handbook.examples import show

_WIDTH = 100

CATEGORIES = {
    "args_schema": "Arguments that break the schema",
    "args_semantic": "Arguments that fit and are wrong",
    "name": "The function's name and the choice of function",
    "callset": "Which calls, how many, in what order",
    "args_text": "Arguments that are no JSON object",
    "envelope": "The envelope of the reply",
    "text_call": "Calls written as text",
    "stream": "The deltas of a stream",
    "dialogue": "Over several turns",
    "transport": "HTTP and the transport",
}
"""The categories in the order of the catalogue, and what they are called."""

PROMISES = {
    "parses": "the arguments are JSON objects",
    "validates": "the arguments fit the schema",
    "offered": "the names are those of offered tools",
    "ids": "every call has an id of its own",
    "types": "the official SDK's types accept it",
    "complete": "the answer comes to its proper end",
}
"""What a promise is about, in words."""


def table() -> str:
    """All faults, one a line, by category."""
    width = max(map(len, CATALOGUE))
    lines = []
    for category, faults in by_category():
        lines += ["", f"{CATEGORIES[category]} ({category})"]
        lines += [
            fill(
                f.definition, _WIDTH + 10, initial_indent=f"  {f.name:<{width}}  ", subsequent_indent=" " * (width + 4)
            )
            for f in faults
        ]
    return "\n".join([*lines[1:], "", "One in full: mockserver faults NAME"])


def by_category() -> Iterator[tuple[str, list[Fault]]]:
    """The faults of each category, in order."""
    order = list(CATEGORIES)
    faults = sorted(CATALOGUE.values(), key=lambda fault: order.index(fault.category))
    return ((category, list(group)) for category, group in groupby(faults, lambda fault: fault.category))


def page(fault: Fault) -> str:
    """One fault in full, with an example plain and on the wire."""
    parts = [f"{fault.name} ({fault.category}, acts on the {fault.layer})", _folded(fault.definition)]
    if fault.impossible is not None:
        parts.append(_folded(f"It can't be produced: {fault.impossible}"))
    parts.append("\n".join(_facts(fault)))
    for stream in (False, True):
        shown = show(fault, stream=stream)
        if shown is not None:
            form = "streamed" if stream else "plain"
            parts.append(f"Example, {form} ({shown.example.about}):\n" + indent("\n".join(example(fault, shown)), "  "))
    parts += [f"Seen: {fault.source}.", f"A robust application: {fault.robust}"]
    parts[-2:] = [_folded(part) for part in parts[-2:]]
    return "\n\n".join(parts)


def promised(fault: Fault) -> list[str]:
    """What a fault breaks and what it may break, in words."""
    broken = [words for name, words in PROMISES.items() if getattr(fault.promises, name) == "broken"]
    open_ = [words for name, words in PROMISES.items() if getattr(fault.promises, name) == "open"]
    told = [f"no longer true: {'; '.join(broken)}"] if broken else []
    told += [f"perhaps no longer true: {'; '.join(open_)}"] if open_ else []
    return told or ["everything that a validator checks stays true"]


def _facts(fault: Fault) -> Iterator[str]:
    if fault.api is not None:
        yield f"exists in   {fault.api} only"
    if fault.needs:
        yield f"needs       {', '.join(fault.needs)}"
    for told in promised(fault):
        yield f"promises    {told}"
    for name, parameter in fault.parameters.items():
        yield f"parameter   {name}={parameter.default}: {parameter.about}"
    yield f"write it    {_written(fault)}"


def _written(fault: Fault) -> str:
    given = next((f":{name}={parameter.default}" for name, parameter in fault.parameters.items()), "")
    return f"--fault {fault.name}{given} · x-mock-fault: {fault.name} · fault: {fault.name} · llm.fault({fault.name!r})"


def _folded(text: str) -> str:
    return fill(text, _WIDTH + 10)
