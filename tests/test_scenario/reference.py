"""`python -m tests.test_scenario.reference`: write the tables of docs/scenario-file.md, from keys.txt."""

import re
from pathlib import Path

from mockserver.scenario.file.file_schema import keys

PAGE = Path(__file__).parents[2] / "docs" / "scenario-file.md"
TABLE = re.compile(r"<!-- keys of (\w+) -->\n.*?\n\n", re.DOTALL)


def table(holder: str) -> str:
    rows = [f"| `{key.name}` | {key.type} | {key.default} | {key.description} |" for key in keys()[holder].values()]
    return "\n".join(
        [f"<!-- keys of {holder} -->", "| key | type | default | description |", "|---|---|---|---|", *rows, "", ""]
    )


def page() -> str:
    """The page with its tables as they should be."""
    return TABLE.sub(lambda found: table(found[1]), PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
