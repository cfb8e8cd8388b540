"""The schemas of the OpenAPI document: what our routes take and give, as JSON Schema."""

from collections.abc import Mapping
from typing import Any

from mockserver.wire.chat_completions.parameters import PARAMETERS, or_null
from mockserver.wire.chat_completions.tools import MOST_TOOLS, NAME_LENGTH, NAME_PATTERN
from mockserver.wire.responses.options import OPTIONS

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
ANYTHING: Schema = {}


def ref(name: str) -> Schema:
    """A schema of this document."""
    return {"$ref": f"#/components/schemas/{name}"}


def thing(required: str = "", **properties: Schema) -> Schema:
    """An object; the names of the properties that must be there are given in a text. Others may be there, too."""
    found: Schema = {"type": "object", "properties": properties}
    if required:
        found["required"] = required.split()
    return found


def many(schema: Schema, **bounds: int) -> Schema:
    """An array."""
    return {"type": "array", "items": schema, **bounds}


def maybe(schema: Schema) -> Schema:
    """A value or null."""
    return or_null(schema)


def either(*schemas: Schema) -> Schema:
    """One of several."""
    return {"anyOf": list(schemas)}


def one_of(*words: str) -> Schema:
    """One of a few words."""
    return {"type": "string", "enum": list(words)}


def between(low: float, high: float, kind: str = "number") -> Schema:
    """A number within bounds."""
    return {"type": kind, "minimum": low, "maximum": high}


def page(entries: Schema) -> Schema:
    """A list that comes in pages."""
    ends = {"first_id": maybe(TEXT), "last_id": maybe(TEXT), "has_more": FLAG}
    return thing("object data first_id last_id has_more", object=one_of("list"), data=many(entries), **ends)


_LABELS = PARAMETERS["metadata"].schema
_NAME: Schema = {"type": "string", "pattern": NAME_PATTERN, "minLength": 1, "maxLength": NAME_LENGTH}
_FUNCTION = thing("name", name=_NAME, description=TEXT, parameters={"type": "object"}, strict=maybe(FLAG))
_CALL = thing("id type", id=TEXT, type=one_of("function", "custom"), function=thing("name arguments"), custom=thing())
_PART = thing("type", type=one_of("text", "image_url", "input_audio", "file", "refusal"), text=TEXT)
_CALLED = thing("id type function", id=TEXT, type=one_of("function"), function=thing("name arguments", name=TEXT))
_MESSAGE = thing(
    "role",
    role=one_of("system", "developer", "user", "assistant", "tool", "function"),
    content=maybe(either(TEXT, many(_PART, minItems=1))),
    name=TEXT,
    tool_calls=maybe(many(_CALLED, minItems=1)),
    tool_call_id=TEXT,
)
_CHOICE = thing(
    "index message logprobs finish_reason",
    index=COUNT,
    message=thing("role content refusal", role=one_of("assistant"), content=maybe(TEXT), tool_calls=many(_CALL)),
    logprobs=maybe({"type": "object"}),
    finish_reason=maybe(TEXT),
)
_TOKENS = {"prompt_tokens": COUNT, "completion_tokens": COUNT, "total_tokens": COUNT}
_NAMED = thing("type function", type=one_of("function"), function=thing("name", name=_NAME))
_MODEL = thing(
    "id object created owned_by type info tags function_calling capabilities",
    id=TEXT,
    object=one_of("model"),
    created=COUNT,
    owned_by=TEXT,
    aliases=many(TEXT),
    type=TEXT,
    info=thing("name developer", name=TEXT, developer=TEXT, contextLength=maybe(COUNT), outputMax=maybe(COUNT)),
    tags=many(TEXT),
    function_calling=FLAG,
    capabilities=many(TEXT),
)
_FAULTS = {"faults": many(TEXT), "profile": maybe(TEXT)}
_EXCHANGE = thing(
    "id session api method path request reply match faults started duration events_sent ended",
    id=COUNT,
    session=TEXT,
    api=TEXT,
    method=TEXT,
    path=TEXT,
    request=maybe({"type": "object"}),
    reply=maybe({"type": "object"}),
    match=maybe(TEXT),
    faults=many(TEXT),
    started=NUMBER,
    duration=NUMBER,
    events_sent=COUNT,
    ended=TEXT,
)

SCHEMAS: Mapping[str, Schema] = {
    "ChatRequest": thing(
        "model messages",
        model=TEXT,
        messages=many(_MESSAGE, minItems=1),
        tools=many(
            thing("type function", type=one_of("function"), function=_FUNCTION), minItems=1, maxItems=MOST_TOOLS
        ),
        tool_choice=either(one_of("none", "auto", "required"), _NAMED),
        **{name: maybe(check.schema) for name, check in PARAMETERS.items()},
    ),
    "ChatCompletion": thing(
        "id object created model choices usage",
        id=TEXT,
        object=one_of("chat.completion"),
        created=COUNT,
        model=TEXT,
        choices=many(_CHOICE, minItems=1),
        usage=thing("prompt_tokens completion_tokens total_tokens", **_TOKENS),
        service_tier=TEXT,
        system_fingerprint=TEXT,
    ),
    "ResponseRequest": thing(
        "model input",
        model={**TEXT, "minLength": 1},
        input=TEXT,
        **{
            name: maybe(check.schema)
            for name, check in OPTIONS.items()
            if name not in ("conversation", "previous_response_id")
        },
    ),
    "Response": thing(
        "id object created_at status model output usage tools tool_choice",
        id=TEXT,
        object=one_of("response"),
        created_at=COUNT,
        status=one_of("completed", "failed", "in_progress", "cancelled", "queued", "incomplete"),
        model=TEXT,
        output=many(thing("type", type=TEXT)),
        usage=maybe(thing("input_tokens output_tokens total_tokens")),
        tools=many(thing("type")),
        tool_choice=either(TEXT, thing("type")),
    ),
    "ResponseDeleted": thing("id object deleted", id=TEXT, object=one_of("response"), deleted=FLAG),
    "ItemList": page(thing("id type", id=TEXT, type=TEXT)),
    "Item": thing("id type", id=TEXT, type=TEXT),
    "Counted": thing("object input_tokens", object=one_of("response.input_tokens"), input_tokens=COUNT),
    "Compaction": thing("id object output", id=TEXT, object=one_of("response.compaction"), output=many(ANYTHING)),
    "Conversation": thing("id object created_at metadata", id=TEXT, object=one_of("conversation"), created_at=COUNT),
    "ConversationDeleted": thing("id object deleted", id=TEXT, deleted=FLAG),
    "ConversationStart": thing(items=maybe(many({"type": "object"})), metadata=maybe(_LABELS)),
    "ConversationUpdate": thing("metadata", metadata=maybe(_LABELS)),
    "ConversationItems": thing("items", items=many({"type": "object"})),
    "ChatCompletionList": page(ref("ChatCompletion")),
    "ChatCompletionUpdate": thing("metadata", metadata=maybe(_LABELS)),
    "ChatCompletionDeleted": thing(
        "object id deleted", object=one_of("chat.completion.deleted"), id=TEXT, deleted=FLAG
    ),
    "MessagesRequest": thing(
        "model messages max_tokens",
        model=TEXT,
        max_tokens=COUNT,
        messages=many(
            thing("role content", role=one_of("user", "assistant"), content=either(TEXT, many({"type": "object"}))),
            minItems=1,
        ),
        system=either(TEXT, many(thing("type text", type=one_of("text"), text=TEXT))),
        tools=many(thing("name input_schema", name=TEXT, input_schema={"type": "object"})),
        tool_choice=thing("type", type=one_of("auto", "any", "tool", "none")),
        stream=FLAG,
    ),
    "Message": thing(
        "model id type role content stop_reason stop_sequence usage",
        model=TEXT,
        id=TEXT,
        type=one_of("message"),
        role=one_of("assistant"),
        content=many(thing("type", type=TEXT)),
        stop_reason=maybe(TEXT),
        stop_sequence=maybe(TEXT),
        usage=thing("input_tokens output_tokens", input_tokens=COUNT, output_tokens=COUNT),
    ),
    "TokenCount": thing("input_tokens", input_tokens=COUNT),
    "GeminiRequest": thing(
        "contents",
        contents=many(
            thing("role parts", role=one_of("user"), parts=many(thing("text", text=TEXT), minItems=1)), minItems=1
        ),
    ),
    "GeminiCount": thing(
        "contents", contents=many(thing("parts", parts=many(thing("text", text=TEXT), minItems=1)), minItems=1)
    ),
    "GeminiResponse": thing(
        "candidates usageMetadata modelVersion responseId",
        candidates=many(thing("content", content={"type": "object"}, finishReason=TEXT, index=COUNT)),
        usageMetadata=thing("promptTokenCount totalTokenCount", promptTokenCount=COUNT, totalTokenCount=COUNT),
        modelVersion=TEXT,
        responseId=TEXT,
    ),
    "GeminiTokens": thing("totalTokens", totalTokens=COUNT),
    "GeminiModel": thing("name", name=TEXT, supportedGenerationMethods=many(TEXT)),
    "GeminiModelList": thing("models", models=many(ref("GeminiModel")), nextPageToken=TEXT),
    "OllamaRequest": thing(
        "model messages",
        model={**TEXT, "minLength": 1},
        messages=many(thing("role content", role=one_of("system", "user", "assistant", "tool"), content=TEXT)),
        stream=FLAG,
    ),
    "OllamaPrompt": thing("model prompt", model={**TEXT, "minLength": 1}, prompt=TEXT, stream=FLAG),
    "OllamaAnswer": thing("model created_at done", model=TEXT, created_at=TEXT, done=FLAG),
    "OllamaModel": thing("model", model={**TEXT, "minLength": 1}),
    "OllamaDetails": thing("details model_info", details={"type": "object"}, model_info={"type": "object"}),
    "OllamaTexts": thing("model input", model={**TEXT, "minLength": 1}, input=either(TEXT, many(TEXT))),
    "OllamaVectors": thing("model embeddings", model=TEXT, embeddings=many(many(NUMBER))),
    "OllamaVector": thing("embedding", embedding=many(NUMBER)),
    "OllamaModelList": thing("models", models=many(thing("name model", name=TEXT, model=TEXT))),
    "OllamaVersion": thing("version", version=TEXT),
    "MessageList": page(thing("id role content", id=TEXT, role=TEXT, content=maybe(TEXT))),
    "Model": _MODEL,
    "ModelList": thing("object data", object=one_of("list"), data=many(ref("Model"))),
    "OneModel": thing("object data", object=one_of("model"), data=ref("Model")),
    "Health": thing("status scenarios", status=one_of("ok"), scenarios=many(TEXT)),
    "Alive": thing("status", status=one_of("ok", "draining")),
    "Journal": thing("dropped exchanges", dropped=COUNT, exchanges=many(_EXCHANGE)),
    "Conduct": thing("conduct", conduct=many({"type": "object"})),
    "Done": thing("status", status=one_of("ok")),
    "Played": thing("status scenarios", status=one_of("ok"), scenarios=many(TEXT)),
    "ScenarioFile": TEXT,
    "ChosenFaults": either(TEXT, thing("faults", faults=ANYTHING), many(either(TEXT, thing("name", name=TEXT)))),
    "FaultsInForce": thing("status faults profile", status=one_of("ok"), **_FAULTS),
    "FaultCatalogue": thing("faults profile catalogue", **_FAULTS, catalogue=many(thing("name category layer"))),
    "Document": thing("openapi info paths"),
    "MessagesError": thing(
        "type error request_id",
        type=one_of("error"),
        error=thing("type message", type=TEXT, message=TEXT),
        request_id=maybe(TEXT),
    ),
    "GeminiError": thing("error", error=thing("code message status", code=COUNT, message=TEXT, status=TEXT)),
    "OllamaError": thing("error", error=TEXT),
    "Error": thing(
        "error",
        error=thing("message type param code", message=TEXT, type=TEXT, param=maybe(TEXT), code=maybe(TEXT)),
    ),
}
