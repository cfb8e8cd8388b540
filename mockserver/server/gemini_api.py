"""What Gemini serves beside content: the count of a request's tokens, and its models."""

from aiohttp import web

from mockserver.server.access import check_model
from mockserver.server.apis import GEMINI_MODELS, dialect
from mockserver.server.json_answers import JsonAnswers
from mockserver.server.pipeline import Pipeline
from mockserver.server.request_context import read_body, settings_for
from mockserver.server.routing import Operation
from mockserver.wire.gemini.models import known, page
from mockserver.wire.gemini.parse import parse_counted

API = "gemini"
_VERSIONS = ("/v1beta", "/v1beta1", "/v1alpha")


class GeminiApi:
    """The operations of Gemini beside its conversations."""

    def __init__(self, pipeline: Pipeline, answers: JsonAnswers) -> None:
        self._pipeline = pipeline
        self._answers = answers

    def operations(self) -> tuple[Operation, ...]:
        """Every route; those under `/v1` are told apart from OpenAI's by the client's key."""
        counted = "The tokens of a request, in Gemini's API."
        one, every = "One of Gemini's models.", "Gemini's models."
        return (
            *[
                Operation("POST", f"{path}:countTokens", self.count_tokens, counted, "GeminiTokens", "GeminiCount",
                          keyed=True, api=API, rooted=True)
                for path in GEMINI_MODELS
            ],
            *[
                operation
                for version in _VERSIONS
                for operation in (
                    Operation("GET", f"{version}/models", self.every, every, "GeminiModelList",
                              query=("pageSize", "pageToken"), keyed=True, api=API, rooted=True),
                    Operation("GET", f"{version}/models/{{id:path}}", self.one, one, "GeminiModel", errors=(404,),
                              keyed=True, api=API, rooted=True),
                )
            ],
        )  # fmt: skip

    async def count_tokens(self, request: web.BaseRequest, **_: str) -> web.StreamResponse:
        """`POST /v1beta/models/NAME:countTokens`."""
        strict = settings_for(self._pipeline.engine.settings, request.headers).checks == "strict"
        parsed = parse_counted(await read_body(request), request.rel_url.raw_path, strict=strict)
        check_model(self._pipeline.access, parsed.request.model, dialect(API))
        tokens = parsed.prompt_tokens
        details = [{"modality": "TEXT", "tokenCount": tokens}]
        return await self._answers.say({"totalTokens": tokens, "promptTokensDetails": details}, request, api=API)

    async def every(self, request: web.BaseRequest) -> web.StreamResponse:
        """`GET /v1beta/models`."""
        return await self._answers.say(page(request.rel_url.query), request, api=API)

    async def one(self, request: web.BaseRequest, id: str) -> web.StreamResponse:
        """`GET /v1beta/models/NAME`."""
        described = known(id, known_only=self._pipeline.access.known_models_only)
        return await self._answers.say(described, request, api=API)
