"""What Anthropic's API serves beside messages: the count of a request's tokens."""

from aiohttp import web

from mockserver.server.access import check_model
from mockserver.server.apis import dialect
from mockserver.server.json_answers import JsonAnswers
from mockserver.server.pipeline import Pipeline
from mockserver.server.request_context import read_body, settings_for
from mockserver.server.routing import Operation
from mockserver.wire.messages.parse import parse_counted
from mockserver.wire.messages.versions import version_of

API = "messages"


class MessagesApi:
    """The operations of Anthropic's API beside its conversations."""

    def __init__(self, pipeline: Pipeline, answers: JsonAnswers) -> None:
        self._pipeline = pipeline
        self._answers = answers

    def operations(self) -> tuple[Operation, ...]:
        """Every route, without its prefix."""
        about, path = "The tokens of a request in Anthropic's API.", "/messages/count_tokens"
        return (
            Operation("POST", path, self.count_tokens, about, "TokenCount", "MessagesRequest", keyed=True, api=API),
        )

    async def count_tokens(self, request: web.BaseRequest) -> web.StreamResponse:
        """`POST /v1/messages/count_tokens`."""
        headers = request.headers
        strict = settings_for(self._pipeline.engine.settings, headers).checks == "strict"
        body = await read_body(request)
        version = version_of(headers.get("anthropic-version"), headers.get("anthropic-beta", ""), strict=strict)
        parsed = parse_counted(body, version, strict=strict)
        check_model(self._pipeline.access, parsed.request.model, dialect(API))
        return await self._answers.say({"input_tokens": parsed.prompt_tokens}, request, api=API)
