"""Ollama's lists and details of models, and the answers that load one into memory or out of it."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from mockserver.wire.identity import Identity
from mockserver.wire.ollama.answer import moment

JsonObject = dict[str, Any]

VERSION = "0.21.0"
USUAL = ("mock:latest",)
"""What is listed where no scenario names a model."""
_FAMILY, _CONTEXT, _WIDTH, _SIZE = "mock", 131_072, 4096, 4_920_753_328
_CAPABILITIES = ["completion", "tools", "insert", "vision", "thinking", "embedding"]
_WHEN = "2026-01-01T00:00:00Z"
_TEMPLATE = "{{ if .System }}{{ .System }}\n{{ end }}{{ .Prompt }}{{ if .Suffix }}{{ .Suffix }}{{ end }}"


def tagged(name: str) -> str:
    """A model's name with its tag."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def tags(names: Iterable[str]) -> JsonObject:
    """`GET /api/tags`: the models that are there."""
    return {"models": [{**_entry(name), "modified_at": _WHEN} for name in names]}


def running(names: Iterable[str]) -> JsonObject:
    """`GET /api/ps`: the models that are in memory; here all of them are, for ever."""
    expires = "2318-01-01T00:00:00Z"
    more = {"expires_at": expires, "size_vram": _SIZE, "context_length": _CONTEXT}
    return {"models": [{**_entry(name), **more} for name in names]}


def details(name: str, *, verbose: bool = False) -> JsonObject:
    """`POST /api/show`: what is known of a model."""
    info = {
        "general.architecture": _FAMILY,
        "general.basename": name.partition(":")[0],
        "general.parameter_count": 8_030_261_312,
        f"{_FAMILY}.context_length": _CONTEXT,
        f"{_FAMILY}.embedding_length": _WIDTH,
    }
    found = {
        "license": "A mock has none.",
        "modelfile": f"FROM {name}\n",
        "parameters": f"{'num_ctx':<30} {_CONTEXT}",
        "template": _TEMPLATE,
        "details": _details(),
        "model_info": info,
        "capabilities": _CAPABILITIES,
        "modified_at": _WHEN,
    }
    return {**found, "tensors": []} if verbose else found


def loaded(data: Mapping[str, Any], identity: Identity, *, generates: bool) -> JsonObject:
    """The answer to a request that asks nothing: the model is loaded, or with `keep_alive: 0` unloaded."""
    said: JsonObject = {"response": ""} if generates else {"message": {"role": "assistant", "content": ""}}
    keep_alive = data.get("keep_alive")
    unloads = keep_alive in (0, "0", "0s") and not isinstance(keep_alive, bool)
    start = {"model": data["model"], "created_at": moment(identity)}
    return {**start, **said, "done": True, "done_reason": "unload" if unloads else "load"}


def _entry(name: str) -> JsonObject:
    full = tagged(name)
    digest = sha256(full.encode("utf-8", "surrogatepass")).hexdigest()
    return {"name": full, "model": full, "size": _SIZE, "digest": digest, "details": _details()}


def _details() -> JsonObject:
    return {
        "parent_model": "",
        "format": "gguf",
        "family": _FAMILY,
        "families": [_FAMILY],
        "parameter_size": "8.0B",
        "quantization_level": "Q4_K_M",
    }
