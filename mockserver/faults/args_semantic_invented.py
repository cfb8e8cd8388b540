"""Argument faults that fit the schema: invented, copied or placeholder values."""

import re
from collections.abc import Iterator
from typing import Any

from mockserver.faults import advice
from mockserver.faults.argument_values import Arguments, Values, fitting
from mockserver.faults.call_history import holds
from mockserver.faults.locations import ABSENT, free_texts, is_of
from mockserver.faults.register import Register

_DRAWS = 12
_EXAMPLE = re.compile(r"(?:e\.g\.|for example|such as|example:|like)\s*,?:?\s*['\"“]?([^'\"”\n;()]+)", re.IGNORECASE)
_ID = re.compile(r"(^|_)(id|ids|uuid|guid|key|code|number|no|ref|reference|token|sku)$|[a-z](Id|ID|Key|Number)$")

entry = Register("args_semantic", "reply", needs=("call", "schema"), robust=advice.ASK)


@entry(
    "ungrounded_value",
    "A plausible value is given that does not occur in the conversation.",
    source=(
        "Relign's tool usage hallucination; When2Call; 13,470 trials over six models: right use of tools falls from "
        "78.1 % to 5.0 % when the entity can't be grounded"
    ),
    robust=f"{advice.ASK} Look every required value up in the conversation before it is used.",
    adapt=fitting("value that could be made up"),
)
def ungrounded_value(arguments: Arguments) -> Iterator[Values]:
    """Required values first: they are what the model should have asked for."""
    for site in sorted(arguments.sites(), key=lambda site: (site.value is ABSENT, not site.required)):
        if isinstance(site.value, dict | list):
            continue
        for _ in range(_DRAWS):
            value = arguments.another(site)
            if value not in (None, "", True, False) and not holds(arguments.context.request, value):
                yield site.put(value)


@entry(
    "placeholder_value",
    'The text of a template is given as a value: `"<city>"`, `"YOUR_API_KEY"`, `"example@example.com"`, `"12345"`.',
    source="API-Bank's unreplaced placeholders (second-hand)",
    robust=f"{advice.VALIDATE} Keep a list of values that are never meant.",
    adapt=fitting("value that a placeholder fits"),
)
def placeholder_value(arguments: Arguments) -> Iterator[Values]:
    """Whichever of the usual ones fits the schema."""
    for site in arguments.sites():
        name = site.name or "value"
        texts = [f"<{name}>", f"YOUR_{name.upper()}", f"{{{name}}}", "string", "example@example.com", "12345"]
        arguments.context.chance.shuffle(texts)
        more: list[Any] = ["https://example.com", "2000-01-01", "00000000-0000-0000-0000-000000000000", 12345, 123, 0]
        yield from (site.put(value) for value in (*texts, *more) if not isinstance(value, str) or site.allows("string"))


@entry(
    "copied_example",
    "The example of the description or of the schema is given as the value.",
    source="known from experience; the weather tool of many tutorials has such an example",
    adapt=fitting("example in a description"),
)
def copied_example(arguments: Arguments) -> Iterator[Values]:
    """`San Francisco, CA`, because the description says "e.g. San Francisco, CA"."""
    for site in arguments.sites():
        found = _EXAMPLE.search(str(site.schema.get("description", "")))
        written_there = [found[1].strip(" .'\"")] if found else []
        listed = site.schema.get("examples")
        examples = [*written_there, *(listed if isinstance(listed, list) else []), site.schema.get("example")]
        yield from (site.put(example) for example in examples if example not in (None, "", site.value))


@entry(
    "unresolved_reference",
    "An expression stands where a value belongs that is not known yet.",
    source="typical of dependent calls made in parallel, known from experience",
    robust=advice.VALIDATE,
    adapt=fitting("free text"),
)
def unresolved_reference(arguments: Arguments) -> Iterator[Values]:
    """As a template, or in words."""
    for site in free_texts(arguments.sites()):
        others = [tool.name for tool in arguments.context.request.tools if tool != arguments.tool]
        source = arguments.context.chance.choice(others or ["search"])
        texts = [f"{{{{{source}.result[0].{site.name or 'id'}}}}}", f"<result of {source}>", f"${{{source}.id}}"]
        arguments.context.chance.shuffle(texts)
        yield from (site.put(text) for text in texts)


@entry(
    "invented_id",
    "An id is given that no tool result ever returned.",
    source="tau-bench's wrong arguments",
    robust=f"{advice.VALIDATE} Look the id up before it is used.",
    adapt=fitting("id"),
)
def invented_id(arguments: Arguments) -> Iterator[Values]:
    """In the shape of the id that was given."""
    chance = arguments.context.chance
    for site in sorted(arguments.sites(), key=lambda site: (site.value is ABSENT, "id" not in site.name.casefold())):
        if not (_ID.search(site.name) or site.schema.get("format") == "uuid"):
            continue
        for _ in range(_DRAWS):
            if isinstance(site.value, str) and any(mark.isdecimal() for mark in site.value):
                shaped: Any = re.sub(r"\d", lambda _: str(chance.randint(0, 9)), site.value)
            elif is_of(site.value, "integer") and site.value is not ABSENT:
                shaped = chance.randint(1, max(10 * abs(int(site.value)), 9_999))
            else:
                shaped = f"{(site.name or 'id')[:4].rstrip('_')}_{chance.randint(1, 9_999):04d}"
            for value in (shaped, arguments.another(site)):
                if not holds(arguments.context.request, value):
                    yield site.put(value)
