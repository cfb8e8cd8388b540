"""vLLM, now and in 2024: ids and extra keys of its own, finish reasons that depend on the choice of tools."""

from dataclasses import replace
from typing import Any

from mockserver.faults.parts import Run
from mockserver.wire.chat_completions.deltas import each_choice, text_of, with_delta
from mockserver.wire.chat_completions.providers.quirks import (
    each_piece,
    finish_streamed,
    finish_with_calls,
    hexadecimal,
    messages,
    own_headers,
    sound_history,
    without,
)
from mockserver.wire.chat_completions.reasoning import REASONING, REASONING_CONTENT
from mockserver.wire.provider import Manner, Occasion, Provider

JsonObject = dict[str, Any]
Chunks = list[JsonObject]

_OWN: tuple[str, ...] = (
    "guided_json",
    "guided_regex",
    "guided_choice",
    "guided_grammar",
    "chat_template_kwargs",
    "top_k",
    "min_p",
    "repetition_penalty",
    "structured_outputs",
    "add_generation_prompt",
    "skip_special_tokens",
)


def hear(data: JsonObject, occasion: Occasion) -> JsonObject:
    """A request with vLLM's own parameters, and with its long ids in the history."""
    return sound_history(without(data, *_OWN))


def ids(letters: str, place: int, name: str, occasion: Occasion) -> str:
    """`chatcmpl-tool-` and 32 hexadecimal digits."""
    return f"chatcmpl-tool-{hexadecimal(letters, 32)}"


def said(body: JsonObject, occasion: Occasion) -> JsonObject:
    """A named choice finishes with `stop`; choices say what stopped them."""
    if _named(occasion):
        finish_with_calls(body, "stop")
    return body


def said_in_2024(body: JsonObject, occasion: Occasion) -> JsonObject:
    """A named choice finishes with `stop`, and a required one too where nothing is streamed."""
    request = occasion.request
    if _named(occasion) or (request is not None and request.tool_choice.mode == "required" and not request.stream):
        finish_with_calls(body, "stop")
    return body


def _named(occasion: Occasion) -> bool:
    return occasion.request is not None and occasion.request.tool_choice.named


def body(body: JsonObject, occasion: Occasion) -> JsonObject:
    """Keys that are null as a rule stand in the message, in the choice and beside them."""
    for message in messages(body):
        message |= {key: message.get(key) for key in ("audio", "function_call", "reasoning_content")}
        message.setdefault("tool_calls", [])
        message["annotations"] = None
    for choice in body["choices"]:
        choice |= {"stop_reason": None, "token_ids": None}
    more = dict.fromkeys(("prompt_logprobs", "prompt_token_ids", "kv_transfer_params"))
    return {**body, "service_tier": None, "system_fingerprint": None, **more}


def chunks(chunks: Chunks, occasion: Occasion) -> Chunks:
    """The role comes alone with an empty text; the chunk with a name has no arguments."""
    return _opened(chunks)


def chunks_in_2024(chunks: Chunks, occasion: Occasion) -> Chunks:
    """As now, and a call without parameters has no arguments at all."""

    def spare(choice: Run) -> Run:
        kept = [call[:1] if "".join(map(text_of, call)) == "{}" else call for call in choice.calls]
        return choice._replace(calls=kept)

    return _opened(each_choice(chunks, spare))


def chunks_that_hide_length(said: Chunks, occasion: Occasion) -> Chunks:
    """Arguments cut off by the limit of tokens finish with `tool_calls` all the same."""
    calling = any(chunk["choices"][0]["delta"].get("tool_calls") for chunk in said if chunk.get("choices"))
    return chunks(finish_streamed(said, "length", "tool_calls") if calling else said, occasion)


def _opened(chunks: Chunks) -> Chunks:
    first = True
    found: Chunks = []
    for chunk in each_piece(chunks, _named_without_arguments):
        if first and chunk.get("choices"):
            first = False
            delta = {key: value for key, value in chunk["choices"][0]["delta"].items() if key != "refusal"}
            found.append(with_delta(chunk, {**delta, "content": ""}))
        else:
            found.append(chunk)
    return found


def _named_without_arguments(call: JsonObject) -> JsonObject:
    function = call.get("function")
    if not function or "name" not in function or function.get("arguments") != "":
        return call
    return {**call, "function": {"name": function["name"]}}


def error(body: JsonObject, status: int, occasion: Occasion) -> JsonObject:
    """The type is a class's name, the code is the status."""
    kinds = {400: "BadRequestError", 401: "AuthenticationError", 404: "NotFoundError", 429: "RateLimitError"}
    kind = kinds.get(status, "InternalServerError" if status >= 500 else "BadRequestError")
    said = body["error"]
    return {"error": {"message": said["message"], "type": kind, "param": said.get("param"), "code": status}}


def flat_error(body: JsonObject, status: int, occasion: Occasion) -> JsonObject:
    """The same without an object around it."""
    return {"object": "error", **error(body, status, occasion)["error"]}


VLLM = Provider(
    "vllm",
    "vLLM, as of 2025-09",
    source="vllm-project/vllm#28806, #25054, pipecat-ai/pipecat#4059; the error's shape is known from experience",
    manner=Manner(
        ids="`chatcmpl-tool-` and 32 hexadecimal digits",
        arguments="the chunk with the name has no `arguments`",
        stream='the first chunk has the role and `content: ""`',
        finish="a named choice: `stop`",
        extras="`token_ids`, `prompt_token_ids`, `prompt_logprobs`, `kv_transfer_params`: null; `tool_calls: []`",
        errors="`type` is a class's name, `code` the status",
        requests="parameters such as `guided_json`; ids of more than 40 characters come back",
        thinking="`reasoning_content`",
    ),
    hear=hear,
    thinking=REASONING_CONTENT,
    headers=own_headers,
    ids=ids,
    said=said,
    body=body,
    chunks=chunks,
    error=error,
)
VLLM_2024 = replace(
    VLLM,
    name="vllm_2024",
    about="vLLM, as of 2024-10",
    source="vllm-project/vllm#9209, #25054, #28806",
    manner=replace(
        VLLM.manner,
        arguments="the chunk with the name has no `arguments`; a call without parameters has none at all",
        finish="a named choice: `stop`; a required one: `stop` where nothing is streamed",
        errors='flat: `{"object": "error", "message", "type", "param", "code"}`',
    ),
    said=said_in_2024,
    chunks=chunks_in_2024,
    error=flat_error,
)
VLLM_0_27 = replace(
    VLLM,
    name="vllm_0_27",
    about="vLLM 0.27: hides in streams that the limit of tokens was reached",
    source="vllm-project/vllm#53269",
    manner=replace(
        VLLM.manner,
        thinking="`reasoning`",
        finish="a named choice: `stop`; streamed calls cut off by `length`: `tool_calls`",
    ),
    thinking=REASONING,
    chunks=chunks_that_hide_length,
)
GPT_OSS_VLLM = replace(
    VLLM,
    name="gpt_oss_vllm",
    about="gpt-oss on vLLM: tokens of its template get into names",
    source="vllm-project/vllm#32587: most calls of a run of eight steps",
    faults=("special_token_in_name:rate=60%",),
)
DEEPSEEK_V4_SELFHOSTED = replace(
    VLLM,
    name="deepseek_v4_selfhosted",
    about="DeepSeek V4 on vLLM or SGLang: calls land in the content as DSML",
    source="sgl-project/sglang#40236, #35736; cline/cline#13348: about one run in four",
    faults=("text_dsml:rate=25%",),
)
