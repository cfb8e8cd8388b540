"""The models over HTTP: the list, one of them, and AI/ML API's filters and entity tags."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from aiohttp import web

from mockserver.chat import ApiError
from mockserver.server.json_answers import JsonAnswers
from mockserver.server.routing import Operation
from mockserver.wire.codec import encode
from mockserver.wire.gemini import models as gemini_models
from mockserver.wire.messages import models as messages_models
from mockserver.wire.models import catalogue, describe, entries, model_list
from mockserver.wire.refusal import Refused

ANTHROPIC = "anthropic-version"
"""The header by which clients of Anthropic's API are known."""
GOOGLE = "x-goog-api-key"
"""The header by which clients of Gemini are known: the newest SDK asks under `/v1`."""
_MESSAGES, _GEMINI = "messages", "gemini"
_MODALITIES = {"input": ["text"], "output": ["text"]}
_PRICING = {
    "kind": "fixed",
    "units": [
        {"unit": "input_token", "price": 2.5, "per": 1_000_000},
        {"unit": "output_token", "price": 10, "per": 1_000_000},
    ],
}
_SECTIONS = {"pricing": _PRICING, "modalities": _MODALITIES}
_FILTERS = ("id", "type", "tags", "capabilities", "modalities", "input_modalities", "output_modalities")


class Models:
    """The routes of the models."""

    def __init__(self, answers: JsonAnswers, *, known_only: bool = False) -> None:
        self._answers = answers
        self._known_only = known_only

    def operations(self) -> tuple[Operation, ...]:
        """Every route, without its prefix."""
        query = (*_FILTERS, "include", "details")
        one, path = "One model.", "/models/{id:path}"
        return (
            Operation("GET", "/models", self.every, "The models.", "ModelList", query=query, keyed=True),
            Operation("GET", path, self.one, one, "Model", errors=(404,), keyed=True),
        )

    async def every(self, request: web.BaseRequest) -> web.StreamResponse:
        """`GET /v1/models`, filtered, and with more sections, as AI/ML API does, or in Anthropic's shape."""
        if ANTHROPIC in request.headers:
            try:
                return await self._answers.say(messages_models.page(request.rel_url.query), request, api=_MESSAGES)
            except ValueError as error:
                raise Refused(ApiError(400, str(error))) from None
        if GOOGLE in request.headers:
            return await self._answers.say(gemini_models.page(request.rel_url.query), request, api=_GEMINI)
        asked = _asked(request)
        shown = [entry for entry in entries() if all(_fits(entry, name, asked.get(name)) for name in _FILTERS)]
        sections = asked.get("include", set())
        if "all" in sections or "true" in asked.get("details", set()):
            sections = {*_SECTIONS}
        more = {name: section for name, section in _SECTIONS.items() if name in sections}
        body = model_list({**entry, **more} for entry in shown)
        tag = f'W/"{blake2b(encode(body), digest_size=12).hexdigest()}"'
        if tag in request.headers.get("if-none-match", ""):
            return await self._answers.say(None, request, {"etag": tag}, 304)
        return await self._answers.say(body, request, {"etag": tag})

    async def one(self, request: web.BaseRequest, id: str) -> web.StreamResponse:
        """`GET /v1/models/{id}`; an id may hold slashes, plain or percent-encoded."""
        if ANTHROPIC in request.headers:
            if self._known_only and id not in (*messages_models.MODELS, *catalogue()):
                raise Refused(ApiError(404, f"model: {id}"))
            return await self._answers.say(messages_models.describe(id), request, api=_MESSAGES)
        if GOOGLE in request.headers:
            described = gemini_models.known(id, known_only=self._known_only)
            return await self._answers.say(described, request, api=_GEMINI)
        return await self._answers.say(_described(id), request)

    async def wrapped(self, request: web.BaseRequest, id: str) -> web.StreamResponse:
        """`GET /model/{id}`: AI/ML API's own way to ask for one."""
        return await self._answers.say({"object": "model", "data": _described(id)}, request)


def _described(id: str) -> dict[str, Any]:
    if id not in catalogue():
        raise Refused(ApiError(404, f"The model '{id}' does not exist", param="model", code="model_not_found"))
    return describe(id)


def _asked(request: web.BaseRequest) -> dict[str, set[str]]:
    """What the query asks for: several values, by commas or repeated, in any case of letters."""
    asked: dict[str, set[str]] = {}
    for name, text in request.rel_url.query.items():
        asked.setdefault(name, set()).update(word.strip().casefold() for word in text.split(",") if word.strip())
    return asked


def _fits(entry: Mapping[str, Any], name: str, wanted: set[str] | None) -> bool:
    """Whether a model has one of the wanted values; a filter that is not asked for lets every model through."""
    if not wanted:
        return True
    if name == "id":
        return not wanted.isdisjoint({entry["id"].casefold(), *(alias.casefold() for alias in entry["aliases"])})
    if name.endswith("modalities"):
        side = name.removesuffix("modalities").rstrip("_")
        return not wanted.isdisjoint(_MODALITIES[side] if side else _MODALITIES["input"] + _MODALITIES["output"])
    values = entry[name] if isinstance(entry[name], list) else [entry[name]]
    return not wanted.isdisjoint(value.casefold() for value in values)
