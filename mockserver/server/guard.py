"""Who is let in at all: requests for this machine's own names, from pages of its own; everything else is turned away.

A page on the web can make a browser ask any address, and with a name of its own that points to 127.0.0.1 even read
what comes back. Both show: in the Host that was asked for and in the Origin of the page.
"""

from functools import lru_cache
from urllib.parse import urlsplit

from mockserver.chat import ApiError
from mockserver.loopback import is_loopback

PREFLIGHT_HEADERS = {"access-control-allow-methods": "GET, OPTIONS, POST", "access-control-max-age": "86400"}
_LONGEST_SHOWN = 100


class Guard:
    """Knows the names under which this server may be reached."""

    def __init__(self, allowed_hosts: tuple[str, ...] = ()) -> None:
        self._allowed = frozenset(name.lower().rstrip(".") for name in allowed_hosts)
        self.judge = lru_cache(maxsize=64)(self._judge)

    def _judge(self, host: str | None, origin: str | None) -> ApiError | None:
        """What is wrong with a request's Host and Origin: nothing, or a 403.

        A client that names no host is none that a page could have sent.
        """
        if host is not None and not self._is_allowed(f"//{host}"):
            message = f"Host '{_shown(host)}' is not allowed: this server answers for localhost. "
            message += "Start it with `--allow-host NAME` to reach it under another name."
            return ApiError(403, message, code="host_not_allowed")
        if origin is not None and not (origin.startswith(("http://", "https://")) and self._is_allowed(origin)):
            message = f"Origin '{_shown(origin)}' is not allowed: pages of this machine may ask this server. "
            message += "Start it with `--allow-host NAME` to let pages of that host ask, too."
            return ApiError(403, message, code="origin_not_allowed")
        return None

    def _is_allowed(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            name = (parts.hostname or "").rstrip(".")
        except ValueError:
            return False
        if "@" in parts.netloc:
            return False
        return name in self._allowed or is_loopback(name)


def _shown(text: str) -> str:
    return repr(text[:_LONGEST_SHOWN])[1:-1]
