"""Faults of the arguments' JSON text: truncated, in another notation, or with text around it."""

import json
import re
from dataclasses import replace

from mockserver.chat import Reply, ToolCall
from mockserver.faults import advice
from mockserver.faults.argument_text import (
    TEXT,
    bare,
    cut_arguments,
    is_number,
    on_text,
    one_value,
    plainly,
    varied,
    within_a_text,
)
from mockserver.faults.argument_values import on_any_call, values_of
from mockserver.faults.call_history import leaves
from mockserver.faults.fault import Context, DoesNotApply, Parameter, Promises, one_of
from mockserver.faults.register import Register

_TOKENS = ("<|call|>", "<|im_end|>", "</tool_call>", "\n\nLet me know if you need anything else.")
_LEADING = ("Sure! Here are the arguments: ", "```\n", "arguments = ", "<tool_call>")

entry = Register(
    "args_text",
    "reply",
    needs=("call",),
    promises=Promises(parses="broken"),
    robust=advice.PARSE_STRICTLY,
    adapt=on_text,
)


def _truncated(reply: Reply, context: Context) -> Reply:
    cut: Reply = on_text(lambda text, context: cut_arguments(text, context.chance))(reply, context)
    finish = context.parameters["finish"]
    return cut if finish == "kept" else replace(cut, finish_reason=finish)


entry(
    "truncated_json",
    "The arguments are cut off within a text or an object; the finish reason stays, or says `length`.",
    source="max_tokens in many threads (langchain-ai/langchain-litellm#260, NousResearch/hermes-agent#35151)",
    robust=f"{advice.FINISH_FIRST} {advice.PARSE_STRICTLY}",
    adapt=lambda function: function,
    finish=Parameter("kept", "the finish reason", one_of("kept", "length", "tool_calls", "stop", "content_filter")),
)(_truncated)


@entry(
    "missing_closing_brace",
    "The last closing braces are missing, though the model had finished.",
    source="gpt-oss:20b on deeply nested schemas, 39 % of 150 runs (ollama/ollama#14180)",
)
def missing_closing_brace(text: str, context: Context) -> str:
    """One to three of them."""
    closing = re.search(r"[}\]\s]+$", text)
    braces = [place for place, mark in enumerate(text) if mark in "}]" and closing and place >= closing.start()]
    return text[: braces[-min(len(braces), context.chance.randint(1, 3))]] if braces else text


@entry("trailing_comma", "A comma stands before the closing brace.", source="known from experience")
def trailing_comma(text: str, context: Context) -> str:
    """`{"location": "Paris",}`."""
    body, brace = text.rstrip()[:-1], text.rstrip()[-1:]
    return f"{body.rstrip()},{brace}"


@entry("missing_comma", "A comma between two members is missing.", source="known from experience")
def missing_comma(text: str, context: Context) -> str:
    """Where the object or a list has two members."""
    commas = [match.start() for match in re.finditer(rf"{TEXT.pattern}|,", text) if match[0] == ","]
    if not commas:
        return text
    place = context.chance.choice(commas)
    return text[:place] + text[place + 1 :]


@entry(
    "single_quotes",
    "Single quotes stand where JSON wants double ones.",
    source="ROCm/FastFlowLM#537 (a backtick for a quote)",
)
def single_quotes(text: str, context: Context) -> str:
    """As Python and JavaScript write texts."""
    return TEXT.sub(lambda match: "'" + match[0][1:-1].replace("'", "\\'").replace('\\"', '"') + "'", text)


@entry("unquoted_keys", "The keys have no quotes.", source="known from experience")
def unquoted_keys(text: str, context: Context) -> str:
    """As JavaScript writes objects."""
    return re.sub(r'"((?:[^"\\]|\\.)*)"(\s*:)', r"\1\2", text)


@entry("python_literals", "Values are written as in Python: None, True, False.", source="known from experience")
def python_literals(text: str, context: Context) -> str:
    """In place of JSON's own words; where there is none of them, None stands for one of the values."""
    words = {"true": "True", "false": "False", "null": "None"}
    changed = bare(text, r"\b(true|false|null)\b", lambda match: words[match[0]])
    return changed if changed != text else one_value(text, context.chance, "None")


@entry(
    "nan_infinity",
    "A number is NaN or Infinity, which Python's json takes and JSON does not know.",
    source="measured: LangChain passes nan on",
)
def nan_infinity(text: str, context: Context) -> str:
    """A number where there is one."""
    word = context.chance.choice(("NaN", "Infinity", "-Infinity"))
    numbers = [path for path, value in leaves(json.loads(text)) if is_number(value)]
    return one_value(text, context.chance, word, numbers)


@entry(
    "raw_control_chars",
    "A line break or tab stands unescaped within a text.",
    source="mistralai/mistral-vibe#615; code in arguments, known from experience",
)
def raw_control_chars(text: str, context: Context) -> str:
    """In the middle of a value."""
    return within_a_text(text, context.chance, context.chance.choice(("\n", "\t", "\r\n", "\x07")))


@entry(
    "invalid_escape",
    "A backslash stands before a character that JSON does not escape.",
    source="mistralai/mistral-vibe#615",
)
def invalid_escape(text: str, context: Context) -> str:
    r"""`\d`, `\'`, or `\u12` cut short."""
    return within_a_text(text, context.chance, context.chance.choice((r"\d", r"\'", r"\x41", r"\u12 ")))


@entry(
    "code_fence",
    "A Markdown fence stands around the arguments.",
    source="Llama on Groq, in failed_generation (groq/groq-typescript#28)",
)
def code_fence(text: str, context: Context) -> str:
    """As a block of JSON."""
    return f"```json\n{text}\n```"


@entry("leading_text", "Words or a template token stand before the object.", source="known from experience")
def leading_text(text: str, context: Context) -> str:
    """A polite start."""
    return f"{context.chance.choice(_LEADING)}{text}"


@entry(
    "trailing_text",
    "Words or a template token stand after the object.",
    source="gpt-oss's tokens (ollama/ollama#14180, #12203)",
)
def trailing_text(text: str, context: Context) -> str:
    """What the model went on to say."""
    return text + context.chance.choice(_TOKENS)


@entry(
    "concatenated_objects",
    "Two objects stand back to back: the arguments of two calls in one.",
    source="index 0 for all calls (BerriAI/litellm#33678, su-kaka/gcli2api#406)",
    robust=f"{advice.ACCUMULATE} {advice.PARSE_STRICTLY}",
    adapt=on_any_call,
)
def concatenated_objects(call: ToolCall, context: Context) -> ToolCall:
    """With other values in the second one."""
    values = values_of(call)
    if values is None:
        raise DoesNotApply(f"the arguments of {call.name} are not a JSON object already")
    other = {name: varied(value) for name, value in values.items()} or {"more": True}
    return replace(call, arguments=call.arguments + json.dumps(other, ensure_ascii=False))


@entry(
    "repeated_whole",
    "The text of the arguments stands there twice.",
    source="cumulative or repeated deltas, see the stream faults",
    robust=advice.ACCUMULATE,
)
def repeated_whole(text: str, context: Context) -> str:
    """The very same."""
    return text * 2


@entry(
    "double_encoded",
    "The arguments are a JSON text that holds JSON.",
    source="nested values of Kimi (MoonshotAI/kimi-cli#2513)",
    robust=f"Decode it once more. {advice.VALIDATE}",
)
def double_encoded(text: str, context: Context) -> str:
    """Quoted as a whole."""
    return json.dumps(text, ensure_ascii=False)


@entry("comments", "A comment stands within the object.", source="known from experience")
def comments(text: str, context: Context) -> str:
    """At its beginning or its end."""
    body = text.rstrip()
    forms = (f"{{ // as the user said\n{body[1:]}", f"{body[:-1]} /* as the user said */}}")
    return context.chance.choice(forms)


@entry("json5", "The arguments are JSON5: bare keys, single quotes, a trailing comma.", source="known from experience")
def json5(text: str, context: Context) -> str:
    """All of it together."""
    if not json.loads(text):
        return "{/* nothing */}"
    return trailing_comma(single_quotes(unquoted_keys(text, context), context), context)


@entry("bom_prefix", "A byte order mark stands before the object.", source="known from experience")
def bom_prefix(text: str, context: Context) -> str:
    """U+FEFF."""
    return f"\ufeff{text}"


@entry(
    "not_json",
    "The arguments are code, or key=value.",
    source="gpt-4-turbo with big prompts (run-llama/llama_index#11921)",
)
def not_json(text: str, context: Context) -> str:
    """An assignment a line."""
    values = json.loads(text) or {"run": True}
    return "\n".join(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items())


@entry("xml_arguments", "The arguments are written as XML elements.", source="known from experience")
def xml_arguments(text: str, context: Context) -> str:
    """`<parameter=location>Paris</parameter>`."""
    values = json.loads(text) or {"none": ""}
    return "".join(f"<parameter={name}>{plainly(value)}</parameter>" for name, value in values.items())


@entry("smart_quotes", "Typographic quotes stand in place of straight ones.", source="known from experience")
def smart_quotes(text: str, context: Context) -> str:
    """As word processors set them."""
    return TEXT.sub(lambda match: f"“{match[0][1:-1]}”", text)
