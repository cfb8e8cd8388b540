"""Ollama's own API over HTTP: conversations, and what stands beside them."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from aiohttp import web

from mockserver.server.apis import APIS
from mockserver.server.built_in import BuiltIn
from mockserver.server.json_answers import JsonAnswers
from mockserver.server.pipeline import Pipeline
from mockserver.server.routing import Operation
from mockserver.wire.codec import NotJson, decode
from mockserver.wire.identity import Identity
from mockserver.wire.ollama.embeddings import embed, embed_one
from mockserver.wire.ollama.models import USUAL, VERSION, details, loaded, running, tagged, tags
from mockserver.wire.ollama.parse import loads_only, object_of
from mockserver.wire.ollama.request_checks import refused

API = "ollama"
_LONGEST_LOAD = 1024


class OllamaApi:
    """Every operation of Ollama's API."""

    def __init__(self, pipeline: Pipeline, answers: JsonAnswers) -> None:
        self._pipeline = pipeline
        self._answers = answers
        self._built_in = BuiltIn(pipeline, answers)

    def operations(self) -> tuple[Operation, ...]:
        """Every route."""
        about, shown = APIS[API].about, "What is known of one of Ollama's models."
        table = (
            ("POST", "/api/chat", self.chat, about, "OllamaAnswer", "OllamaRequest"),
            ("POST", "/api/generate", self.generate, "Ollama's text for a prompt.", "OllamaAnswer", "OllamaPrompt"),
            ("POST", "/api/show", self.show, shown, "OllamaDetails", "OllamaModel"),
            ("POST", "/api/embed", self.embed, "Vectors of texts, in Ollama's API.", "OllamaVectors", "OllamaTexts"),
            ("POST", "/api/embeddings", self.embed_one, "The older form of it.", "OllamaVector", "OllamaPrompt"),
            ("GET", "/api/tags", self.tags, "Ollama's models.", "OllamaModelList", None),
            ("GET", "/api/ps", self.running, "Ollama's models in memory.", "OllamaModelList", None),
            ("GET", "/api/version", self.version, "The version of Ollama that is mocked.", "OllamaVersion", None),
        )
        return tuple(
            Operation(method, path, answer, said, gives, takes, keyed=True, api=API, rooted=True)
            for method, path, answer, said, gives, takes in table
        )

    async def chat(self, request: web.BaseRequest) -> web.StreamResponse:
        """`POST /api/chat`."""
        return await self._converse(request, generates=False)

    async def generate(self, request: web.BaseRequest) -> web.StreamResponse:
        """`POST /api/generate`."""
        return await self._converse(request, generates=True)

    async def _converse(self, request: web.BaseRequest, *, generates: bool) -> web.StreamResponse:
        """A conversation; a request that asks nothing only loads its model, and nothing that was scripted is spent."""
        if (request.content_length or 0) < _LONGEST_LOAD and self._pipeline.source is None:
            data = _object(await request.read())
            model = data.get("model") if data is not None else None
            if data is not None and isinstance(model, str) and model and loads_only(data, generates=generates):
                return await self._built_in.say(request, partial(_loaded, generates=generates), API)
        return await self._pipeline.respond(request, api=API)

    async def show(self, request: web.BaseRequest) -> web.StreamResponse:
        """`POST /api/show`."""
        data = object_of(await request.read(), "ShowRequest")
        model = data.get("model") or data.get("name")
        if not isinstance(model, str) or not model:
            raise refused("model is required")
        self._built_in.check_model(model, API)
        return await self._answers.say(details(model, verbose=data.get("verbose") is True), request, api=API)

    async def embed(self, request: web.BaseRequest) -> web.StreamResponse:
        """`POST /api/embed`."""
        return await self._built_in.say(request, self._with_model(embed), API)

    async def embed_one(self, request: web.BaseRequest) -> web.StreamResponse:
        """`POST /api/embeddings`."""
        return await self._built_in.say(request, self._with_model(embed_one), API)

    async def tags(self, request: web.BaseRequest) -> web.StreamResponse:
        """`GET /api/tags`."""
        return await self._answers.say(tags(self._names()), request, api=API)

    async def running(self, request: web.BaseRequest) -> web.StreamResponse:
        """`GET /api/ps`."""
        return await self._answers.say(running(self._names()), request, api=API)

    async def version(self, request: web.BaseRequest) -> web.StreamResponse:
        """`GET /api/version`."""
        return await self._answers.say({"version": VERSION}, request, api=API)

    def _names(self) -> list[str]:
        """The models that loaded scenarios name."""
        named = [play.scenario.model for play in self._pipeline.engine.plays]
        plain = [tagged(name) for name in named if name is not None and not set("*?[") & set(name)]
        return [*dict.fromkeys(plain)] or [*USUAL]

    def _with_model(self, answer: Any) -> Any:
        def answered(body: bytes, strict: bool) -> Any:
            data = object_of(body, "EmbedRequest")
            self._built_in.check_model(str(data.get("model") or ""), API)
            return answer(data, strict=strict)

        return answered


def _loaded(body: bytes, _: bool, *, generates: bool) -> Mapping[str, Any]:
    return loaded(object_of(body, "ChatRequest"), Identity("", body), generates=generates)


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        data = decode(body)
    except NotJson:
        return None
    return data if isinstance(data, dict) else None
