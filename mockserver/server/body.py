"""The body of a request: read whole, within bounds, and refused in the API's words where that cannot be."""

import asyncio
from collections.abc import Mapping

from aiohttp import web

from mockserver.chat import ApiError
from mockserver.wire.refusal import Refused, too_large

PATIENCE = 60.0
"""So many seconds a body may take to arrive whole."""

_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
_JSON = ("", "application/json")


def body_at_hand(request: web.BaseRequest, *, strict: bool = True) -> bytes | None:
    """The whole body, when it came along with the head, as small ones do; None when one must wait for it.

    Raises:
        Refused: it is larger than the server takes, says it is something else than JSON (`strict`), or is packed in a
            way that nobody here can unpack.
    """
    given, content = request.headers, request.content
    if given.get("content-type") != "application/json" or "content-encoding" in given:
        check_headers(given, strict=strict)
    if not content.is_eof() or content.exception() is not None:
        return None
    body = content.read_nowait()
    if len(body) > request.client_max_size:
        raise too_large(request.client_max_size)
    return body


def check_headers(given: Mapping[str, str], *, strict: bool = True) -> None:
    """What the headers say of a body must be something that can be unpacked, and JSON (`strict`).

    Raises:
        Refused: with 415.
    """
    encoding = given.get("content-encoding", "").strip().lower()
    if encoding not in _ENCODINGS:
        raise Refused(unsupported_encoding(encoding))
    kind = given.get("content-type", "")
    media_type = kind.partition(";")[0].strip().lower()
    if strict and media_type not in _JSON:
        message = f"Unsupported content type: '{media_type}'. This API method only accepts 'application/json' requests"
        message += f", but you specified the header 'Content-Type: {kind}'. Please try again with a supported content "
        raise Refused(ApiError(415, message + "type.", code="unsupported_content_type"))


def unsupported_encoding(encoding: str) -> ApiError:
    """The body is packed in a way that is not unpacked here."""
    message = f"Unsupported content encoding: '{encoding}'. Supported are 'gzip' and 'deflate'."
    return ApiError(415, message, code="unsupported_content_encoding")


async def read_body(request: web.BaseRequest) -> bytes:
    """The whole body, as it comes in.

    Raises:
        Refused: it is larger than the server takes, cannot be unpacked, or does not arrive.
    """
    if request.headers.get("expect", "").lower() == "100-continue" and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    try:
        async with asyncio.timeout(PATIENCE):
            return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise too_large(request.client_max_size) from None
    except TimeoutError:
        raise _broken(request, 408, "The body of your request did not arrive in time.") from None
    except web.RequestPayloadError as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise _broken(request, 400, f"We could not read the body of your request: {reason}.") from None


def _broken(request: web.BaseRequest, status: int, message: str) -> Refused:
    """What is left of the body is not waited for: nothing that comes on this connection could be understood."""
    request.content.feed_eof()
    return Refused(ApiError(status, message, headers={"connection": "close"}))
