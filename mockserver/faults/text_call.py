"""Calls written as text: the call is in `content`, in one of many markups."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from mockserver.chat import Reply, ToolCall
from mockserver.faults.advice import NO_TEXT_CALLS, ONCE
from mockserver.faults.fault import Context, DoesNotApply, Parameter, Promises, one_of
from mockserver.faults.register import Register

Markup = Callable[[Sequence[ToolCall]], str]


def _instead(markup: Callable[..., str]) -> Callable[[Reply, Context], Reply]:
    """The reply whose calls are all text: nothing structured is left, and it stops as any text does."""

    def written(reply: Reply, context: Context) -> Reply:
        text = markup(_called(reply), **context.parameters)
        before = f"{reply.text}\n" if reply.text else ""
        return replace(reply, text=before + text, calls=(), finish_reason="stop")

    return written


entry = Register("text_call", "reply", needs=("call",), robust=NO_TEXT_CALLS, adapt=_instead)


def _called(reply: Reply) -> Sequence[ToolCall]:
    if not reply.calls:
        raise DoesNotApply("the reply calls no tool")
    return reply.calls


def _values(call: ToolCall) -> dict[str, Any]:
    """A call's arguments by name; text that is not a JSON object, as custom tools take it, is one argument `input`."""
    try:
        found = json.loads(call.arguments)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"input": call.arguments}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _bare(call: ToolCall) -> str:
    return _json({"name": call.name, "arguments": _values(call)})


def _plain(value: Any) -> str:
    """A value as markup shows it: text without quotes."""
    return value if isinstance(value, str) else _json(value)


def _each(calls: Sequence[ToolCall], template: Callable[[ToolCall], str]) -> str:
    return "\n".join([template(call) for call in calls])


@entry(
    "text_hermes_tag",
    "Each call is a JSON object between <tool_call> tags in the content.",
    source="Hermes 4, Qwen2.5-Coder and GLM on Ollama (NousResearch/hermes-agent#742, #35129, #83023)",
)
def _hermes_tag(calls: Sequence[ToolCall]) -> str:
    return _each(calls, lambda call: f"<tool_call>\n{_bare(call)}\n</tool_call>")


@entry(
    "text_hermes_orphan_tag",
    "The <tool_call> markup in the content has lost its opening or its closing tag.",
    source="Hermes 4 (NousResearch/hermes-agent#742)",
    missing=Parameter("closing", "the tag that is missing: opening or closing", one_of("opening", "closing")),
)
def _hermes_orphan_tag(calls: Sequence[ToolCall], missing: str) -> str:
    if missing == "opening":
        return _each(calls, lambda call: f"{_bare(call)}\n</tool_call>")
    return _each(calls, lambda call: f"<tool_call>\n{_bare(call)}")


@entry(
    "text_fenced_json",
    "Each call is a JSON object in a Markdown fence in the content.",
    source="Llama on Groq (groq/groq-typescript#28)",
)
def _fenced_json(calls: Sequence[ToolCall]) -> str:
    return _each(calls, lambda call: f"```json\n{_bare(call)}\n```")


@entry(
    "text_bare_json",
    "Each call is a bare JSON object in the content.",
    source="Qwen2.5-7B-AWQ on vLLM (pyrate-llama/hermes-ui#6)",
)
def _bare_json(calls: Sequence[ToolCall]) -> str:
    return _each(calls, _bare)


@entry(
    "text_pythonic",
    "The calls are a Python list of function calls in the content.",
    source="Llama 4 on the Llama API (meta-llama/llama-api-python#31)",
)
def _pythonic(calls: Sequence[ToolCall]) -> str:
    return f"[{', '.join([_python_call(call) for call in calls])}]"


def _python_call(call: ToolCall) -> str:
    return f"{call.name}({', '.join(f'{key}={_python(value)}' for key, value in _values(call).items())})"


def _python(value: Any) -> str:
    return _json(value) if isinstance(value, str) else repr(value)


@entry(
    "text_function_tag",
    "Each call is a <function=NAME> tag in the content, its arguments as JSON or as <parameter=KEY> tags.",
    source="Llama on Groq and Qwen3-Coder (sipeed/picoclaw#400, NousResearch/hermes-agent#83023)",
    arguments=Parameter("json", "how the arguments are written: json or tags", one_of("json", "tags")),
)
def _function_tag(calls: Sequence[ToolCall], arguments: str) -> str:
    if arguments == "json":
        return _each(calls, lambda call: f"<function={call.name}>{_json(_values(call))}</function>")
    return _each(calls, lambda call: f"<function={call.name}>\n{_parameter_tags(call)}</function>")


def _parameter_tags(call: ToolCall) -> str:
    return "".join(f"<parameter={key}>\n{_plain(value)}\n</parameter>\n" for key, value in _values(call).items())


@entry(
    "text_python_tag",
    "Each call follows the token <|python_tag|> in the content.",
    source="Llama 3.x; known from experience, no report read",
)
def _python_tag(calls: Sequence[ToolCall]) -> str:
    return _each(calls, lambda call: f"<|python_tag|>{call.name}.call({_python_call(call).partition('(')[2]}")


@entry(
    "text_mistral_token",
    "The calls are a JSON list after the token [TOOL_CALLS] in the content.",
    source="Mistral's models; known from experience, no report read",
)
def _mistral_token(calls: Sequence[ToolCall]) -> str:
    return f"[TOOL_CALLS]{_json([{'name': call.name, 'arguments': _values(call)} for call in calls])}"


@entry(
    "text_dsml",
    "The calls are DSML markup in the content; `form` says how sound the markup is.",
    source="DeepSeek V3.2 and V4 on vLLM, SGLang and gateways (sgl-project/sglang#40236, #35736, "
    "vllm-project/vllm#54686, cline/cline#13348: about one run in four, TokenRhythm/opensquilla#985)",
    form=Parameter(
        "whole",
        "whole, ascii (ASCII bars), doubled (the bar ‖), unwrapped, or unterminated",
        one_of("whole", "ascii", "doubled", "unwrapped", "unterminated"),
    ),
)
def _dsml(calls: Sequence[ToolCall], form: str) -> str:
    bar = {"ascii": "|", "doubled": "‖"}.get(form, "｜")
    mark = f"{bar}DSML{bar}"
    invoked = "".join([_dsml_call(call, mark) for call in calls])
    if form == "unwrapped":
        return invoked
    closing = "" if form == "unterminated" else f"</{mark}tool_calls>"
    return f"<{mark}tool_calls>\n{invoked}{closing}"


def _dsml_call(call: ToolCall, mark: str) -> str:
    parameters = "".join(
        f'<{mark}parameter name="{key}" string="{_json(isinstance(value, str))}">{_plain(value)}</{mark}parameter>\n'
        for key, value in _values(call).items()
    )
    return f'<{mark}invoke name="{call.name}">\n{parameters}</{mark}invoke>\n'


@entry(
    "text_anthropic_xml",
    "Each call is an <invoke> element in the content, as Anthropic's models and MiniMax's write it.",
    source="MiniMax M2.7 on NVIDIA NIM (NousResearch/hermes-agent#29115, #27834)",
    wrapper=Parameter("none", "what stands around it: none or minimax", one_of("none", "minimax")),
)
def _anthropic_xml(calls: Sequence[ToolCall], wrapper: str) -> str:
    invoked = _each(calls, _invoke)
    return invoked if wrapper == "none" else f"<minimax:tool_call>\n{invoked}\n</minimax:tool_call>"


def _invoke(call: ToolCall) -> str:
    parameters = "".join(
        f'<parameter name="{key}">{_plain(value)}</parameter>\n' for key, value in _values(call).items()
    )
    return f'<invoke name="{call.name}">\n{parameters}</invoke>'


@entry(
    "text_kimi_tokens",
    "Each call stands between Kimi's own template tokens in the content.",
    source="Kimi K2 (NousResearch/hermes-agent#35129)",
)
def _kimi_tokens(calls: Sequence[ToolCall]) -> str:
    begin, argument, end = "<|tool_call_begin|>", "<|tool_call_argument_begin|>", "<|tool_call_end|>"
    return "\n".join(
        [
            f"{begin}functions.{call.name}:{index}{argument}{_json(_values(call))}{end}"
            for index, call in enumerate(calls)
        ]
    )


@entry(
    "text_harmony",
    "Each call is a message of the harmony format in the content, with its channel tokens.",
    source="gpt-oss on vLLM (vllm-project/vllm#32587)",
)
def _harmony(calls: Sequence[ToolCall]) -> str:
    def message(call: ToolCall) -> str:
        head = f"<|channel|>commentary to=functions.{call.name} <|constrain|>json"
        return f"{head}<|message|>{_json(_values(call))}<|call|>"

    return _each(calls, message)


@entry(
    "text_react",
    "Each call is a pair of lines Action and Action Input in the content.",
    source="agents of the ReAct kind; known from experience, no report read",
)
def _react(calls: Sequence[ToolCall]) -> str:
    return _each(calls, lambda call: f"Action: {call.name}\nAction Input: {_json(_values(call))}")


@entry(
    "text_bracket_tag",
    "Each call stands between [TOOL_CALL] tags in the content, written with arrows.",
    source="NousResearch/hermes-agent#11994",
)
def _bracket_tag(calls: Sequence[ToolCall]) -> str:
    def tagged(call: ToolCall) -> str:
        return f'[TOOL_CALL]{{tool => "{call.name}", args => {_json(_values(call))}}}[/TOOL_CALL]'

    return _each(calls, tagged)


@entry(
    "text_narrated_call",
    "The content tells of the calls in a sentence, and nothing is called.",
    source="NousResearch/hermes-agent#27834",
)
def _narrated_call(calls: Sequence[ToolCall]) -> str:
    return _each(calls, lambda call: f"[Calling tool: {call.name} with arguments {_json(_values(call))}]")


@entry(
    "text_and_structured",
    "The same calls stand in the content and in `tool_calls`.",
    source="known from experience, no report read; who reads both runs everything twice",
    robust=f"{NO_TEXT_CALLS} {ONCE}",
    adapt=lambda function: function,
)
def _and_structured(reply: Reply, context: Context) -> Reply:
    before = f"{reply.text}\n" if reply.text else ""
    return replace(reply, text=before + _hermes_tag(_called(reply)))


@entry(
    "structured_with_text_leak",
    "The call is structured but has `{}`, while its arguments are in the content.",
    source="DeepSeek V4 (cline/cline#13348)",
    promises=Promises(validates="open"),
    adapt=lambda function: function,
)
def _text_leak(reply: Reply, context: Context) -> Reply:
    leaking = [call for call in _called(reply) if _values(call)]
    if not leaking:
        raise DoesNotApply("no call of the reply has any arguments that could leak")
    before = f"{reply.text}\n" if reply.text else ""
    text = before + "\n".join([_json(_values(call)) for call in leaking])
    return replace(reply, text=text, calls=[replace(call, arguments="{}") for call in reply.calls])
