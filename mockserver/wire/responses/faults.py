"""Faults that exist in the Responses API alone: ids of items, sequence numbers, the terminal object, how it fails."""

from copy import deepcopy
from typing import Any

from mockserver.chat import ApiError, Reply
from mockserver.faults.advice import FAILED, FINISH_FIRST
from mockserver.faults.fault import Context, DoesNotApply, Parameter, Promises, text
from mockserver.faults.parts import BodyParts, Events
from mockserver.faults.register import Register
from mockserver.faults.wire_layers import Steps, events_of, on_body, other_events
from mockserver.steps import Step
from mockserver.wire.responses.events import ARGUMENTS, DELTAS, TERMINAL

JsonObject = dict[str, Any]

API = "Responses"
_BY_CALL_ID = "Tell calls apart by `output_index` or `call_id`, not by the id of the item."
_UNNUMBERED = "Take events in the order in which they come; numbers only help to go on after a lost connection."
_TRUST_ITEMS = "Build the answer from the items as they are done, and compare it with the terminal object."
_MESSAGE = "The server had an error while processing your request. Sorry about that!"


def on_numbered(change: Any) -> Any:
    """A fault of the events that keeps the sequence numbers which it gives them."""
    return lambda events, context: change([deepcopy(event) for event in events], context)


of_reply = Register("envelope", "reply", api=API)
of_body = Register("envelope", "body", adapt=on_body, api=API)
of_events = Register("stream", "chunks", needs=("stream",), adapt=on_numbered, api=API)
of_steps = Register("stream", "steps", needs=("stream",), api=API)

REGISTERS = (of_reply, of_body, of_events, of_steps)
"""What the catalogue takes up."""


def _calls(output: Any) -> list[JsonObject]:
    found = [item for item in output if item.get("type") in ARGUMENTS]
    if len(found) < 2:
        raise DoesNotApply("it needs two calls in a reply")
    return found


@of_body(
    "item_id_duplicate",
    "All calls have the item id of the first one; their call ids differ.",
    needs=("several calls",),
    source="seen to make two clients lose calls of a stream",
    robust=_BY_CALL_ID,
)
def _item_id_duplicate(parts: BodyParts, context: Context) -> None:
    first, *others = _calls(parts.body["output"])
    for item in others:
        item["id"] = first["id"]


@of_body(
    "item_id_missing",
    "The calls have no item id; their call ids are there.",
    needs=("call",),
    promises=Promises(types="open"),
    source="seen to make two clients lose calls of a stream",
    robust=_BY_CALL_ID,
)
def _item_id_missing(parts: BodyParts, context: Context) -> None:
    for item in parts.body["output"]:
        if item.get("type") in ARGUMENTS:
            item.pop("id", None)


@of_body(
    "status_incomplete",
    "The response says that it is incomplete, though everything is there.",
    source="seen: two clients run the calls all the same, one refuses the response",
    robust=FINISH_FIRST,
    reason=Parameter("max_output_tokens", "the reason: max_output_tokens or content_filter", text),
)
def _status_incomplete(parts: BodyParts, context: Context) -> None:
    if parts.body.get("status") == "incomplete":
        raise DoesNotApply("the response is incomplete already")
    parts.body["status"] = "incomplete"
    parts.body["incomplete_details"] = {"reason": context.parameters["reason"]}


@of_body(
    "response_failed",
    "The response has failed: status `failed`, an error inside the object, no output; the HTTP status is 200.",
    promises=Promises(complete="broken"),
    source="recorded by vercel/ai from OpenAI",
    robust=FAILED,
    code=Parameter("server_error", "the code of the error", text),
    message=Parameter(_MESSAGE, "its text", text),
)
def _response_failed(parts: BodyParts, context: Context) -> None:
    error = {"code": context.parameters["code"], "message": context.parameters["message"]}
    parts.body.update(status="failed", error=error, output=[], usage=None, completed_at=None)


@of_reply(
    "previous_response_not_found",
    "The server does not know the response that the request goes on from: 400 `previous_response_not_found`.",
    promises=Promises(types="open", complete="open"),
    source="OpenAI's own error after a response was deleted or not stored",
    robust="Send the whole conversation again, without `previous_response_id`.",
)
def _previous_response_not_found(reply: Reply, context: Context) -> ApiError:
    text = "Previous response with id 'resp_gone' not found."
    return ApiError(400, text, param="previous_response_id", code="previous_response_not_found")


@of_events(
    "item_id_rotates",
    "Every event of an item has another item id.",
    source="GitHub Copilot, recorded by vercel/ai",
    robust=_BY_CALL_ID,
)
def _item_id_rotates(events: Events, context: Context) -> Events:
    rotated = [event for event in events if "item_id" in event]
    if not rotated:
        raise DoesNotApply("no event names its item")
    for event in rotated:
        event["item_id"] = f"{event['item_id'][:-4]}{context.chance.randrange(16**4):04x}"
    return events


@of_events(
    "sequence_gap",
    "A sequence number is left out: from there on all are one too high.",
    source="known from experience, no report read",
    robust=_UNNUMBERED,
)
def _sequence_gap(events: Events, context: Context) -> Events:
    for event in events[context.chance.randrange(1, len(events)) :]:
        event["sequence_number"] += 1
    return events


@of_events(
    "sequence_missing",
    "The events have no sequence numbers.",
    promises=Promises(types="broken"),
    source="recorded streams of March 2025",
    robust=_UNNUMBERED,
)
def _sequence_missing(events: Events, context: Context) -> Events:
    for event in events:
        del event["sequence_number"]
    return events


@of_events(
    "completed_empty_output",
    "The terminal event has no output, though all items came before it.",
    promises=Promises(offered="open", ids="open"),
    source="seen: the openai SDK gives an empty answer and no error",
    robust=_TRUST_ITEMS,
)
def _completed_empty_output(events: Events, context: Context) -> Events:
    last = next((event for event in reversed(events) if event.get("type") in TERMINAL), None)
    if last is None or not last["response"].get("output"):
        raise DoesNotApply("the terminal event has no output already")
    last["response"]["output"] = []
    return events


@of_events(
    "done_differs_from_deltas",
    "The event that ends a text or the arguments of a call has another text than its pieces add up to.",
    promises=Promises(parses="open", validates="open"),
    source="known from experience, no report read",
    robust=_TRUST_ITEMS,
)
def _done_differs(events: Events, context: Context) -> Events:
    pieces = [event for event in events if event.get("type") in DELTAS and len(event.get("delta") or "") > 1]
    if not pieces:
        raise DoesNotApply("no piece of a text has two letters")
    chosen = context.chance.choice(pieces)
    chosen["delta"] = chosen["delta"][:-1]
    return events


@of_steps(
    "error_event_flat",
    "In the middle of the stream there is an error event in the flat form, and the stream ends; the status was 200.",
    promises=Promises(complete="broken"),
    source="the form of the SDK's own types; seen to pass the openai SDK without an exception",
    robust=FAILED,
    message=Parameter(_MESSAGE, "its text", text),
)
def _error_event_flat(steps: Steps, context: Context) -> list[Step]:
    events = events_of(steps, context)
    kept = events[: len(events) // 2]
    error = {"type": "error", "code": "server_error", "message": context.parameters["message"], "param": None}
    return other_events(steps, [*kept, context.lenses.framing.write({**error, "sequence_number": len(kept)})])
