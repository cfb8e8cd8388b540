"""Faults of the function name, and of the choice of function."""

import json
import re
from dataclasses import replace
from typing import Any

from mockserver.chat import ApiError, ChatRequest, Reply, ToolCall
from mockserver.faults import advice
from mockserver.faults.argument_values import invented_call, on_any_call, values_of
from mockserver.faults.call_history import calls_with_results
from mockserver.faults.fault import Context, DoesNotApply, NotHere, Promises
from mockserver.faults.parts import CallParts
from mockserver.faults.register import Register
from mockserver.faults.vocabulary import OTHER_VERBS, RELATED_TOOLS
from mockserver.faults.wire_layers import on_one_function

_STRANGE = Promises(offered="broken")
_TOKENS = ("<|channel|>commentary", "<|message|>", "<|constrain|>json", "<|call|>")
_NAMESPACES = ("default_api.", "server__", "mcp__tools__", "tools.", "api.")

entry = Register(
    "name", "reply", needs=("call",), promises=_STRANGE, robust=advice.UNKNOWN_NAME, adapt=on_any_call
)  # fmt: skip


def _renamed(call: ToolCall, name: str, context: Context) -> ToolCall:
    if name == call.name or context.request.tool(name) is not None:
        raise DoesNotApply(f"{call.name} has no such other form that is not offered as well")
    return replace(call, name=name)


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[_\-.]|(?<=[a-z])(?=[A-Z])", name) if word]


@entry(
    "unknown_function",
    "A plausible function is called that was not offered; the arguments are those of the right call.",
    source=(
        "API-Bank: 61.4 % of the errors of a fine-tuned Lynx-7B; gpt-oss:20b (aliasrobotics/cai#405), "
        "run-llama/llama_index#7170, NousResearch/hermes-agent#111256"
    ),
)
def unknown_function(call: ToolCall, context: Context) -> ToolCall:
    """A name that sounds like the offered ones."""
    first, *rest = _words(call.name) or ["run"]
    tail = "_".join([*rest]) or "data"
    names = [*RELATED_TOOLS.get(call.name, ()), *(f"{verb}_{tail}" for verb in OTHER_VERBS if verb != first.casefold())]
    context.chance.shuffle(names)
    offered = {tool.name for tool in context.request.tools}
    return replace(call, name=next(name for name in names if name not in offered))


@entry(
    "wrong_function",
    "Another offered function is called than the one that was meant, with arguments that fit it.",
    source="BFCL's checker; CriticTool's tool selection",
    robust=advice.CONFIRM,
    needs=("call", "schema"),
    promises=Promises(),
)
def wrong_function(call: ToolCall, context: Context) -> ToolCall:
    """Any other one."""
    others = [tool for tool in context.request.tools if tool.name != call.name and tool.kind == "function"]
    if not others:
        raise DoesNotApply("no other function is offered")
    return replace(invented_call(context.chance.choice(others), context), id=call.id)


@entry("wrong_case_name", "The name is written with other capitals.", source="NousResearch/hermes-agent#701")
def wrong_case_name(call: ToolCall, context: Context) -> ToolCall:
    """`Get_Current_Weather`."""
    forms = ["_".join(word.title() for word in call.name.split("_")), call.name.upper(), call.name.swapcase()]
    strange = [form for form in forms if form != call.name and context.request.tool(form) is None]
    if not strange:
        raise DoesNotApply(f"{call.name} has no letters")
    return replace(call, name=strange[0])


@entry(
    "separator_drift",
    "The words of the name are joined in another way.",
    source="MervinPraison/PraisonAI#3309",
    robust=f"{advice.UNKNOWN_NAME} Map it only where that leaves one tool, and one that only reads.",
)
def separator_drift(call: ToolCall, context: Context) -> ToolCall:
    """`getCurrentWeather`, `get-current-weather`."""
    words = _words(call.name)
    forms = [words[0] + "".join(word.title() for word in words[1:]), "-".join(words), "_".join(words)] if words else []
    strange = [form for form in forms if form != call.name and context.request.tool(form) is None]
    if len(words) < 2 or not strange:
        raise DoesNotApply(f"{call.name} is a single word")
    return replace(call, name=context.chance.choice(strange))


@entry(
    "functions_prefix",
    "The internal namespace `functions.` is left before the name.",
    source="recipients within multi_tool_use (Azure/azure-rest-api-specs#32329)",
)
def functions_prefix(call: ToolCall, context: Context) -> ToolCall:
    """`functions.get_current_weather`."""
    return _renamed(call, f"functions.{call.name}", context)


@entry("namespaced_name", "Another namespace stands before the name.", source="known from experience")
def namespaced_name(call: ToolCall, context: Context) -> ToolCall:
    """`default_api.`, `server__`, `mcp__tools__`."""
    return _renamed(call, context.chance.choice(_NAMESPACES) + call.name, context)


def _wrapper(reply: Reply, context: Context) -> Reply:
    uses: list[dict[str, Any]] = []
    for call in reply.calls:
        values = values_of(call)
        if values is None:
            raise DoesNotApply(f"the arguments of {call.name} are not a JSON object already")
        uses.append({"recipient_name": f"functions.{call.name}", "parameters": values})
    arguments = json.dumps({"tool_uses": uses}, ensure_ascii=False)
    return replace(reply, calls=(ToolCall("multi_tool_use.parallel", arguments),))


entry(
    "multi_tool_use_parallel",
    "All calls come as one call of OpenAI's internal wrapper `multi_tool_use.parallel`.",
    source=(
        "GPT-4-turbo, 4o, up to 5.x (openai/openai-node#488, vercel/ai#2786, craft-ai-agents/craft-agents-oss#449, "
        "FlowiseAI/Flowise#3352)"
    ),
    robust=f"{advice.UNKNOWN_NAME} Or unroll the calls within. The dot makes the next request fail.",
    adapt=lambda function: function,
)(_wrapper)


@entry(
    "python_tool",
    "A function `python` is called with code in place of JSON.",
    source="gpt-oss's built-in python (ollama/ollama#12884)",
    promises=Promises(parses="broken", offered="broken"),
    robust=f"{advice.UNKNOWN_NAME} {advice.PARSE_STRICTLY}",
)
def python_tool(call: ToolCall, context: Context) -> ToolCall:
    """The call as a line of Python."""
    return _renamed(replace(call, arguments=f"print({as_python(call)})"), "python", context)


@entry(
    "json_tool", "The format of the answer is called as if it were a function `json`.", source="known from experience"
)
def json_tool(call: ToolCall, context: Context) -> ToolCall:
    """With the arguments of the right call."""
    return _renamed(call, "json", context)


@entry(
    "special_token_in_name",
    "A token of the chat template is glued to the name.",
    source="gpt-oss on Ollama (ollama/ollama#12132) and on vLLM (vllm-project/vllm#32587)",
    robust=f"Strip the known tokens. {advice.UNKNOWN_NAME}",
)
def special_token_in_name(call: ToolCall, context: Context) -> ToolCall:
    """`get_current_weather<|channel|>commentary`."""
    return _renamed(call, call.name + context.chance.choice(_TOKENS), context)


@entry(
    "doubled_name",
    "The name stands there twice, in one piece.",
    source="MiniMax on NVIDIA NIM (NousResearch/hermes-agent#11984), AstrBotDevs/AstrBot#7735",
    robust=advice.ACCUMULATE,
)
def doubled_name(call: ToolCall, context: Context) -> ToolCall:
    """`get_weatherget_weather`."""
    return _renamed(call, call.name * 2, context)


@entry("name_with_args", "The whole call is written as the name.", source="known from experience")
def name_with_args(call: ToolCall, context: Context) -> ToolCall:
    """`get_current_weather(location="Paris")`."""
    return _renamed(call, as_python(call), context)


@entry("padded_name", "White space stands around the name.", source="known from experience")
def padded_name(call: ToolCall, context: Context) -> ToolCall:
    """Before it, after it, or both."""
    return _renamed(call, context.chance.choice([" {}", "{} ", "{}\n", " {} "]).format(call.name), context)


@entry("empty_name", 'The name is "".', source="known from experience")
def empty_name(call: ToolCall, context: Context) -> ToolCall:
    """Nothing at all."""
    return _renamed(call, "", context)


@entry(
    "null_name",
    "The name is null.",
    source="measured: the Vercel AI SDK gives the stream up",
    layer="body",
    promises=Promises(offered="broken", types="open"),
    adapt=on_one_function,
)
def null_name(call: CallParts, context: Context) -> None:
    """In the first delta, when streamed."""
    call.name.set(None)


@entry(
    "invalid_name_chars",
    "The name has characters that no name may have.",
    source="gptscript crashed (gptscript-ai/gptscript#656)",
    robust="Clean the name before it goes back into the history, or the next request is refused.",
)
def invalid_name_chars(call: ToolCall, context: Context) -> ToolCall:
    """`get current weather!`."""
    return _renamed(call, call.name.replace("_", " ") + context.chance.choice("!?/:%"), context)


@entry(
    "overlong_name",
    "The name is longer than the 64 characters that are allowed.",
    source="known from experience",
    robust="Clean the name before it goes back into the history, or the next request is refused.",
)
def overlong_name(call: ToolCall, context: Context) -> ToolCall:
    """The name again and again."""
    return _renamed(call, "_".join([call.name or "tool"] * (70 // (len(call.name) + 1) + 1)), context)


@entry(
    "unavailable_function",
    "A function of an earlier turn is called, and is not offered any more.",
    source="BFCL's missing functions; a handoff in the realtime API (openai/openai-agents-python#1671)",
    needs=("call", "conversation"),
)
def unavailable_function(call: ToolCall, context: Context) -> ToolCall:
    """With the arguments that it had then."""
    gone = [past.call for past in calls_with_results(context.request) if context.request.tool(past.call.name) is None]
    if not gone:
        raise NotHere("every function that was called earlier is still offered")
    return replace(call, name=gone[-1].name, arguments=gone[-1].arguments)


def _disobeys(reply: Reply, request: ChatRequest) -> bool:
    """Whether the reply, as it was written, already does what the request forbids."""
    choice = request.tool_choice
    if choice.mode == "none":
        return bool(reply.calls)
    named = choice.only if choice.named else None
    return choice.mode == "required" and (
        not reply.calls or any(call.name not in named for call in reply.calls if named)
    )


def _disobedient(reply: Reply | ApiError, context: Context) -> Reply:
    assert isinstance(reply, Reply), "faults of an error's reply are passed over"
    request = context.request
    if _disobeys(reply, request):
        return reply
    choice, tools = request.tool_choice, [tool for tool in request.tools if tool.kind == "function"]
    if choice.mode == "none" and not reply.calls:
        if not tools:
            raise DoesNotApply("no function is offered that could be called in spite of `none`")
        return Reply(calls=(invented_call(context.chance.choice(tools), context),), stream=reply.stream)
    if choice.named and reply.calls:
        others = [tool for tool in tools if tool.name not in (choice.only or ())]
        if others:
            return replace(reply, calls=(invented_call(context.chance.choice(others), context),))
    if choice.mode == "required" and reply.calls:
        return Reply("I can answer that without calling anything.", stream=reply.stream, timing=reply.timing)
    raise NotHere("the request leaves the choice to the model (`tool_choice` is neither none, required nor a name)")


entry(
    "tool_choice_ignored",
    "The reply calls in spite of `none`, says text in spite of `required`, or calls another function than was named.",
    source="DeepSeek-V4 on SGLang, 7 of 7 (sgl-project/sglang#35736); Arize-ai/phoenix#6300",
    robust="Enforce the choice on your own side.",
    needs=(),
    promises=Promises(),
    adapt=lambda function: function,
)(_disobedient)


def as_python(call: ToolCall) -> str:
    """A call as a line of Python."""
    values = values_of(call)
    if values is None:
        return f"{call.name}({call.arguments})"
    return (
        f"{call.name}({', '.join(f'{name}={json.dumps(value, ensure_ascii=False)}' for name, value in values.items())})"
    )
