"""Faults of arguments that break the schema: what is named, typed, counted or written in another way than asked."""

from collections.abc import Iterator

from mockserver.faults import robust
from mockserver.faults.arguments import Arguments, Values, breaking, either
from mockserver.faults.fault import Promises
from mockserver.faults.register import Register

BROKEN = Promises(validates="broken")

entry = Register(
    "args_schema",
    "reply",
    needs=("call", "schema"),
    promises=BROKEN,
    robust=robust.VALIDATE,
    adapt=breaking("place"),
)

INVENTED = {
    "include_humidity": True,
    "language": "en",
    "verbose": True,
    "max_results": 10,
    "timeout": 30,
    "country_code": "US",
    "confidence": 0.9,
    "output_format": "json",
    "include_metadata": False,
}
"""Parameters that models like to add."""


@entry(
    "unknown_param",
    "A parameter is added that the schema does not have.",
    source="ToolScan (arXiv 2411.13547), BFCL's checker, CriticTool",
    promises=Promises(validates="open"),
    adapt=either("room for another parameter"),
)
def unknown_param(arguments: Arguments) -> Iterator[Values]:
    """At the top level, whether the schema is closed or not."""
    for name, value in arguments.context.chance.sample(list(INVENTED.items()), len(INVENTED)):
        if name not in arguments.values and name not in arguments.schema.get("properties", {}):
            yield {**arguments.values, name: value}
