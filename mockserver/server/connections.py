"""Connections as aiohttp keeps them, but for what is said to a request that is no HTTP: JSON in the API's shape."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import ContentEncodingError

from mockserver.chat import ApiError
from mockserver.server.body import unsupported_encoding
from mockserver.server.respond import headers_for
from mockserver.steps import Head, Send
from mockserver.wire.chat_completions.render import render_error
from mockserver.wire.identity import Identity

_SERVER_ERROR = "The server had an error while processing your request. Sorry about that!"
_ENCODING = re.compile(r"content-encoding: [^(]*\((\w+)\)")
_Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Server(web.Server):
    """Makes the connections."""

    def __init__(self, handler: _Handler, **options: Any) -> None:
        super().__init__(handler, handler_cancellation=True, request_factory=options.pop("request_factory"))
        self._options = options

    def __call__(self) -> web.RequestHandler:
        """A new one."""
        return Connection(self, loop=self._loop, **self._options)


class Connection(web.RequestHandler):
    """One connection."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What a client hears that does not speak HTTP, or that met a mistake of ours; the connection ends with it.

        A mistake of ours is logged with its traceback; what a client got wrong is told to the client alone.
        """
        if status < 500:
            reason = (message or str(exc) or "bad request").strip().splitlines()[0].rstrip(":")
            error = ApiError(status, f"We could not read your request as HTTP: {reason}")
            if isinstance(exc, ContentEncodingError) and (named := _ENCODING.search(reason)):
                # aiohttp looks for the library that unpacks it before the request gets to us.
                error = unsupported_encoding(named[1])
                status = error.status
        else:
            self.log_exception("Error handling request from %s", request.remote, exc_info=exc)
            error = ApiError(status, _SERVER_ERROR, "server_error")
        head, body = render_error(
            error, headers_for(Identity("", error.message.encode("utf-8", "replace")), {}, status)
        )
        assert isinstance(head, Head), "an error begins with its head"
        assert isinstance(body, Send), "and ends with its body"
        answer = web.Response(status=status, body=body.data, headers=dict(head.headers))
        answer.force_close()
        return answer
