"""Faults that exist in the Messages API alone: thinking, `input`, named events, an overloaded service."""

from dataclasses import replace
from typing import Any

from mockserver.chat import ApiError, Reply
from mockserver.faults.advice import ACCUMULATE, FAILED
from mockserver.faults.fault import Context, DoesNotApply, Parameter, Promises, text
from mockserver.faults.parts import BodyParts, Events
from mockserver.faults.register import Register
from mockserver.faults.wire_layers import (
    Steps,
    answers_with_calls,
    events_of,
    on_body,
    on_streamed_calls,
    other_events,
)
from mockserver.steps import Step
from mockserver.wire.codec import NotJson, decode

JsonObject = dict[str, Any]

API = "Messages"

of_reply = Register("envelope", "reply", api=API)
of_body = Register("envelope", "body", adapt=on_body, api=API)
of_calls = Register("stream", "chunks", needs=("call", "stream"), robust=ACCUMULATE, adapt=on_streamed_calls, api=API)
of_steps = Register("stream", "steps", needs=("stream",), robust=FAILED, api=API)
of_transport = Register("transport", "reply", robust=FAILED, api=API)

REGISTERS = (of_reply, of_body, of_calls, of_steps, of_transport)
"""What the catalogue takes up."""


@of_reply(
    "pause_turn",
    "The turn is paused: the stop reason is `pause_turn`, and the answer goes on when it is sent back.",
    source="Anthropic's own way of pausing long turns",
    robust="Send the message back as it is, and go on.",
)
def _pause_turn(reply: Reply, context: Context) -> Reply:
    if reply.calls:
        raise DoesNotApply("the reply calls a tool, and a turn that does is not paused")
    return replace(reply, finish_reason="pause_turn")


@of_transport(
    "overloaded_529",
    "The service is overloaded: status 529, `overloaded_error`.",
    promises=Promises(complete="broken", types="open"),
    source="Anthropic's table of errors",
    robust="Try again later, each time after a longer pause.",
)
def _overloaded(reply: Reply, context: Context) -> ApiError:
    return ApiError(529, "Overloaded", "overloaded_error")


@of_transport(
    "signature_rejected",
    "The signature of thinking that came back is refused: status 400.",
    needs=("conversation",),
    promises=Promises(complete="broken", types="open"),
    source="histories that another provider, or another account, began (anthropics/claude-code#10199)",
    robust="Take the thinking out of the history, and try again.",
)
def _signature_rejected(reply: Reply, context: Context) -> ApiError:
    thought = [place for place, message in enumerate(context.request.messages) if message.thinking is not None]
    if not thought:
        raise DoesNotApply("no message of the conversation brings thinking back")
    message = f"messages.{thought[-1]}.content.0: Invalid `signature` in `thinking` block"
    return ApiError(400, message, "invalid_request_error")


def _thinking(parts: BodyParts) -> list[JsonObject]:
    """The blocks of thinking in a message."""
    found = [block for block in parts.body.get("content") or () if block.get("type") == "thinking"]
    if not found:
        raise DoesNotApply("the message holds no thinking")
    return found


@of_body(
    "signature_missing",
    "A block of thinking has no signature.",
    promises=Promises(types="broken"),
    source="gateways that rebuild messages (BerriAI/litellm#23510)",
    robust="Leave the block out when the message goes back.",
)
def _signature_missing(parts: BodyParts, context: Context) -> None:
    for block in _thinking(parts):
        del block["signature"]


@of_body(
    "thinking_dropped",
    "The thinking that was asked for, and that the next request must bring back, is not there.",
    source="gateways that rebuild messages (BerriAI/litellm#23510)",
    robust="Switch thinking off for the next request, or begin the turn anew.",
)
def _thinking_dropped(parts: BodyParts, context: Context) -> None:
    for block in _thinking(parts):
        parts.body["content"].remove(block)


@of_body(
    "usage_missing",
    "The message has no usage.",
    promises=Promises(types="broken"),
    source="seen to raise an AttributeError in the anthropic SDK's stream helper and in pydantic-ai",
    robust="Take a missing usage for an unknown one.",
)
def _usage_missing(parts: BodyParts, context: Context) -> None:
    del parts.body["usage"]


@of_body(
    "input_as_string",
    "The input of the calls is the text of an object in place of the object.",
    needs=("call", "plain"),
    promises=Promises(types="broken", parses="broken"),
    source="gateways that translate from chat completions; known from experience, no report read",
    robust="Decode it once, and judge what comes out.",
)
def _input_as_string(parts: BodyParts, context: Context) -> None:
    for answer in answers_with_calls(parts):
        for call in answer.calls:
            block = next(block for block in parts.body["content"] if block.get("id") == (call.id and call.id.get()))
            block["input"] = str(block["input"])


@of_calls(
    "input_in_block_start",
    "The whole input stands in `content_block_start` already, and comes again in the deltas.",
    promises=Promises(parses="open", validates="open"),
    source="seen to break pydantic-ai",
)
def _input_in_block_start(call: Events, context: Context) -> Events:
    written = "".join([event["delta"].get("partial_json", "") for event in call if "delta" in event])
    try:
        value = decode(written or "{}")
    except NotJson:
        raise DoesNotApply("the input of the call is not JSON") from None
    if not value:
        raise DoesNotApply("the call has no arguments that could come twice")
    call[0]["content_block"]["input"] = value
    return call


@of_steps(
    "event_line_missing",
    "The events have no `event:` line.",
    promises=Promises(complete="open"),
    source="gateways that only know chat completions. Every client of this API sees an empty stream",
)
def _event_line_missing(steps: Steps, context: Context) -> list[Step]:
    return other_events(steps, [event[event.index(b"data:") :] for event in events_of(steps, context)])


@of_steps(
    "overloaded_mid_stream",
    "In the middle of the stream the service is overloaded: an event `error`; the status was 200.",
    promises=Promises(complete="broken"),
    source="Anthropic's documentation of streams",
    message=Parameter("Overloaded", "its text", text),
)
def _overloaded_mid_stream(steps: Steps, context: Context) -> list[Step]:
    events, parts = events_of(steps, context), context.lenses
    error = {"type": "error", "error": {"type": "overloaded_error", "message": context.parameters["message"]}}
    return other_events(steps, [*events[: len(events) // 2], parts.framing.write(error)])
