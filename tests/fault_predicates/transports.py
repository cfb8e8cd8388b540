"""What faults of HTTP and of the connection are named for: the raw steps of a response beside the sound ones."""

import re
from collections.abc import Callable

from mockserver.steps import Drop, Head, Send, Wait
from tests.fault_answers import Case, strictly
from tests.fault_predicates.changes import Predicate


def _same_head(case: Case) -> bool:
    return (case.before.status, case.before.headers) == (case.after.status, case.after.headers)


def cut(rule: Callable[[Case], bool]) -> Predicate:
    """The same head and the beginning of the same bytes; then the connection closes."""

    def judged(case: Case) -> bool:
        before, after = case.before.bytes, case.after.bytes
        closed = case.after.steps[-1] == Drop()
        return closed and _same_head(case) and before.startswith(after) and before != after and rule(case)

    return judged


def _headless(case: Case) -> bool:
    return case.after.steps == [Drop(reset=True)]


def _bodiless(case: Case) -> bool:
    *_, head, end = case.after.steps
    return isinstance(head, Head) and end == Drop(reset=True) and _same_head(case) and not case.after.bytes


def _half_character(case: Case) -> bool:
    try:
        case.after.bytes.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return False


def _dripping(case: Case) -> bool:
    size, pause = case.parameters["size"], Wait(case.parameters["gap"])
    drips = [step for step in case.after.steps if isinstance(step, Send)]
    same = _same_head(case) and case.before.bytes == case.after.bytes
    steps = case.after.steps
    paused = all(steps[place - 1] == pause for place, step in enumerate(steps) if isinstance(step, Send))
    return same and paused and len(drips) > 1 and all(len(drip.data) <= size for drip in drips)


def _frame_broken(case: Case) -> bool:
    size, _, data = case.after.bytes.partition(b"\r\n")
    whole = case.before.bytes
    if re.fullmatch(rb"[0-9a-f]+", size) is None:
        return False
    cut = data == whole[: len(data)] and len(data) < int(size, 16) == len(whole)
    chunked = case.after.headers.get("transfer-encoding") == "chunked"
    raw = [step.framed for step in case.after.steps if isinstance(step, Send)] == [False]
    return chunked and cut and raw and case.after.steps[-1] == Drop()


def _claims_more(case: Case) -> bool:
    told = int(case.after.headers.get("content-length", 0))
    return case.before.bytes == case.after.bytes and told > len(case.after.bytes) and case.after.steps[-1] == Drop()


def other_body(rule: Callable[[Case], bool]) -> Predicate:
    """A whole response of the same type, its length as told, with another body."""

    def judged(case: Case) -> bool:
        told = case.after.headers.get("content-length") == str(len(case.after.bytes))
        kinds = {answer.headers["content-type"] for answer in (case.before, case.after)}
        return (
            case.after.status == 200
            and told
            and len(kinds) == 1
            and case.before.bytes != case.after.bytes
            and rule(case)
        )

    return judged


def _page(case: Case) -> bool:
    kind, length = case.after.headers.get("content-type"), case.after.headers.get("content-length")
    sound = (case.after.status, kind, length) == (case.parameters["status"], "text/html", str(len(case.after.bytes)))
    return sound and case.after.bytes.startswith(b"<html>")


def _closed_after(case: Case) -> bool:
    """Every byte comes, the end of the chunks too where the body is in chunks, and then the connection is gone."""
    *told, end = case.after.steps
    last = [Send(b"0\r\n\r\n", framed=False)] if case.before.headers.get("transfer-encoding") == "chunked" else []
    sent = [step for step in told if isinstance(step, Send)]
    return (
        end == Drop() and _same_head(case) and sent == [*[s for s in case.before.steps if isinstance(s, Send)], *last]
    )


def _refused(case: Case) -> bool:
    error = case.after.body["error"] if isinstance(case.after.body, dict) and "error" in case.after.body else {}
    return case.after.status == case.parameters["status"] and bool(error.get("message"))


def _nothing_there(case: Case) -> bool:
    return strictly(case.after.bytes.decode("latin-1")) is None and not [e for e in case.after.events if e]


PREDICATES: dict[str, Predicate] = {
    "http_status": _refused,
    "reset_before_headers": _headless,
    "reset_after_headers": _bodiless,
    "slow_drip": _dripping,
    "cut_after_events": cut(
        lambda case: len(case.after.events) == case.parameters["events"] and case.after.bytes.endswith(b"\n\n")
    ),
    "cut_after_bytes": cut(lambda case: len(case.after.bytes) == case.parameters["bytes"]),
    "cut_inside_character": cut(_half_character),
    "truncated_chunked_body": _frame_broken,
    "wrong_content_length": _claims_more,
    "garbage_body": other_body(_nothing_there),
    "empty_body": other_body(lambda case: case.after.bytes == b""),
    "html_error_page": _page,
    "keep_alive_closed": _closed_after,
}
