"""Errors that are the mock's own: something is wrong with a test or its script, not with the API.

All are HTTP 422 with `x-should-retry: false`, so that SDKs neither retry them nor hide the reason. The message alone
must help: most clients show nothing else.
"""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from mockserver.chat import MOCK_ERROR, ApiError, ChatRequest
from mockserver.chat.printable import printable
from mockserver.faults import NotApplicable, NotProducible, UnknownFault
from mockserver.redaction import Sanitiser
from mockserver.wire.refusal import listed, shortened

_MOST_LINES = 40
_NEAR_MISSES_SHOWN = 3
_DIFFERENCES_SHOWN = 8
_SAFE = Sanitiser()
NearMiss = Mapping[str, Any]


def mock_error(code: str, message: str, **extra: Any) -> ApiError:
    """A 422 of our own, its message made safe to print and free of what looks like a secret."""
    text = printable(at_most_40_lines(_SAFE.text(message)))
    safe = {key: _SAFE.value(value) for key, value in extra.items()}
    return ApiError(422, text, MOCK_ERROR, code=code, extra=safe, headers={"x-should-retry": "false"})


def unscripted_request(request: ChatRequest, near_misses: Sequence[NearMiss]) -> ApiError:
    """Nothing that was loaded answers this request; says which candidates were near and what differed."""
    lines = ["Nothing is scripted for this request.", f"  the request ends with: {_last_message(request)}"]
    for miss in near_misses[:_NEAR_MISSES_SHOWN]:
        where = f" ({miss['file']}:{miss['line']})" if miss.get("file") else ""
        lines.append(f"  {miss['scenario']}, {miss['what']}{where} does not answer:")
        lines += [
            f"    {failed['condition']}: wanted {failed['wanted']}, found {failed['found']}"
            for failed in miss["failures"]
        ]
    lines.append("Script a turn or a rule for it, or let the simulated model answer with `--fallback simulate`.")
    return mock_error("unscripted_request", "\n".join(lines), near_misses=list(near_misses))


def recording_miss(nearest: Mapping[str, Any], secret_taken_out: bool) -> ApiError:
    """No recorded exchange answers this request; says where the nearest one differs."""
    place = nearest["place"]
    file = place["file"] if place and place["file"] else "FILE"
    where = f" ({file}:{place['line']})" if place else ""
    differences = nearest["differences"]
    many = "1 difference" if len(differences) == 1 else f"{len(differences)} differences"
    lines = [
        f"No recorded exchange answers this request; recording {nearest['scenario']} holds {nearest['exchanges']}."
    ]
    lines.append(f"  nearest: {nearest['what']}{where}, {many}:")
    for difference in differences[:_DIFFERENCES_SHOWN]:
        lines += [
            f"    {difference['path']}",
            f"      recorded  {difference['recorded']!r}",
            f"      request   {difference['asked']!r}",
        ]
    if len(differences) > _DIFFERENCES_SHOWN:
        lines.append(f"    … and {len(differences) - _DIFFERENCES_SHOWN} more")
    if secret_taken_out:
        lines.append(
            "The recording has a secret taken out where this request says something else: name the variable that holds "
            "the secret with `--secret-env NAME`, as when it was recorded."
        )
    lines.append(f"If the request is right, record it: `mockserver record --upstream URL --to {file}`.")
    return mock_error("recording_miss", "\n".join(lines), nearest=dict(nearest))


def unknown_scenario(name: str, loaded: Iterable[str], ready_made: Iterable[str]) -> ApiError:
    """`x-mock-scenario`, or a model called `scenario:NAME`, names a scenario that is not there."""
    names, others = list(dict.fromkeys(loaded)), list(ready_made)
    near = get_close_matches(name, [*names, *others], 1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    told = f"Loaded: {listed(names)}." if names else "No scenario is loaded."
    return mock_error("unknown_scenario", f"No scenario is called '{name}'.{hint} {told} Ready-made: {listed(others)}.")


def placeholder_unresolved(message: str) -> ApiError:
    """A scripted reply names a value that this conversation does not hold, or not in the type of its parameter."""
    return mock_error("placeholder_unresolved", message)


def turn_failed(error: Exception, match: str) -> ApiError:
    """A turn that is a function raised an exception instead of saying something."""
    return mock_error("turn_failed", f"{match}: the turn's function raised {type(error).__name__}: {error}")


def fault_error(error: UnknownFault | NotApplicable | NotProducible) -> ApiError:
    """A fault that was asked for by name is unknown, does not apply to this answer, or can't be produced."""
    codes = {
        UnknownFault: "unknown_fault",
        NotApplicable: "fault_not_applicable",
        NotProducible: "fault_not_producible",
    }
    return mock_error(codes[type(error)], str(error))


def schema_out_of_bounds(reason: str) -> ApiError:
    """The simulated model would have to make up more than it does; the reason names the place and the bound."""
    message = f"The simulated model makes up no answer this large: {reason}. Ask for less, or script the reply."
    return mock_error("schema_out_of_bounds", message)


def condition_failed(reason: str) -> ApiError:
    """A condition that is a function raised an exception instead of saying yes or no."""
    return mock_error("condition_failed", f"{reason}. A condition gets the request and says yes or no.")


def script_conflict(reason: str, match: str, place: str | None) -> ApiError:
    """A scripted reply contradicts what the request allows."""
    where = f" ({place})" if place else ""
    return mock_error("script_conflict", f"{match}{where} contradicts the request: {reason}")


def at_most_40_lines(text: str) -> str:
    """The text without its last lines, when there are too many of them."""
    lines = text.split("\n")
    if len(lines) <= _MOST_LINES:
        return text
    return "\n".join([*lines[: _MOST_LINES - 1], f"… and {len(lines) - _MOST_LINES + 1} more lines"])


def _last_message(request: ChatRequest) -> str:
    if not request.messages:
        return "no message at all"
    last = request.messages[-1]
    if last.content is None:
        return f"{last.role} (no text)"
    return f"{last.role}: '{shortened(_SAFE.text(last.content), 200)}'"
