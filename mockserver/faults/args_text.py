"""Faults of the text of arguments: it is no JSON, not an object, or JSON that hurts whoever takes it as it comes."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mockserver.chat import Reply, ToolCall
from mockserver.faults import robust
from mockserver.faults.arguments import on_any_call
from mockserver.faults.body import on_one_function
from mockserver.faults.conversation import leaves, values_of
from mockserver.faults.cutting import cut_arguments
from mockserver.faults.fault import Apply, Context, DoesNotApply, Promises
from mockserver.faults.json_text import (
    TEXT,
    bare,
    is_number,
    one_value,
    outside,
    plainly,
    varied,
    with_member,
    within_a_text,
)
from mockserver.faults.parameters import Parameter, one_of, positive
from mockserver.faults.register import Register

_STILL_JSON = Promises(validates="open")
_TOKENS = ("<|call|>", "<|im_end|>", "</tool_call>", "\n\nLet me know if you need anything else.")
_LEADING = ("Sure! Here are the arguments: ", "```\n", "arguments = ", "<tool_call>")


def on_text(strike: Callable[[str, Context], str]) -> Apply:
    """For a fault of the text of one call's arguments; one that leaves the text as it is does not apply."""

    def struck(call: ToolCall, context: Context) -> ToolCall:
        if values_of(call) is None:
            raise DoesNotApply(f"the arguments of {call.name} are not a JSON object already")
        text = strike(call.arguments, context)
        if text == call.arguments:
            raise DoesNotApply(
                f"the arguments of {call.name} hold nothing that could be written so: {call.arguments:.60}"
            )
        return replace(call, arguments=text)

    return on_any_call(struck)


entry = Register(
    "args_text",
    "reply",
    needs=("call",),
    promises=Promises(parses="broken"),
    robust=robust.PARSE_STRICTLY,
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
    robust=f"{robust.FINISH_FIRST} {robust.PARSE_STRICTLY}",
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
    commas = [
        match.start()
        for match in re.finditer(r',(?=(?:[^"\\]|\\.|"(?:[^"\\]|\\.)*")*$)', text)
        if outside(text, match.start())
    ]
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
    robust=f"{robust.ACCUMULATE} {robust.PARSE_STRICTLY}",
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
    robust=robust.ACCUMULATE,
)
def repeated_whole(text: str, context: Context) -> str:
    """The very same."""
    return text * 2


@entry(
    "double_encoded",
    "The arguments are a JSON text that holds JSON.",
    source="nested values of Kimi (MoonshotAI/kimi-cli#2513)",
    robust=f"Decode it once more. {robust.VALIDATE}",
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


_NOTHING_SEEN = "Take it for `{}` if the tool requires nothing; otherwise refuse it as invalid."


@entry(
    "empty_arguments",
    'The text of the arguments is "".',
    source=(
        'Claude through Bedrock and gateways, for tools without arguments; OpenAI sends "" and then {} '
        "(Kilo-Org/cloud#4753); openai/openai-agents-js#664, langchain-ai/langchainjs#11383"
    ),
    robust=_NOTHING_SEEN,
)
def empty_arguments(text: str, context: Context) -> str:
    """Nothing at all."""
    return ""


@entry(
    "blank_arguments",
    "The text of the arguments is white space.",
    source="getomnico/omni#402; clients differ (measured)",
    robust=_NOTHING_SEEN,
)
def blank_arguments(text: str, context: Context) -> str:
    """One kind or another."""
    return str(context.chance.choice(("  ", "\n", " \t\n")))


@entry(
    "null_text_arguments",
    "The text of the arguments is `null`.",
    source="Groq, for tools without arguments (langchain-ai/langchain#33896)",
    robust=_NOTHING_SEEN,
)
def null_text_arguments(text: str, context: Context) -> str:
    """JSON, but no object."""
    return "null"


_UNTYPED = Promises(parses="broken", types="open")


@entry(
    "arguments_json_null",
    "`arguments` is null in place of a text.",
    source="llama-stack (ogx-ai/ogx#3456)",
    robust=_NOTHING_SEEN,
    layer="body",
    promises=_UNTYPED,
    adapt=on_one_function,
)
def arguments_json_null(function: dict[str, Any], context: Context) -> dict[str, Any]:
    """On the wire itself."""
    return {**function, "arguments": None}


@entry(
    "arguments_missing",
    "There is no `arguments` at all.",
    source="known from experience",
    robust=_NOTHING_SEEN,
    layer="body",
    promises=_UNTYPED,
    adapt=on_one_function,
)
def arguments_missing(function: dict[str, Any], context: Context) -> dict[str, Any]:
    """The key is gone."""
    return {name: value for name, value in function.items() if name != "arguments"}


@entry(
    "arguments_as_object",
    "`arguments` is an object in place of the text of one.",
    source="LiteLLM's streams of ollama_chat (BerriAI/litellm#37792), HF inference (openai/openai-agents-python#227)",
    robust=f"Take the object as it is and log it, or: {robust.FAILED}",
    layer="body",
    promises=Promises(types="broken", parses="broken"),
    adapt=on_one_function,
)
def arguments_as_object(function: dict[str, Any], context: Context) -> dict[str, Any]:
    """Decoded once too often."""
    values = values_of(ToolCall("", function["arguments"]))
    if values is None:
        raise DoesNotApply("the arguments are not a JSON object already")
    return {**function, "arguments": values}


@entry(
    "non_object_json",
    "The arguments are JSON, but not an object: a list, a number, a text, true.",
    source="langchain-ai/langchain#35997",
    robust=robust.VALIDATE,
)
def non_object_json(text: str, context: Context) -> str:
    """One or another."""
    return context.chance.choice(("[]", "7", '"x"', "true", '["Paris"]'))


@entry(
    "duplicate_keys",
    "A key stands in the object twice, with different values; most readers silently take the last.",
    source="measured: both the official SDK's users and LangChain take the last",
    robust="Refuse it before anything acts on the world.",
    promises=_STILL_JSON,
)
def duplicate_keys(text: str, context: Context) -> str:
    """The last one is another."""
    values = json.loads(text)
    if not values:
        return text
    name = context.chance.choice(list(values))
    other = json.dumps({name: varied(values[name])}, ensure_ascii=False)[1:-1]
    return f"{text.rstrip()[:-1]}, {other}}}"


@entry(
    "lone_surrogate",
    "Half of a surrogate pair stands within a text.",
    source="PostgreSQL's 22P05 (THU-MAIC/OpenMAIC#1493)",
    robust="Clean texts at the one place where they enter the application.",
    promises=_STILL_JSON,
)
def lone_surrogate(text: str, context: Context) -> str:
    """As an escape."""
    return within_a_text(text, context.chance, r"\ud83d")


@entry(
    "nul_char",
    "A NUL stands within a text.",
    source="PostgreSQL refuses it (THU-MAIC/OpenMAIC#1493, onyx-dot-app/onyx#8177)",
    robust="Clean texts at the one place where they enter the application.",
    promises=_STILL_JSON,
)
def nul_char(text: str, context: Context) -> str:
    """As an escape."""
    return within_a_text(text, context.chance, r"\u0000")


@entry(
    "mojibake",
    "A text was read in the wrong encoding: `MÃ¼nchen`.",
    source="known from experience",
    robust="Notice it, and ask again.",
    promises=_STILL_JSON,
)
def mojibake(text: str, context: Context) -> str:
    """Where a text has a letter outside ASCII; otherwise one is put in."""
    broken = "".join(mark.encode().decode("latin-1") if ord(mark) > 127 else mark for mark in text)
    safe = "".join(mark for mark in broken if mark.isprintable())
    return safe if safe != text else within_a_text(text, context.chance, "Ã¼")


@entry(
    "escaped_unicode",
    "Every letter outside ASCII is written as an escape; the values are the same.",
    source="known from experience",
    robust="Accept it: it is the same text.",
    promises=Promises(),
)
def escaped_unicode(text: str, context: Context) -> str:
    """Where there is none outside, one letter within."""
    escaped = "".join(mark if ord(mark) < 128 else json.dumps(mark)[1:-1] for mark in text)
    if escaped != text:
        return escaped
    letters = [match.start() for match in re.finditer(r"[A-Za-z]", text) if not outside(text, match.start())]
    letters = [place for place in letters if text[place - 1] != "\\"]
    if not letters:
        return text
    place = context.chance.choice(letters)
    return f"{text[:place]}\\u{ord(text[place]):04x}{text[place + 1 :]}"


@entry(
    "huge_arguments",
    "The arguments are a megabyte and more.",
    source="1,048,576 characters are the most that a request may hold (UKGovernmentBEIS/inspect_ai#4683)",
    robust="Cap what you take, and what goes back into the history.",
    promises=_STILL_JSON,
    size=Parameter(1_100_000, "how many characters are added", positive),
)
def huge_arguments(text: str, context: Context) -> str:
    """In one value."""
    return within_a_text(text, context.chance, "lorem ipsum " * (context.parameters["size"] // 12 + 1))


@entry(
    "deep_nesting",
    "A value is nested thousands of levels deep.",
    source="measured: 3,000 levels end the Vercel AI SDK with a RangeError",
    robust="Bound the depth before anything walks through it.",
    promises=Promises(parses="open", validates="open"),
    levels=Parameter(3_000, "how deep", positive),
)
def deep_nesting(text: str, context: Context) -> str:
    """One more member of the object."""
    levels = context.parameters["levels"]
    return with_member(text, "details", '{"a":' * levels + "1" + "}" * levels)


@entry(
    "big_number",
    "A number is larger than what a double holds exactly, or at all.",
    source="20-digit ids (langchain-ai/langchain#30145)",
    robust="Keep it as text.",
    promises=_STILL_JSON,
)
def big_number(text: str, context: Context) -> str:
    """A number where there is one."""
    big = context.chance.choice(("12345678901234567890", "9007199254740993", "123456789012345678901234567890"))
    numbers = [path for path, value in leaves(json.loads(text)) if is_number(value)]
    return one_value(text, context.chance, big, numbers)


@entry(
    "whitespace_flood",
    "White space follows without end, until the limit of tokens.",
    source="JSON mode and small models, known from experience",
    robust=robust.FINISH_FIRST,
    count=Parameter(2_000, "how many characters", positive),
)
def whitespace_flood(text: str, context: Context) -> str:
    """In place of the closing brace."""
    flood = "\n\t" * context.parameters["count"]
    return f"{text.rstrip()[:-1]}{flood[: context.parameters['count']]}"


@entry(
    "repeated_token_flood",
    "One token or item is repeated without end, until the limit of tokens.",
    source="known from experience",
    robust=robust.FINISH_FIRST,
    count=Parameter(500, "how many times", positive),
)
def repeated_token_flood(text: str, context: Context) -> str:
    """Within the last text."""
    place = text.rfind('"', 0, text.rstrip().rfind('"')) if text.count('"') > 1 else -1
    head = text[: place + 1] if place > 0 else '{"items": ["'
    return f"{head}{'and ' * context.parameters['count']}"
