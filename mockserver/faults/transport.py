"""Transport faults of HTTP and the connection: statuses, resets, cuts, lengths, other content types."""

from dataclasses import replace
from typing import Any

from mockserver.chat import ApiError, Reply
from mockserver.chat.api_errors import HIGHEST, LOWEST, api_error, retry_headers
from mockserver.faults.advice import FAILED
from mockserver.faults.fault import (
    LATEST_SECONDS,
    Context,
    DoesNotApply,
    Parameter,
    Promises,
    count,
    one_of,
    positive,
    seconds,
    text,
    time_up_to,
    whole_number,
)
from mockserver.faults.register import Register
from mockserver.faults.stream_steps import inside_a_character
from mockserver.faults.wire_layers import (
    CHUNKED,
    Steps,
    body_of,
    content_type,
    events_of,
    framed,
    head_of,
    waited,
    whole,
    with_bytes,
    with_sends,
)
from mockserver.steps import Drop, Send, Step, Wait

_CUT_SHORT = Promises(complete="broken")
_DATE_AHEAD = 2.0
_SEEN = "every network; known from experience, no report read"

entry = Register("transport", "steps", promises=_CUT_SHORT, robust=FAILED)


def _status(given: Any) -> int:
    """The status of an error."""
    status = int(positive(given))
    if not LOWEST <= status <= HIGHEST:
        raise ValueError(f"the status of an error, {LOWEST} to {HIGHEST}")
    return status


_until = time_up_to(LATEST_SECONDS)


def _moment(given: Any) -> float | str:
    """When to come again."""
    if given == "date":
        return "date"
    try:
        return float(_until(given))
    except ValueError as error:
        raise ValueError(f"{error}; or `date`") from None


@entry(
    "http_status",
    "The API answers with an error: any status, in its own words.",
    layer="reply",
    promises=Promises(complete="broken", types="open"),
    source="OpenAI's table of errors",
    robust="Try again after 408, 409, 429 and 5xx, not before `retry-after` says; tell the user of any other.",
    status=Parameter(500, "the status, 400 to 599", _status),
    code=Parameter(None, "the code, where it is not the usual one of that status", text),
    retry_after=Parameter(None, "when to come again: seconds, or `date` for a date two seconds ahead", _moment),
    retry_after_ms=Parameter(None, "the same in milliseconds, which clients prefer", count),
)
def _http_status(reply: Reply, context: Context) -> ApiError:
    given = context.parameters
    after, coded = given["retry_after"], {} if given["code"] is None else {"code": given["code"]}
    headers = retry_headers(None if after == "date" else after, given["retry_after_ms"])
    error = api_error(given["status"], headers=headers, **coded)
    return replace(error, retry_at=_DATE_AHEAD) if after == "date" else error


@entry(
    "reset_before_headers",
    "The connection is reset before anything comes.",
    source=_SEEN,
)
def _reset_before_headers(steps: Steps, context: Context) -> list[Step]:
    return [Drop(reset=True)]


@entry(
    "reset_after_headers",
    "The connection is reset after the head, before the body.",
    source=_SEEN,
)
def _reset_after_headers(steps: Steps, context: Context) -> list[Step]:
    return [*with_sends(steps, 0), Drop(reset=True)]


@entry(
    "slow_drip",
    "The body comes in drips, a few bytes at a time.",
    promises=Promises(),
    source="overloaded servers and proxies; known from experience, no report read",
    robust="Bound the time of the whole answer, not only that between two reads.",
    gap=Parameter(0.05, "the time between two drips", seconds),
    size=Parameter(64, "the bytes of a drip", positive),
)
def _slow_drip(steps: Steps, context: Context) -> list[Step]:
    gap, size = context.parameters["gap"], context.parameters["size"]
    found: list[Step] = []
    for step in steps:
        if not isinstance(step, Send):
            found.append(step)
            continue
        for start in range(0, len(step.data), size):
            found += [Wait(gap), Send(step.data[start : start + size])]
    return found


@entry(
    "cut_after_events",
    "The connection closes after so many events of the stream.",
    needs=("stream",),
    source=_SEEN,
    events=Parameter(2, "the events that come before", count),
)
def _cut_after_events(steps: Steps, context: Context) -> list[Step]:
    wanted, there = context.parameters["events"], len(events_of(steps, context))
    if wanted >= there:
        raise DoesNotApply(f"the stream has only {there} events, and it was to be cut after {wanted}")
    return [*with_sends(steps, wanted), Drop()]


@entry(
    "cut_after_bytes",
    "The connection closes after so many bytes of the body.",
    source=_SEEN,
    bytes=Parameter(100, "the bytes that come before", count),
)
def _cut_after_bytes(steps: Steps, context: Context) -> list[Step]:
    wanted, there = context.parameters["bytes"], len(body_of(steps))
    if wanted >= there:
        raise DoesNotApply(f"the body has only {there} bytes, and it was to be cut after {wanted}")
    return [*with_bytes(steps, wanted), Drop()]


@entry(
    "cut_inside_character",
    "The connection closes inside a character that has several bytes.",
    source=_SEEN,
)
def _cut_inside_character(steps: Steps, context: Context) -> list[Step]:
    place = inside_a_character(body_of(steps))
    if place is None:
        raise DoesNotApply("every character of the body has a single byte")
    return [*with_bytes(steps, place), Drop()]


@entry(
    "truncated_chunked_body",
    "The connection closes inside a chunk of the chunked body: fewer bytes come than the chunk announced.",
    source=_SEEN,
)
def _truncated_chunked_body(steps: Steps, context: Context) -> list[Step]:
    body = body_of(steps)
    if len(body) < 2:
        raise DoesNotApply("the answer has no body")
    head = framed(steps, ("content-type", content_type(steps)), CHUNKED)
    return [*waited(steps), head, Send(b"%x\r\n" % len(body) + body[: len(body) // 2], framed=False), Drop()]


@entry(
    "wrong_content_length",
    "The length in the head is not that of the body.",
    source=_SEEN,
    by=Parameter("more", "what it claims: more or less than there is", one_of("more", "less")),
)
def _wrong_content_length(steps: Steps, context: Context) -> list[Step]:
    body = body_of(steps)
    if len(body) < 2:
        raise DoesNotApply("the answer has no body")
    claimed = len(body) + 100 if context.parameters["by"] == "more" else len(body) // 2
    head = framed(steps, ("content-type", content_type(steps)), ("content-length", str(claimed)))
    return [*waited(steps), head, Send(body), Drop()]


@entry(
    "garbage_body",
    "The body is neither JSON nor events, though its type says so.",
    source=_SEEN,
)
def _garbage_body(steps: Steps, context: Context) -> list[Step]:
    return whole(steps, content_type(steps), b"\x00\xff\xfe}{<!" + context.chance.randbytes(56).replace(b"\n", b"\x00"))


@entry(
    "empty_body",
    "The status is 200, and the body is empty.",
    source=_SEEN,
)
def _empty_body(steps: Steps, context: Context) -> list[Step]:
    return whole(steps, content_type(steps), b"")


@entry(
    "html_error_page",
    "A proxy in between answers with a page for people.",
    source="reverse proxies such as nginx and Cloudflare; known from experience, no report read",
    status=Parameter(502, "the status", whole_number(100, 999)),
)
def _html_error_page(steps: Steps, context: Context) -> list[Step]:
    status = context.parameters["status"]
    title = f"{status} {_PHRASES.get(status, 'Error')}"
    page = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
    return whole(steps, "text/html", f"{page}<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n".encode(), status)


_PHRASES = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Temporarily Unavailable"}
_PHRASES |= {403: "Forbidden", 404: "Not Found", 413: "Request Entity Too Large", 504: "Gateway Time-out"}


@entry(
    "keep_alive_closed",
    "The answer is whole and promises to keep the connection, which closes at once.",
    promises=Promises(),
    source="load balancers; known from experience, no report read",
    robust="Try a request again on a new connection when the old one closes before any byte of its answer.",
)
def _keep_alive_closed(steps: Steps, context: Context) -> list[Step]:
    head = head_of(steps)
    if CHUNKED not in head.headers:
        return [*steps, Drop()]
    return [*steps, Send(b"0\r\n\r\n", framed=False), Drop()]
