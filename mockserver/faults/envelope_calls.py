"""Envelope faults of a call: its id and its type."""

from collections.abc import Sequence

from mockserver.faults.advice import ONCE
from mockserver.faults.fault import Context, DoesNotApply, Parameter, Promises, one_of, positive, text
from mockserver.faults.parts import BodyParts, CallParts, Slot
from mockserver.faults.register import Register
from mockserver.faults.wire_layers import answers_with_calls, on_body, on_calls, required

_OWN_IDS = "Give the call an id of your own, on both sides: in the assistant's message and in the tool's."
_OPAQUE = "Take an id for an opaque string."
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

entry = Register("envelope", "body", needs=("call",), adapt=on_calls)


def _id(call: CallParts) -> Slot:
    """Where the id of a call stands."""
    return required(call.id, "ids of calls")


@entry(
    "duplicate_ids",
    "Two calls of a reply have the same id.",
    needs=("several calls",),
    adapt=on_body,
    promises=Promises(ids="broken"),
    source="Kimi Coding's Anthropic-style endpoint (HKUDS/nanobot#4473); DeepSeek and GLM (HKUDS/nanobot#3943)",
    robust=f"{_OWN_IDS} The API refuses the next request otherwise.",
)
def _duplicate_ids(parts: BodyParts, context: Context) -> None:
    for answer in answers_with_calls(parts):
        first, *others = answer.calls
        if not others:
            raise DoesNotApply("the reply has a single call")
        if not _id(first).present:
            raise DoesNotApply("the calls have no ids that could be the same")
        _id(context.chance.choice(others)).set(_id(first).get())


@entry(
    "id_reused_across_turns",
    "A call has the id of a call of an earlier turn.",
    needs=("call", "conversation"),
    source="qwen-code#5038: side effects ran again and again",
    robust=f"{_OWN_IDS} {ONCE}",
)
def _id_reused_across_turns(calls: Sequence[CallParts], context: Context) -> None:
    earlier = [call.id for message in context.request.messages for call in message.tool_calls if call.id]
    if not earlier:
        raise DoesNotApply("no earlier turn of the conversation called a tool")
    _id(calls[0]).set(earlier[-1])


@entry(
    "missing_id",
    "The calls have no id.",
    promises=Promises(ids="broken", types="open"),
    source="seen to be passed on as None by the openai SDK and by LangChain",
    robust=_OWN_IDS,
)
def _missing_id(calls: Sequence[CallParts], context: Context) -> None:
    for call in calls:
        _id(call).delete()


@entry(
    "null_id",
    "The id of the calls is null.",
    promises=Promises(ids="broken", types="open"),
    source="seen to be passed on as None by the openai SDK and by LangChain",
    robust=_OWN_IDS,
)
def _null_id(calls: Sequence[CallParts], context: Context) -> None:
    for call in calls:
        _id(call).set(None)


@entry(
    "empty_id",
    "The id of the calls is an empty string.",
    promises=Promises(ids="broken"),
    source="recorded from gemini-2.5-pro's OpenAI-compatible endpoint",
    robust=_OWN_IDS,
)
def _empty_id(calls: Sequence[CallParts], context: Context) -> None:
    for call in calls:
        _id(call).set("")


@entry(
    "overlong_id",
    "The ids are longer than the 40 characters that the API takes back.",
    source="vercel/ai#5171, NousResearch/hermes-agent#73492: a session that can never go on",
    robust="Shorten the id on both sides before it goes back.",
    length=Parameter(80, "the characters of an id", positive),
)
def _overlong_id(calls: Sequence[CallParts], context: Context) -> None:
    for call in calls:
        own, length = _id(call).get() or "", context.parameters["length"]
        _id(call).set((own + _drawn(context, _LETTERS, length - len(own)))[:length])


@entry(
    "foreign_id_style",
    "The ids look like those of another provider.",
    source="Kimi writes name:number; Mistral wants nine characters; Anthropic's begin with toolu_",
    robust=_OPAQUE,
    style=Parameter(
        "anthropic",
        "whose ids: anthropic (in Messages OpenAI's), kimi, mistral, uuid or number",
        one_of("anthropic", "kimi", "mistral", "uuid", "number"),
    ),
)
def _foreign_id_style(calls: Sequence[CallParts], context: Context) -> None:
    taken: set[str] = set()
    for place, call in enumerate(calls):
        styled = _foreign(context, call.name.get(), place)
        while styled in taken:
            styled = _foreign(context, call.name.get(), place)
        taken.add(styled)
        _id(call).set(styled)


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
    if context.request.api == "messages":
        # There these are the API's own.
        return f"call_{_drawn(context, _LETTERS, 24)}"
    return f"toolu_01{_drawn(context, _LETTERS, 22)}"


def _drawn(context: Context, letters: str, count: int) -> str:
    return "".join(context.chance.choices(letters, k=max(count, 0)))


@entry(
    "missing_type",
    "The calls do not say their type.",
    promises=Promises(types="open"),
    source="recorded from Mistral's endpoint",
    robust="Take a call without a type for a function call.",
)
def _missing_type(calls: Sequence[CallParts], context: Context) -> None:
    typed = [call.type for call in calls if call.type is not None and call.type.present]
    if not typed:
        raise DoesNotApply("the calls do not say their type already")
    for kind in typed:
        kind.delete()


@entry(
    "wrong_type",
    "The type of the calls is a word that the API does not have.",
    promises=Promises(types="broken"),
    source="known from experience, no report read",
    robust="Take a call that has a `function` for a function call.",
    type=Parameter("tool_call", "the word", text),
)
def _wrong_type(calls: Sequence[CallParts], context: Context) -> None:
    for call in calls:
        required(call.type, "types of calls").set(context.parameters["type"])
