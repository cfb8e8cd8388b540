"""Providers: what each writes in its own manner, plain and streamed, and what it refuses."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from mockserver.chat import ApiError, ChatRequest, Reply, Tool, ToolChoice, call
from mockserver.chat.provider_names import PROVIDER_NAMES
from mockserver.faults import CATALOGUE, parse
from mockserver.wire.chat_completions.dialect import CHAT_COMPLETIONS
from mockserver.wire.chat_completions.manner import adopt
from mockserver.wire.chat_completions.providers import AUTO, PROVIDERS, Occasion, by_model
from mockserver.wire.models import catalogue
from mockserver.wire.provider import Alteration
from mockserver.wire.refusal import Refused
from mockserver.wire.response import render_altered, render_altered_error
from mockserver.wire.streaming import events
from tests.faulty import IDENTITY, TEXT, asked, sent
from tests.provider_page import PAGE, page
from tests.replies import heard

ARGUMENTS = '{"location": "Oslo"}'
BOTH = Reply(calls=[call("get_current_weather", location="Oslo"), call("ping")])
NAMES = [name for name in PROVIDERS if name != AUTO.name]


def asking(model: str = "gpt-4o", *, stream: bool = False, **more: Any) -> ChatRequest:
    request = asked(stream=stream, earlier=False)
    return replace(request, model=model, tools=(*request.tools, Tool("ping")), **more)


def said(name: str, reply: Reply, request: ChatRequest) -> Any:
    """The body of a plain answer, the chunks of a streamed one, or the error that is said instead."""
    occasion = Occasion("/v1/chat/completions", {}, IDENTITY, request)
    replies = adopt([reply], PROVIDERS[name], occasion)
    if isinstance(replies, ApiError):
        return replies
    steps = render_altered(
        CHAT_COMPLETIONS, replies, heard(request), IDENTITY, {}, Alteration(PROVIDERS[name], occasion)
    ).steps
    if request.stream:
        return [json.loads(event) for event in events(sent(steps)) if event != "[DONE]"]
    return json.loads(sent(steps))


def message(name: str, reply: Reply = BOTH, model: str = "gpt-4o") -> Any:
    return said(name, reply, asking(model))["choices"][0]["message"]


def deltas(name: str, reply: Reply = BOTH, model: str = "gpt-4o") -> list[Any]:
    chunks = said(name, reply, asking(model, stream=True))
    return [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"] and "delta" in chunk["choices"][0]]


def pieces(name: str, model: str = "gpt-4o") -> list[Any]:
    return [piece for delta in deltas(name, model=model) for piece in delta.get("tool_calls") or ()]


def reasons(name: str, request: ChatRequest, reply: Reply = BOTH) -> list[str]:
    chunks = said(name, reply, replace(request, stream=True))
    found = [chunk["choices"][0].get("finish_reason") for chunk in chunks if chunk["choices"]]
    return [reason for reason in found if reason]


def heard_by(name: str, data: dict[str, Any], path: str = "/v1/chat/completions") -> dict[str, Any]:
    hear = PROVIDERS[name].hear
    assert hear is not None
    return hear(data, Occasion(path, {}, IDENTITY))


def history(**calling: Any) -> dict[str, Any]:
    one = {"id": "abcdefghi", "type": "function", "function": {"name": "ping", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "Ping."},
        {"role": "assistant", "content": None, "tool_calls": [one | calling]},
        {"role": "tool", "tool_call_id": calling.get("id", "abcdefghi"), "content": "pong"},
    ]
    return {"model": "gemini-3-pro", "messages": messages}


IDS = {
    "openai": r"call_\w{24}",
    "vllm": r"chatcmpl-tool-[0-9a-f]{32}",
    "gemini": r"function-call-\d{19}",
    "deepseek": r"call_0[01]_\w{24}",
    "mistral": r"\w{9}",
    "ollama": r"call_[0-9a-z]{8}",
    "groq": r"[0-9a-z]{9}",
    "cerebras": r"[0-9a-f]{9}",
    "anthropic": r"toolu_01\w{22}",
    "bedrock_claude_gateway": r"toolu_bdrk_01\w{22}",
    "moonshot": r"(get_current_weather:0|ping:1)",
    "qwen": r"call_\w{22}",
}


@pytest.mark.parametrize("name", IDS)
def test_ids_are_of_the_providers_kind_and_the_same_when_streamed(name: str) -> None:
    ids = [one["id"] for one in message(name)["tool_calls"]]

    assert all(re.fullmatch(IDS[name], one) for one in ids)
    assert len(set(ids)) == 2
    assert [piece["id"] for piece in pieces(name) if piece.get("id")] == ids


def test_an_id_that_a_script_chose_stays() -> None:
    chosen = Reply(calls=[call("ping", id="call_mine")])

    assert [message(name, chosen)["tool_calls"][0]["id"] for name in ("mistral", "vllm")] == ["call_mine"] * 2


@pytest.mark.parametrize("stream", [False, True])
def test_ids_depend_on_the_model_where_a_provider_has_many(stream: bool) -> None:
    of = {
        ("groq", "openai/gpt-oss-120b"): r"fc_[0-9a-f]{8}-.*",
        ("gemini", "gemini-2.5-pro-preview-05-06"): r"",
        ("openrouter", "anthropic/claude"): r"toolu_vrtx_01\w{22}",
        ("openrouter", "mistralai/mistral-large"): r"\w{9}",
        ("openrouter", "openai/gpt-4o"): r"call_\w{24}",
    }
    for (name, model), pattern in of.items():
        first = (pieces(name, model) if stream else message(name, model=model)["tool_calls"])[0]
        assert re.fullmatch(pattern, first["id"]), (name, model)


CONTENT: dict[str, Any] = {
    **dict.fromkeys(("openai", "azure", "vllm", "anthropic", "fireworks_glm", "nim_minimax"), None),
    **dict.fromkeys(("mistral", "ollama", "huggingface", "openrouter", "deepseek", "qwen", "moonshot"), ""),
}


@pytest.mark.parametrize("name", CONTENT)
def test_content_beside_calls(name: str) -> None:
    assert message(name)["content"] == CONTENT[name]


@pytest.mark.parametrize("name", ["gemini", "groq", "cerebras"])
def test_no_content_at_all_beside_calls(name: str) -> None:
    assert "content" not in message(name)
    assert message(name, TEXT)["content"] == TEXT.text


@pytest.mark.parametrize("name", ["mistral", "huggingface", "openrouter"])
def test_calls_have_an_index_in_plain_answers_too(name: str) -> None:
    assert [one["index"] for one in message(name)["tool_calls"]] == [0, 1]


@pytest.mark.parametrize("name", ["gemini", "mistral", "ollama", "groq", "litellm_ollama_chat"])
def test_every_call_is_whole_in_one_chunk(name: str) -> None:
    assert [piece["function"]["name"] for piece in pieces(name)] == ["get_current_weather", "ping"]


@pytest.mark.parametrize("name", ["ollama", "ollama_0_20", "gemini_compat", "litellm_ollama_chat"])
def test_one_index_for_all_calls(name: str) -> None:
    assert {piece["index"] for piece in pieces(name)} == {0}


@pytest.mark.parametrize("name", ["ollama_0_4_6", "mistral_fragments"])
def test_no_index_at_all(name: str) -> None:
    assert not any("index" in piece for piece in pieces(name))


def test_the_whole_answer_in_one_chunk() -> None:
    assert len(deltas("ollama_0_4_6")) == len(deltas("ollama_0_4_6", TEXT)) == 1


def test_what_is_said_of_a_call_without_parameters() -> None:
    plain = {
        "openai": "{}",
        "groq": "null",
        "bedrock_claude_gateway": "",
        "vllm_2024": "{}",
    }
    assert {name: message(name)["tool_calls"][1]["function"]["arguments"] for name in plain} == plain
    assert "arguments" not in message("openrouter", model="anthropic/claude")["tool_calls"][1]["function"]
    assert [piece["function"] for piece in pieces("vllm_2024") if piece["index"] == 1] == [{"name": "ping"}]
    assert [piece["function"]["arguments"] for piece in pieces("bedrock_claude_gateway") if piece["index"]] == [""]


def test_arguments_as_an_object() -> None:
    assert pieces("litellm_ollama_chat")[0]["function"]["arguments"] == {"location": "Oslo"}
    assert message("litellm_ollama_chat")["tool_calls"][0]["function"]["arguments"] == ARGUMENTS


def test_the_chunk_with_the_name_has_no_arguments() -> None:
    assert pieces("vllm")[0]["function"] == {"name": "get_current_weather"}
    assert deltas("vllm")[0] == {"role": "assistant", "content": ""}


def test_what_is_repeated_in_every_delta() -> None:
    everything, names = pieces("fireworks_glm"), pieces("nim_minimax")

    assert all({"id", "type"} <= piece.keys() and "name" in piece["function"] for piece in everything)
    assert all("name" in piece["function"] for piece in names)
    assert [piece["id"] for piece in pieces("qwen") if "name" not in piece["function"]].count("") == len(
        pieces("qwen")
    ) - 2


def test_names_in_fragments() -> None:
    named = [piece["function"]["name"] for piece in pieces("mistral_fragments") if "name" in piece["function"]]

    assert "".join(named) == "get_current_weatherping"
    assert len(named) == 4


def test_finish_reasons() -> None:
    named = asking(tool_choice=ToolChoice("required", ("ping",), named=True))
    required = asking(tool_choice=ToolChoice("required"))

    def plain(name: str, request: ChatRequest) -> str:
        return str(said(name, BOTH, request)["choices"][0]["finish_reason"])

    assert [plain("vllm", asking()), plain("vllm", named), plain("vllm", required)] == [
        "tool_calls",
        "stop",
        "tool_calls",
    ]
    assert [plain("vllm_2024", required), reasons("vllm_2024", required)] == ["stop", ["tool_calls"]]
    assert [plain("gemini", asking()), reasons("gemini", asking())] == ["tool_calls", ["stop"]]
    assert reasons("openrouter", asking()) == ["tool_calls", "tool_calls"]
    assert reasons("litellm_ollama_chat", asking()) == ["stop"]
    cut = Reply(calls=[call("ping", arguments='{"a')], finish_reason="length")
    assert [reasons(name, asking(), cut) for name in ("vllm", "vllm_0_27")] == [["length"], ["tool_calls"]]


def test_azure_tells_what_its_filters_found() -> None:
    first, *chunks = said("azure", TEXT, asking(stream=True))
    late = said("azure_async_filter", TEXT, asking(stream=True))

    assert (first["choices"], first["id"], first["created"]) == ([], "", 0)
    assert first["prompt_filter_results"][0]["content_filter_results"]["hate"]["filtered"] is False
    assert all("content_filter_results" in chunk["choices"][0] for chunk in chunks)
    assert "prompt_filter_results" in said("azure", TEXT, asking())
    without_delta = [chunk["choices"][0] for chunk in late if chunk["choices"] and "delta" not in chunk["choices"][0]]
    assert [list(choice["content_filter_offsets"]) for choice in without_delta] == [
        ["check_offset", "start_offset", "end_offset"]
    ]


def test_more_keys() -> None:
    keys = {
        "vllm": ("prompt_logprobs", "kv_transfer_params"),
        "groq": ("x_groq",),
        "cerebras": ("time_info",),
        "huggingface": ("prompt", "metadata"),
        "openrouter": ("provider",),
    }
    assert all(set(more) <= said(name, BOTH, asking()).keys() for name, more in keys.items())
    assert said("ollama", BOTH, asking())["system_fingerprint"] == "fp_ollama"
    assert re.fullmatch(r"chatcmpl-\d{3}", said("ollama", BOTH, asking())["id"])
    assert said("openrouter", BOTH, asking())["id"].startswith("gen-")
    assert said("openrouter", BOTH, asking())["usage"]["cost"] > 0
    *_, end = said("groq", BOTH, asking(stream=True))
    assert end["x_groq"]["usage"]["total_tokens"] > 0


def test_a_model_that_thinks_says_so_first() -> None:
    told = deltas("deepseek", model="deepseek-reasoner")

    assert message("deepseek", model="deepseek-reasoner")["reasoning_content"]
    assert [set(delta) for delta in told[1:3]] == [{"content", "reasoning_content"}] * 2
    assert not any("reasoning_content" in delta for delta in deltas("deepseek", model="deepseek-chat"))
    assert all("usage" in chunk for chunk in said("deepseek", BOTH, asking(stream=True)))


def test_a_thinking_history_without_its_reasoning_is_refused() -> None:
    data = {**history(), "model": "deepseek-reasoner"}

    with pytest.raises(Refused, match="must be passed back"):
        heard_by("deepseek", data)
    data["messages"][1]["reasoning_content"] = "I need to ping."
    assert heard_by("deepseek", data)["messages"][1]["tool_calls"]
    assert heard_by("deepseek", {**history(), "model": "deepseek-chat"})["messages"]


def test_a_history_without_its_thought_signature_is_refused() -> None:
    signed = message("gemini", model="gemini-3-pro")["tool_calls"][0]

    with pytest.raises(Refused, match="thought_signature"):
        heard_by("gemini", history())
    assert heard_by("gemini", history(extra_content=signed["extra_content"]))["messages"]
    assert heard_by("gemini", {**history(), "model": "gemini-2.5-flash"})["messages"]


def test_ids_of_another_kind_are_refused_by_mistral() -> None:
    with pytest.raises(Refused, match=r"Tool call id was call_1 but must be a-z, A-Z, 0-9, with a length of 9\."):
        heard_by("mistral", history(id="call_1"))
    assert heard_by("mistral", {**history(), "tool_choice": "any"})["tool_choice"] == "required"


@pytest.mark.parametrize(
    ("reply", "choice", "text"),
    [
        (Reply(calls=[call("get_current_weather", location=7)]), "auto", "did not match schema"),
        (Reply(calls=[call("get_time")]), "auto", "not in request.tools"),
        (Reply(calls=[call("get_current_weather", arguments='{"loc')]), "auto", "Failed to call a function"),
        (TEXT, "required", "model did not call a tool"),
    ],
)
def test_groq_refuses_a_call_instead_of_sending_it(reply: Reply, choice: Any, text: str) -> None:
    error = said("groq", reply, asking(tool_choice=ToolChoice(choice)))

    assert isinstance(error, ApiError)
    assert (error.status, error.code) == (400, "tool_use_failed")
    assert text in error.message
    assert "failed_generation" in error.extra


def test_histories_of_all_kinds_are_made_sound() -> None:
    odd = [
        {"role": "user", "content": "Ping twice."},
        {
            "role": "assistant",
            "tool_calls": [
                {"id": "", "function": {"name": "ping", "arguments": {"n": 1}}},
                {"function": {"name": "ping"}},
                {"id": "chatcmpl-tool-" + "0" * 32, "type": "function", "function": {"name": "ping", "arguments": ""}},
            ],
        },
        {"role": "tool", "tool_call_id": "", "content": "one"},
        {"role": "tool", "content": "two"},
        {"role": "tool", "tool_call_id": "chatcmpl-tool-" + "0" * 32, "content": "three"},
    ]

    _, calling, *results = heard_by("ollama", {"model": "m", "messages": odd, "keep_alive": 5})["messages"]

    assert [one["id"] for one in calling["tool_calls"]] == [result["tool_call_id"] for result in results]
    assert [one["function"]["arguments"] for one in calling["tool_calls"]] == ['{"n":1}', "{}", ""]
    assert {one["type"] for one in calling["tool_calls"]} == {"function"}
    assert max(len(one["id"]) for one in calling["tool_calls"]) <= 40


def test_parameters_of_ones_own_are_taken() -> None:
    own = {"vllm": "guided_json", "qwen": "enable_thinking", "openrouter": "transforms", "groq": "reasoning_format"}

    assert all(
        heard_by(name, {"model": "m", "messages": [], key: 1}) == {"model": "m", "messages": []}
        for name, key in own.items()
    )
    assert heard_by("anthropic", {"model": "m", "messages": [], "temperature": 1.7})["temperature"] == 1
    with pytest.raises(Refused, match="n=1"):
        heard_by("anthropic", {"model": "m", "messages": [], "n": 2})


def error_of(name: str, error: ApiError) -> Any:
    occasion = Occasion("/v1/chat/completions", {}, IDENTITY, asking())
    return json.loads(
        sent(render_altered_error(CHAT_COMPLETIONS, error, {}, Alteration(PROVIDERS[name], occasion)).steps)
    )


def test_errors_have_the_providers_shape() -> None:
    error = ApiError(400, "The message.", param="messages", code="invalid_value")

    assert error_of("mistral", error)["object"] == "error"
    assert error_of("mistral", error)["message"] == error_of("cerebras", error)["message"] == "The message."
    assert "param" not in error_of("groq", error)["error"]
    assert error_of("openrouter", error)["error"]["code"] == error_of("vllm", error)["error"]["code"] == 400
    assert error_of("gemini", error)["error"]["status"] == "INVALID_ARGUMENT"
    assert error_of("deepseek", error)["error"]["code"] == "invalid_request_error"
    assert error_of("qwen", error)["error"]["message"].startswith("<400> InternalError.Algo.InvalidParameter: ")
    assert error_of("qwen", error)["request_id"]
    assert list(error_of("azure", ApiError(404, "No.", code="model_not_found"))["error"]) == ["code", "message"]
    assert "innererror" in error_of("azure", ApiError(400, "No.", code="content_filter"))["error"]


@pytest.mark.parametrize("name", NAMES)
def test_errors_of_the_mock_itself_keep_their_shape(name: str) -> None:
    assert error_of(name, ApiError(422, "Nothing is scripted.", "mock_error", code="unscripted_request"))["error"][
        "code"
    ]


@pytest.mark.parametrize("name", NAMES)
def test_faults_that_a_provider_shows_are_in_the_catalogue(name: str) -> None:
    for written in PROVIDERS[name].faults:
        (one,) = parse(written)
        assert one.name in CATALOGUE
        assert one.rate is not None


def test_the_names_that_files_may_use_are_those_of_the_providers() -> None:
    assert set(PROVIDER_NAMES) == set(PROVIDERS)


def test_every_model_of_the_list_has_a_provider_that_is_sound_by_itself() -> None:
    picked = {model: PROVIDERS[by_model(model)] for model in catalogue()}

    assert not [model for model, provider in picked.items() if provider.faults]
    assert {picked[name].name for name in ("gpt-4o", "o3-mini", "x-ai/grok-beta")} == {"openai"}
    assert picked["google/gemini-2.5-flash"].name == "gemini"
    assert picked["Qwen/Qwen2.5-7B-Instruct-Turbo"].name == "qwen"
    assert picked["openai/gpt-oss-120b"].name == picked["meta-llama/Llama-3.3-70B-Instruct-Turbo"].name == "vllm"
    assert picked["claude-3-opus-20240229"].name == "anthropic"


def test_the_page_of_providers_is_what_the_registry_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it again: python -m tests.provider_page"


def test_a_provider_is_made_when_it_is_first_asked_for() -> None:
    program = (
        "import sys\nfrom mockserver.wire.chat_completions.providers import PROVIDERS\n"
        "made = 'mockserver.wire.chat_completions.providers.groq'\n"
        "print(len(PROVIDERS), 'groq' in PROVIDERS, made in sys.modules, PROVIDERS['groq'].name, made in sys.modules)"
    )

    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "30 True False groq True\n"
