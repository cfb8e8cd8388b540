"""The table of APIs: the paths of each one's conversations, and the dialect that reads and writes them.

A dialect is the folder `mockserver/wire/NAME` with a module `dialect` that has a value `DIALECT`. It is imported when
the first request for it comes, so an API that a run does not use costs it nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from mockserver.wire.dialect import Dialect

CHAT_COMPLETIONS = "chat_completions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """One API that is served.

    `name` is that of the folder in `mockserver/wire`, of the journal, and of `api` in scenarios. `paths` are those of
    its conversations, without a prefix, as an `Operation` has them; all are asked with POST. `about`, `takes` and
    `gives` are what the OpenAPI document says of them. `rooms` are classes ("module:Class") with the operations beside
    the conversations: each is made with the pipeline and the JSON answers, and has a method `operations`. `rooted`: the
    paths stand as they are, and no prefix leads to them.
    """

    name: str
    paths: tuple[str, ...]
    about: str
    takes: str
    gives: str
    rooms: tuple[str, ...] = ()
    rooted: bool = False

    @property
    def dialect(self) -> Dialect:
        """How this API writes requests and answers."""
        return dialect(self.name)

    def make_rooms(self, pipeline: Any, answers: Any) -> list[Any]:
        """The rooms, each made with the pipeline and the JSON answers."""
        rooms = [room.partition(":") for room in self.rooms]
        return [getattr(import_module(module), name)(pipeline, answers) for module, _, name in rooms]


_CHAT = Api(
    name=CHAT_COMPLETIONS,
    paths=("/chat/completions",),
    about="The model's next message, whole or as server-sent events.",
    takes="ChatRequest",
    gives="ChatCompletion",
)

_RESPONSES = Api(
    name="responses",
    paths=("/responses",),
    about="A response of the model: items out for items in, whole or as server-sent events.",
    takes="ResponseRequest",
    gives="Response",
    rooms=("mockserver.server.stored_responses:Responses",),
)

_MESSAGES = Api(
    name="messages",
    paths=("/messages",),
    about="Anthropic's API: the model's next message, whole or as server-sent events.",
    takes="MessagesRequest",
    gives="Message",
    rooms=("mockserver.server.messages_api:MessagesApi",),
)

GEMINI_MODELS = (
    "/{version}/models/{model:path}",
    "/{version}/tunedModels/{model:path}",
    "/{version}/projects/{project}/locations/{location}/publishers/{publisher}/models/{model:path}",
    "/models/{model:path}",
)
"""Where Gemini's models stand: Google AI's paths, Vertex AI's, and one without a version."""

_GEMINI = Api(
    name="gemini",
    paths=tuple(
        f"{path}:{method}" for path in GEMINI_MODELS for method in ("generateContent", "streamGenerateContent")
    ),
    about="Gemini's API: the model's next content, whole, as server-sent events, or as one JSON array in pieces.",
    takes="GeminiRequest",
    gives="GeminiResponse",
    rooms=("mockserver.server.gemini_api:GeminiApi",),
    rooted=True,
)

_OLLAMA = Api(
    name="ollama",
    paths=(),
    about="Ollama's own API: the model's next message, as JSON lines unless `stream` is false.",
    takes="OllamaRequest",
    gives="OllamaAnswer",
    rooms=("mockserver.server.ollama_api:OllamaApi",),
    rooted=True,
)

APIS: Mapping[str, Api] = {api.name: api for api in (_CHAT, _RESPONSES, _MESSAGES, _GEMINI, _OLLAMA)}
"""Every API that is served, by its name."""


@cache
def dialect(name: str) -> Dialect:
    """The dialect of an API; that of chat completions for an API that is known but not served."""
    folder = name if name in APIS else CHAT_COMPLETIONS
    found: Dialect = import_module(f"mockserver.wire.{folder}.dialect").DIALECT
    return found
