"""Faults of the arguments' JSON text: empty, not an object, or JSON that harms a careless parser."""

import json

from mockserver.chat import ToolCall
from mockserver.faults import advice
from mockserver.faults.argument_text import (
    TEXT,
    is_number,
    on_text,
    one_value,
    varied,
    with_member,
    within_a_text,
)
from mockserver.faults.argument_values import values_of
from mockserver.faults.call_history import leaves
from mockserver.faults.fault import MOST_LEVELS, Context, DoesNotApply, Parameter, Promises, positive, whole_number
from mockserver.faults.parts import CallParts
from mockserver.faults.register import Register
from mockserver.faults.wire_layers import on_one_function

_STILL_JSON = Promises(validates="open")

entry = Register(
    "args_text",
    "reply",
    needs=("call",),
    promises=Promises(parses="broken"),
    robust=advice.PARSE_STRICTLY,
    adapt=on_text,
)


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
def arguments_json_null(call: CallParts, context: Context) -> None:
    """On the wire itself."""
    call.arguments.set(None)


@entry(
    "arguments_missing",
    "There is no `arguments` at all.",
    source="known from experience",
    robust=_NOTHING_SEEN,
    layer="body",
    promises=_UNTYPED,
    adapt=on_one_function,
)
def arguments_missing(call: CallParts, context: Context) -> None:
    """The key is gone."""
    call.arguments.delete()


@entry(
    "arguments_as_object",
    "`arguments` is an object in place of the text of one.",
    source="LiteLLM's streams of ollama_chat (BerriAI/litellm#37792), HF inference (openai/openai-agents-python#227)",
    robust=f"Take the object as it is and log it, or: {advice.FAILED}",
    layer="body",
    promises=Promises(types="broken", parses="broken"),
    adapt=on_one_function,
)
def arguments_as_object(call: CallParts, context: Context) -> None:
    """Decoded once too often."""
    values = values_of(ToolCall("", call.text))
    if values is None:
        raise DoesNotApply("the arguments are not a JSON object already")
    call.arguments.set(values)


@entry(
    "non_object_json",
    "The arguments are JSON, but not an object: a list, a number, a text, true.",
    source="langchain-ai/langchain#35997",
    robust=advice.VALIDATE,
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
    letters = [
        match.start() + place
        for match in TEXT.finditer(text)
        for place, mark in enumerate(match[0])
        if mark.isalpha() and "\\" not in match[0]
    ]
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
    levels=Parameter(3_000, "how deep", whole_number(1, MOST_LEVELS)),
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
    robust=advice.FINISH_FIRST,
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
    robust=advice.FINISH_FIRST,
    count=Parameter(500, "how many times", positive),
)
def repeated_token_flood(text: str, context: Context) -> str:
    """Within the last text."""
    place = text.rfind('"', 0, text.rstrip().rfind('"')) if text.count('"') > 1 else -1
    head = text[: place + 1] if place > 0 else '{"items": ["'
    return f"{head}{'and ' * context.parameters['count']}"
