"""The survival table as a file: JSON for machines, a page of its own for people."""

import html
import json
from typing import Any

Row = dict[str, Any]

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1c2430; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding: .5rem 0; color: #566; }
th, td { text-align: left; padding: .35rem .75rem; border-bottom: 1px solid #d9dee5; vertical-align: top; }
thead th { position: sticky; top: 0; background: #fff; }
tbody th { font-weight: normal; font-family: ui-monospace, monospace; }
.passed { color: #1b6b3a; } .failed { color: #a11a1a; font-weight: 600; } .skipped { color: #778; }
@media (prefers-color-scheme: dark) {
  body, thead th { background: #14181e; color: #e4e8ee; } th, td { border-color: #333b46; }
  .passed { color: #6cc28e; } .failed { color: #ff8f8f; }
}
"""


def written(rows: list[Row], suffix: str) -> str:
    """The text of the file."""
    ordered = sorted(rows, key=lambda row: (row["category"], row["fault"], row["test"]))
    return _page(ordered) if suffix == ".html" else _json(ordered)


def _json(rows: list[Row]) -> str:
    return json.dumps({"summary": summary(rows), "faults": rows}, ensure_ascii=False, indent=2) + "\n"


def summary(rows: list[Row]) -> dict[str, int]:
    """How many runs ended in which way."""
    outcomes = [row["outcome"] for row in rows]
    counted = {outcome: outcomes.count(outcome) for outcome in ("passed", "failed")}
    return {**counted, "not_applicable": outcomes.count("skipped")}


def _page(rows: list[Row]) -> str:
    counted = summary(rows)
    caption = f"{counted['passed']} survived, {counted['failed']} did not, {counted['not_applicable']} do not apply"
    lines = "\n".join(_line(row) for row in rows)
    heads = "".join(
        f'<th scope="col">{head}</th>' for head in ("Fault", "Category", "What the application did", "Test")
    )
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Faults: what the application did</title><style>{_STYLE}</style></head>
<body>
<h1>Faults: what the application did</h1>
<table>
<caption>{caption}</caption>
<thead><tr>{heads}</tr></thead>
<tbody>
{lines}
</tbody>
</table>
</body>
</html>
"""


def _line(row: Row) -> str:
    said = "does not apply" if row["outcome"] == "skipped" else f"{row['said']}: {row['evidence']}"
    outcome = "not applicable" if row["outcome"] == "skipped" else row["outcome"]
    test = f'<span class="{row["outcome"]}">{outcome}</span> {html.escape(row["test"])}'
    cells = [html.escape(row["category"]), html.escape(said), test]
    head = f'<th scope="row">{html.escape(row["fault"])}</th>'
    return f"<tr>{head}{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
