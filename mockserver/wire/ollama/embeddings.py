"""`POST /api/embed` and the older `/api/embeddings`: vectors of texts."""

from typing import Any

from mockserver.wire.embedding_vectors import vector
from mockserver.wire.identity import Identity, fingerprint
from mockserver.wire.ollama.request_checks import check_fields, refused
from mockserver.wire.tokens import counter

JsonObject = dict[str, Any]

SIZE = 768
_CONTEXT = 8192
_FIELDS = {"model": "string", "truncate": "bool", "dimensions": "int", "options": "map[string]interface {}"}
_LOAD, _PER_TOKEN = 14_000_000, 120_000


def embed(data: JsonObject, *, strict: bool) -> JsonObject:
    """One vector for each text, in order.

    Raises:
        Refused: with Ollama's status and text.
    """
    if strict:
        check_fields(data, "EmbedRequest", _FIELDS)
    model = _model(data)
    texts = _texts(data.get("input"))
    asked = data.get("dimensions")
    size = asked if isinstance(asked, int) and not isinstance(asked, bool) and 0 < asked < SIZE else SIZE
    counts = [counter(model).count(text) for text in texts]
    if data.get("truncate") is False and any(count > _CONTEXT for count in counts):
        raise refused("the input length exceeds the context length")
    jitter = Identity("", fingerprint(data)).processing_milliseconds * 10_007
    total = sum(counts)
    found = {
        "model": model,
        "embeddings": [vector(text, model, size) for text in texts],
        "total_duration": _LOAD + jitter + total * _PER_TOKEN,
        "load_duration": _LOAD,
    }
    return {**found, "prompt_eval_count": total} if total else found


def embed_one(data: JsonObject, *, strict: bool) -> JsonObject:
    """The vector of one text; nothing for no text.

    Raises:
        Refused: with Ollama's status and text.
    """
    if strict:
        check_fields(data, "EmbeddingRequest", {"model": "string", "prompt": "string"})
    model, prompt = _model(data), data.get("prompt")
    return {"embedding": vector(prompt, model, SIZE) if isinstance(prompt, str) and prompt else []}


def _model(data: JsonObject) -> str:
    model = data.get("model")
    if not isinstance(model, str) or not model:
        raise refused("model '' not found", 404)
    return model


def _texts(given: Any) -> list[str]:
    """The texts; an empty one alone is none.

    Raises:
        Refused: they are something else.
    """
    if given in (None, ""):
        return []
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise refused("invalid input type")
    return texts
