"""The hint on a refusal that only strict checks make: `x-mock-hint` names the option with which it is answered."""

from dataclasses import replace

from aiohttp import web

from mockserver.chat.printable import printable
from mockserver.engine import Settings
from mockserver.redaction import Sanitiser
from mockserver.server.access import Access, check_key, check_model
from mockserver.server.request_context import RequestContext, body_at_hand, read_body, settings_for
from mockserver.wire.refusal import Refused

HINT_HEADER, HINT = "x-mock-hint", "--checks lenient"


def hinted(refused: Refused) -> Refused:
    """The same refusal with the hint; its words stay those of the API."""
    return Refused(replace(refused.error, headers={**refused.error.headers, HINT_HEADER: HINT}))


def told(refused: Refused) -> str:
    """The refusal as the terminal shows it, safe to print and without what looks like a secret."""
    return f"{printable(Sanitiser().text(refused.error.message))} (`{HINT}` answers it)"


async def passes_leniently(
    request: web.BaseRequest, body: bytes, context: RequestContext, access: Access, settings: Settings
) -> bool:
    """Whether lenient checks would let through a request that was refused; `body` is what has been read of it so far.

    It is checked again from its beginning, so whatever is refused under both is known, without each check having to
    say so. Only requests that were refused pay for it.
    """
    given = request.headers
    try:
        settings_for(settings, given)
        check_key(access, request, context.dialect)
        body = body or body_at_hand(request, strict=False) or await read_body(request)
        _, parsed = context.parse(body, strict=False)
        check_model(access, parsed.request.model, context.dialect)
    except (Refused, RecursionError):
        return False
    return True
