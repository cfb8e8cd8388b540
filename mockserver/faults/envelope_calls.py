"""What stands around a call goes wrong: its id, its type, the list that holds it."""

from collections.abc import Iterator
from typing import Any

from mockserver.faults.body import JsonObject, calling, calls, messages, on_a_copy
from mockserver.faults.fault import Context, DoesNotApply, Promises
from mockserver.faults.parameters import Parameter, one_of, positive, text
from mockserver.faults.register import Register
from mockserver.faults.robust import ONCE

_OWN_IDS = "Give the call an id of your own, on both sides: in the assistant's message and in the tool's."
_OPAQUE = "Take an id for an opaque string."
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

entry = Register("envelope", "body", needs=("call",), adapt=on_a_copy)


@entry(
    "duplicate_ids",
    "Two calls of a reply have the same id.",
    needs=("several calls",),
    promises=Promises(ids="broken"),
    source="Kimi Coding's Anthropic-style endpoint (HKUDS/nanobot#4473); DeepSeek and GLM (HKUDS/nanobot#3943)",
    robust=f"{_OWN_IDS} The API refuses the next request otherwise.",
)
def _duplicate_ids(body: JsonObject, context: Context) -> None:
    for choice in calling(body):
        first, *others = choice["message"]["tool_calls"]
        if not others:
            raise DoesNotApply("the reply has a single call")
        context.chance.choice(others)["id"] = first["id"]


@entry(
    "id_reused_across_turns",
    "A call has the id of a call of an earlier turn.",
    needs=("call", "conversation"),
    source="qwen-code#5038: side effects ran again and again",
    robust=f"{_OWN_IDS} {ONCE}",
)
def _id_reused_across_turns(body: JsonObject, context: Context) -> None:
    earlier = [call.id for message in context.request.messages for call in message.tool_calls if call.id]
    if not earlier:
        raise DoesNotApply("no earlier turn of the conversation called a tool")
    calls(body, context)[0]["id"] = earlier[-1]


@entry(
    "missing_id",
    "The calls have no id.",
    promises=Promises(ids="broken", types="open"),
    source="seen to be passed on as None by the openai SDK and by LangChain",
    robust=_OWN_IDS,
)
def _missing_id(body: JsonObject, context: Context) -> None:
    for call in calls(body, context):
        del call["id"]


@entry(
    "null_id",
    "The id of the calls is null.",
    promises=Promises(ids="broken", types="open"),
    source="seen to be passed on as None by the openai SDK and by LangChain",
    robust=_OWN_IDS,
)
def _null_id(body: JsonObject, context: Context) -> None:
    for call in calls(body, context):
        call["id"] = None


@entry(
    "empty_id",
    "The id of the calls is an empty string.",
    promises=Promises(ids="broken"),
    source="recorded from gemini-2.5-pro's OpenAI-compatible endpoint",
    robust=_OWN_IDS,
)
def _empty_id(body: JsonObject, context: Context) -> None:
    for call in calls(body, context):
        call["id"] = ""


@entry(
    "overlong_id",
    "The ids are longer than the 40 characters that the API takes back.",
    source="vercel/ai#5171, NousResearch/hermes-agent#73492: a session that can never go on",
    robust="Shorten the id on both sides before it goes back.",
    length=Parameter(80, "the characters of an id", positive),
)
def _overlong_id(body: JsonObject, context: Context) -> None:
    for call in calls(body, context):
        missing = context.parameters["length"] - len(call["id"])
        call["id"] = (call["id"] + _drawn(context, _LETTERS, missing))[: context.parameters["length"]]


@entry(
    "foreign_id_style",
    "The ids look like those of another provider.",
    source="Kimi writes name:number; Mistral wants nine characters; Anthropic's begin with toolu_",
    robust=_OPAQUE,
    style=Parameter(
        "anthropic",
        "whose ids: anthropic, kimi, mistral, uuid or number",
        one_of("anthropic", "kimi", "mistral", "uuid", "number"),
    ),
)
def _foreign_id_style(body: JsonObject, context: Context) -> None:
    taken: set[str] = set()
    for place, call in enumerate(calls(body, context)):
        styled = _foreign(context, _name(call), place)
        while styled in taken:
            styled = _foreign(context, _name(call), place)
        taken.add(styled)
        call["id"] = styled


def _foreign(context: Context, name: str, place: int) -> str:
    match context.parameters["style"]:
        case "kimi":
            return f"functions.{name}:{place}"
        case "mistral":
            return _drawn(context, _LETTERS, 9)
        case "uuid":
            digits = _drawn(context, "0123456789abcdef", 30)
            return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-a{digits[15:18]}-{digits[18:]}"
        case "number":
            return f"{context.chance.randrange(10**8, 10**9)}"
    return f"toolu_01{_drawn(context, _LETTERS, 22)}"


def _drawn(context: Context, letters: str, count: int) -> str:
    return "".join(context.chance.choices(letters, k=max(count, 0)))


def _name(call: JsonObject) -> Any:
    return (call.get("function") or call.get("custom") or {}).get("name")


@entry(
    "missing_type",
    "The calls do not say their type.",
    promises=Promises(types="open"),
    source="recorded from Mistral's endpoint",
    robust="Take a call without a type for a function call.",
)
def _missing_type(body: JsonObject, context: Context) -> None:
    typed = [call for call in calls(body, context) if "type" in call]
    if not typed:
        raise DoesNotApply("the calls do not say their type already")
    for call in typed:
        del call["type"]


@entry(
    "wrong_type",
    "The type of the calls is a word that the API does not have.",
    promises=Promises(types="broken"),
    source="known from experience, no report read",
    robust="Take a call that has a `function` for a function call.",
    type=Parameter("tool_call", "the word", text),
)
def _wrong_type(body: JsonObject, context: Context) -> None:
    for call in calls(body, context):
        call["type"] = context.parameters["type"]


@entry(
    "legacy_function_call",
    "The call comes as `function_call`, the form before `tool_calls`.",
    source="old servers; known from experience, no report read",
    robust="Accept both forms.",
)
def _legacy_function_call(body: JsonObject, context: Context) -> None:
    for choice in calling(body):
        message = choice["message"]
        if len(message["tool_calls"]) > 1:
            raise DoesNotApply("the old form holds one call, and the reply has several")
        call = message["tool_calls"][0]
        if "function" not in call:
            raise DoesNotApply("the old form holds functions only, and the reply calls a custom tool")
        del message["tool_calls"]
        message["function_call"] = call["function"]
        choice["finish_reason"] = "function_call"


def _texts(body: JsonObject) -> Iterator[JsonObject]:
    """The messages without a call."""
    found = [message for message in messages(body) if not message.get("tool_calls")]
    if not found:
        raise DoesNotApply("the reply calls a tool, and this is a list without calls")
    yield from found


@entry(
    "empty_tool_calls_list",
    "A reply without calls has an empty list of them.",
    needs=(),
    source="seen to be harmless for three clients; Argo's gateway",
    robust="Test whether there are calls, not whether there is a list.",
)
def _empty_tool_calls_list(body: JsonObject, context: Context) -> None:
    for message in _texts(body):
        message["tool_calls"] = []


@entry(
    "null_tool_calls",
    "A reply without calls has null for the list of them.",
    needs=(),
    source="seen to be harmless for three clients; Argo's gateway",
    robust="Test whether there are calls, not whether there is a list.",
)
def _null_tool_calls(body: JsonObject, context: Context) -> None:
    for message in _texts(body):
        message["tool_calls"] = None
