"""Azure OpenAI: deployments in the path, content filters around every answer, errors with fewer keys."""

from dataclasses import replace
from typing import Any

from mockserver.faults.parts import Run
from mockserver.wire.chat_completions.deltas import each_choice, finishing
from mockserver.wire.chat_completions.providers.quirks import sound_history, without
from mockserver.wire.provider import Manner, Occasion, Provider

JsonObject = dict[str, Any]
Chunks = list[JsonObject]

_SAFE = {name: {"filtered": False, "severity": "safe"} for name in ("hate", "self_harm", "sexual", "violence")}
_PROMPT = [{"prompt_index": 0, "content_filter_results": _SAFE}]
_UNAUTHORISED = (
    "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an "
    "active subscription and use a correct regional API endpoint for your resource."
)
_NO_DEPLOYMENT = (
    "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, "
    "please wait a moment and try again."
)
_FILTERED = (
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify "
    "your prompt and retry."
)


def hear(data: JsonObject, occasion: Occasion) -> JsonObject:
    """Some keys are only Azure's. The model of a deployment is in the request by now."""
    return sound_history(without(data, "data_sources", "dataSources"))


def body(body: JsonObject, occasion: Occasion) -> JsonObject:
    """What the filters found stands beside the choices and in each of them."""
    for choice in body["choices"]:
        choice["content_filter_results"] = _SAFE if choice["message"].get("content") else {}
    return {**body, "prompt_filter_results": _PROMPT}


def chunks(chunks: Chunks, occasion: Occasion) -> Chunks:
    """A chunk about the prompt comes first, with nothing in it that identifies the answer."""
    said = [_filtered(chunk, _SAFE if _text(chunk) else {}) for chunk in chunks]
    return [_about_the_prompt(), *said]


def chunks_filtered_later(chunks: Chunks, occasion: Occasion) -> Chunks:
    """The filter runs behind: what it found comes before the end, in choices that have no delta."""

    def found_later(choice: Run) -> Chunks:
        told = choice.joined()
        ends = [place for place, chunk in enumerate(told) if finishing(chunk)]
        if not ends:
            return told
        end = told[ends[0]]
        offsets = {"check_offset": 0, "start_offset": 0, "end_offset": sum([len(_text(chunk)) for chunk in told])}
        verdict = {"index": end["choices"][0]["index"], "finish_reason": None, "content_filter_results": _SAFE}
        late = {**end, "choices": [{**verdict, "content_filter_offsets": offsets}]}
        return [*told[: ends[0]], late, *told[ends[0] :]]

    return [_about_the_prompt(), *each_choice(chunks, found_later)]


def _about_the_prompt() -> JsonObject:
    return {"choices": [], "created": 0, "id": "", "model": "", "object": "", "prompt_filter_results": _PROMPT}


def _text(chunk: JsonObject) -> str:
    choices = chunk.get("choices")
    text = choices[0]["delta"].get("content") if choices else None
    return text if isinstance(text, str) else ""


def _filtered(chunk: JsonObject, results: JsonObject) -> JsonObject:
    if not chunk.get("choices"):
        return chunk
    return {**chunk, "choices": [{**chunk["choices"][0], "content_filter_results": results}]}


def error(body: JsonObject, status: int, occasion: Occasion) -> JsonObject:
    """A wrong key and an unknown deployment have a code and a message, nothing more."""
    said = body["error"]
    if status == 401:
        return {"error": {"code": "401", "message": _UNAUTHORISED}}
    if said.get("code") == "model_not_found":
        return {"error": {"code": "DeploymentNotFound", "message": _NO_DEPLOYMENT}}
    if said.get("code") == "content_filter":
        inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": _SAFE}
        return {"error": {**said, "message": _FILTERED, "param": "prompt", "status": status, "innererror": inner}}
    return body


AZURE = Provider(
    "azure",
    "Azure OpenAI: deployments in the path, content filters around every answer",
    source="openai/openai-python#1677, langchain-ai/langchain#18977, microsoft/autogen#6465",
    manner=Manner(
        stream="a first chunk without id, model and choices, with `prompt_filter_results`",
        extras="`content_filter_results` in every choice, `prompt_filter_results`",
        errors='401 and 404 are `{"error": {"code", "message"}}`; `DeploymentNotFound`; '
        "`content_filter` with `innererror`",
        requests="`/openai/deployments/{name}/chat/completions`, key in the header `api-key`",
    ),
    hear=hear,
    body=body,
    chunks=chunks,
    error=error,
)
AZURE_ASYNC = replace(
    AZURE,
    name="azure_async_filter",
    about="Azure OpenAI with the asynchronous content filter: chunks whose choice has no delta",
    manner=replace(
        AZURE.manner, stream="as azure; before the end a choice without `delta`, with `content_filter_offsets`"
    ),
    chunks=chunks_filtered_later,
)
