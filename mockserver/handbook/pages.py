"""Pages of the catalogue: the table, a page for each fault, and `docs/faults.md`."""

from collections.abc import Iterator
from itertools import groupby
from textwrap import fill, indent

from mockserver.faults import CATALOGUE, PROFILES, WHEN, Fault, Parameter
from mockserver.faults.catalogue import apis, apis_of
from mockserver.faults.profiles import Situation
from mockserver.handbook.examples import Shown, show
from mockserver.handbook.fault_diff import example

_WIDTH = 100

CATEGORIES = {
    "args_schema": "Arguments that break the schema",
    "args_semantic": "Arguments that fit and are wrong",
    "name": "The function's name and the choice of function",
    "callset": "Which calls, how many, in what order",
    "args_text": "Arguments that are not a JSON object",
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


def table(api: str | None = None) -> str:
    """All faults, or those of one API, one a line, by category."""
    width = max(map(len, CATALOGUE))
    lines = []
    for category, every in by_category():
        faults = [fault for fault in every if api is None or api in apis_of(fault)]
        lines += ["", f"{CATEGORIES[category]} ({category})"] if faults else []
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
    broken_or_open = [f"no longer true: {'; '.join(broken)}"] if broken else []
    broken_or_open += [f"perhaps no longer true: {'; '.join(open_)}"] if open_ else []
    return broken_or_open or ["everything that a validator checks stays true"]


def _facts(fault: Fault) -> Iterator[str]:
    yield f"exists in   {', '.join(apis_of(fault))}"
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


_INTRODUCTION = """\
# Faults

Fault injection: every known way in which function calling goes wrong, by name. A fault is derived from the tools of the
request, drawn from the seed, and labelled: in the response by the header `x-mock-fault`, in the journal by `faults`. It
breaks what it names and nothing else. A property test in the suite verifies that for every fault; to run it with more
seeds: `python -m tests.fault_law --runs 1000 [NAME …]`.

This page is generated: `mockserver faults --markdown`. `mockserver faults` prints the table, `mockserver faults NAME`
one fault in full, with an example plain and on the wire.

## How to request a fault

| where | how |
|---|---|
| a scenario | `fault: enum_violation` on a turn, a rule, a call, or the whole file; `faults: [a, b]` for several |
| Python | `llm.fault("stall", seconds=2)`, `Reply(…, fault="no_done")`, `call(…, fault="unknown_param")` |
| the command line | `--fault NAME[:key=value,…]`, repeatable |
| one request | the header `x-mock-fault: NAME[:key=value,…][; NAME …]` |
| a running server | `PUT /_mock/faults` with the same text or JSON, and `DELETE`; `GET` shows the catalogue |

The same keys say everywhere when a fault happens and what it changes:

| key | meaning |
|---|---|
"""

_RULES = """
At most one fault per stage applies to a call. The stages are: the set of calls, values of arguments, names, the text
of arguments, and so on through the layers. When several sources have a fault for a stage, the most specific one wins:
request, call, turn, file, server.

A fault of a request, a call or a turn that finds nothing to break is an error (422, `fault_not_applicable`). A fault of
the server or a file is skipped until a reply can show it (it has a call, a result, an earlier turn); if the called
tool's schema has no suitable parameter, the request fails with 422. A fault with a rate is skipped where it does not
apply. An unknown name is an error that lists the nearest names (`unknown_fault`). Apart from its fault, a reply is
unchanged.

`fault: as_written` marks a call of a scenario as invalid on purpose: nothing is injected, and the label says so. In
Python, `Reply(calls=[…], fault="as_written")` marks every call of the reply.
"""

_PROFILES_TEXT = """
## Profiles

`--profile NAME`, `profile: NAME` in a scenario, or `MockLLM(profile=NAME)` goes wrong as often as was published for a
kind of model. Published are the shares of wrong outcomes, by the number of tools offered and of calls wanted (BFCL's
file of 2026-04-12; of late 2024 for GPT-4o and GPT-3.5). How an outcome splits into faults follows the scores of
ToolScan (arXiv 2411.13547): that step, and the faults that stand for each kind of error, are **our own derivation**.
Benchmarks differ in prompts and in what counts as an error; none of this is a rate in the field. For tools that are
`strict`, wrong types, wrong parameters and broken JSON are not drawn. Faults over several turns are not drawn: no rate
per turn is published.

The columns: one tool and one call, several tools and one call, one tool and several calls, several of both, and a call
though no tool fits.

| profile | model | 1, 1 | n, 1 | 1, n | n, n | unfit | split by the scores of |
|---|---|---|---|---|---|---|---|
"""


def document() -> str:
    """The whole catalogue as Markdown."""
    parts = [_INTRODUCTION + "\n".join(_key(name, key) for name, key in WHEN.items()), _RULES.rstrip(), _profiles()]
    for category, faults in by_category():
        parts.append(f"## {CATEGORIES[category]}")
        parts += map(_section, faults)
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _key(name: str, key: Parameter) -> str:
    return f"| `{name}` | {key.about} |"


def _profiles() -> str:
    rows = []
    for one in PROFILES.values():
        percents = (one.simple, one.multiple, one.parallel, one.both, one.irrelevant)
        told = " | ".join(f"{value:.1%}" for value in percents)
        rows.append(f"| `{one.name}` | {one.model} | {told} | {one.split} |")
    rates = PROFILES["small_8b_2024"].rates(Situation(several_tools=False, calls=1, strict=False))
    shown = ", ".join(f"`{name}` {rate:.2%}" for name, rate in rates.items())
    return (
        _PROFILES_TEXT
        + "\n".join(rows)
        + "\n\n"
        + _filled(f"For example, `small_8b_2024` with one tool and one call: {shown}.")
    )


def _section(fault: Fault) -> str:
    shown = show(fault, stream=False) or show(fault, stream=True)
    facts = [f"Acts on the {fault.layer}"]
    if apis_of(fault) != apis():
        facts.append(f"exists in {', '.join(apis_of(fault))} only")
    if fault.needs:
        facts.append(f"needs {', '.join(fault.needs)}")
    lines = [
        f"### {fault.name}",
        "",
        fault.definition,
        "",
        _filled(". ".join([", ".join(facts), *_promised(fault)]) + "."),
    ]
    for name, parameter in fault.parameters.items():
        lines += ["", f"`{name}` ({parameter.default}): {parameter.about}."]
    if fault.impossible is not None:
        lines += ["", f"It can't be produced: {fault.impossible}"]
    if shown is not None:
        lines += ["", "```diff", *_brief(fault, shown), "```"]
    return "\n".join(
        [*lines, "", _filled(f"Seen: {fault.source}."), "", _filled(f"A robust application: {fault.robust}")]
    )


def _promised(fault: Fault) -> list[str]:
    return [told[:1].upper() + told[1:] for told in promised(fault)]


def _filled(text: str) -> str:
    return fill(text, 120, break_long_words=False, break_on_hyphens=False)


def _brief(fault: Fault, shown: Shown) -> list[str]:
    found = example(fault, shown)
    return found[: found.index("on the wire:")] if "on the wire:" in found else found
