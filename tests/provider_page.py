"""docs/providers.md, written from the registry of providers: `python -m tests.provider_page`."""

import json
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from mockserver.chat import ApiError
from mockserver.steps import Send, Step
from mockserver.wire.chat_completions.dialect import CHAT_COMPLETIONS
from mockserver.wire.chat_completions.manner import adopt
from mockserver.wire.chat_completions.providers import AUTO, BY_MODEL, PROVIDERS, Manner, Occasion, Provider
from mockserver.wire.provider import Alteration
from mockserver.wire.response import render_altered, render_altered_error
from mockserver.wire.streaming import events
from tests.faulty import IDENTITY, SINGLE, asked
from tests.replies import heard

PAGE = Path(__file__).parents[1] / "docs" / "providers.md"
_COLUMNS = {
    "ids": "call ids",
    "index": "index",
    "arguments": "arguments",
    "content": "content beside calls",
    "stream": "streaming",
    "finish": "finish reason",
    "extras": "additional keys",
    "thinking": "thinking",
    "errors": "errors",
    "requests": "accepted requests",
}
_INTRODUCTION = """# Providers

Services with an OpenAI-compatible chat completions API differ in details of the wire format: ids, finish reasons,
content beside calls, streams, error bodies. The mock server can write the format of each of these providers. Scenarios,
the simulated model, faults and profiles work with every provider.

| where | how |
|---|---|
| command line | `mockserver serve --provider mistral` |
| Python | `MockLLM(provider="mistral")` |
| scenario file | `provider: mistral` |
| one request | the header `x-mock-provider: mistral` |

A provider also decides which requests are refused, which additional parameters are accepted, and which ids a history
may have. With `--checks lenient`, requests that only the provider would refuse are accepted.

Only `openai` and `azure` send `openai-…` headers. The mock's own errors, such as `unscripted_request`, have the same
shape with every provider. Azure's paths are served too: `POST /openai/deployments/NAME/chat/completions` uses Azure's
format, with the API key in the header `api-key`.

This page is generated from the registry (`mockserver/wire/chat_completions/providers`) and checked in the test suite.
Anything that is not listed for a provider is as with `openai`. "Known from experience" means that no report was read.

## Automatic choice: `--provider auto`

`--provider auto` chooses by the model's name: the first row with a word that the name contains. Any other model gets
OpenAI's format. Providers that inject faults of their own are never chosen automatically.
"""


def page() -> str:
    """The whole page."""
    models = "\n".join(f"| {', '.join(words)} | `{name}` |" for words, name in BY_MODEL)
    sections = "\n".join(_section(provider) for provider in PROVIDERS.values() if provider is not AUTO)
    table = f"| model name contains | provider |\n|---|---|\n{models}"
    return f"{_INTRODUCTION}\n{table}\n\n## Providers in detail\n\n{sections}"


def _section(provider: Provider) -> str:
    told = [
        f"* {_COLUMNS[field.name]}: {text}"
        for field in fields(Manner)
        if (text := getattr(provider.manner, field.name))
    ]
    faults = [f"* injects at a rate: `{fault}`" for fault in provider.faults]
    seen = [f"* source: {provider.source}"] if provider.source else []
    example = f"```text\n{_call(provider)}\n```\n\n```text\n{_error(provider)}\n```\n"
    lines = "\n".join([*told, *faults, *seen])
    return f"### {provider.name}\n\n{provider.about[0].upper()}{provider.about[1:]}.\n\n{lines}\n\n{example}"


def _occasion() -> Occasion:
    return Occasion("/v1/chat/completions", {}, IDENTITY, asked(earlier=False))


def _call(provider: Provider) -> str:
    """The message of a plain answer, and the first chunks of a call in a stream."""
    told = []
    for stream in (False, True):
        occasion = _occasion()._replace(request=asked(stream=stream, earlier=False))
        said = adopt([SINGLE], provider, occasion)
        assert not isinstance(said, ApiError)
        asking = heard(asked(stream=stream, earlier=False))
        steps = render_altered(CHAT_COMPLETIONS, said, asking, IDENTITY, {}, Alteration(provider, occasion)).steps
        told.append(_deltas(steps) if stream else _message(steps))
    return "\n".join([*told[0], *told[1]])


def _message(steps: list[Step]) -> list[str]:
    body = json.loads(_sent(steps))
    return [json.dumps(body["choices"][0]["message"], ensure_ascii=False)]


def _deltas(steps: list[Step]) -> list[str]:
    chunks: list[Any] = [json.loads(event) for event in events(_sent(steps)) if event != "[DONE]"]
    calling = [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"] and "delta" in chunk["choices"][0]]
    return [json.dumps(delta, ensure_ascii=False) for delta in calling if delta.get("tool_calls")][:2]


def _error(provider: Provider) -> str:
    error = ApiError(400, "The message.", param="messages", code="invalid_value")
    steps = render_altered_error(CHAT_COMPLETIONS, error, {}, Alteration(provider, _occasion())).steps
    return _sent(steps).decode()


def _sent(steps: list[Step]) -> bytes:
    return b"".join(step.data for step in steps if isinstance(step, Send))


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
