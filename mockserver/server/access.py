"""Who may ask, for which models, and how much: what a person chose, and the checks that follow from it."""

import hmac
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import urlsplit

from aiohttp import web

from mockserver.chat import SCENARIO_MODEL, ApiError
from mockserver.loopback import is_loopback
from mockserver.wire.dialect import Dialect
from mockserver.wire.models import catalogue
from mockserver.wire.refusal import Refused

BODY_LIMIT = 32 * 1024 * 1024
"""Bytes of a request's body: images come along as data URLs."""

PREFLIGHT_HEADERS = {"access-control-allow-methods": "GET, OPTIONS, POST", "access-control-max-age": "86400"}
_LONGEST_SHOWN = 100
_BEARER = "bearer "
_KEY_HEADERS = ("x-api-key", "api-key", "x-goog-api-key")
_SHOWN_FIRST, _SHOWN_LAST = 5, 2


@dataclass(frozen=True, slots=True)
class Access:
    """What a person chose on the command line or in Python about who may ask and how much.

    `require_key`: True wants some API key, a text wants that one. `requests_per_minute` and `tokens_per_minute` are
    for each key; None sets no limit. `allowed_hosts` are the names, beside those of the loopback interface, under
    which this server may be reached and whose pages may ask it.

    Raises:
        ValueError: a limit is below 1.
    """

    require_key: bool | str = False
    known_models_only: bool = False
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    body_limit: int = BODY_LIMIT
    allowed_hosts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        limits = {"rpm": self.requests_per_minute, "tpm": self.tokens_per_minute, "body_limit": self.body_limit}
        for name, limit in limits.items():
            if limit is not None and limit < 1:
                raise ValueError(f"{name}={limit!r}: expected a whole number from 1 up; leave it out for no limit")


def session_of(request: web.BaseRequest) -> str:
    """The session of a request: `x-mock-session`, or the API key in a form that does not give it away."""
    named = request.headers.get("x-mock-session")
    return named if named is not None else _key_session(authorized_by(request))


@lru_cache(maxsize=256)
def _key_session(authorization: str) -> str:
    if not authorization:
        return "anonymous"
    return f"key-{blake2b(authorization.encode('utf-8', 'surrogateescape'), digest_size=4).hexdigest()}"


def authorized_by(request: web.BaseRequest) -> str:
    """What a request authorizes itself with: a key in a header of its own or in the query counts as a bearer's."""
    headers = request.headers
    authorization = headers.get("authorization")
    if authorization is not None:
        return authorization
    for name in _KEY_HEADERS:
        if name in headers:
            return f"Bearer {headers[name]}"
    key = request.rel_url.query.get("key") if "key=" in request.raw_path else None
    return f"Bearer {key}" if key is not None else ""


def check_key(
    access: Access, request: web.BaseRequest, dialect: Dialect | None = None, *, listing: bool = False
) -> None:
    """The API key must be there, and the right one; `listing`: the model list words it in another way.

    Raises:
        Refused: with 401, or what the dialect has for it.
    """
    if access.require_key is False:
        return
    authorization = authorized_by(request)
    key = authorization[len(_BEARER) :].strip() if authorization.lower().startswith(_BEARER) else ""
    expected = access.require_key
    if key and not isinstance(expected, str):
        return
    if key and hmac.compare_digest(key.encode("utf-8", "surrogateescape"), str(expected).encode()):
        return
    if dialect is not None and dialect.unauthorized is not None:
        raise Refused(dialect.unauthorized(key))
    if not key:
        raise Refused(ApiError(401, _NO_BEARER if listing else _NO_KEY))
    message = f"Incorrect API key provided: {masked(key)}. You can find your API key at "
    raise Refused(ApiError(401, message + "https://platform.openai.com/account/api-keys.", code="invalid_api_key"))


def check_model(access: Access, model: str, dialect: Dialect) -> None:
    """The model must be known, where only known ones are served.

    Raises:
        Refused: with 404.
    """
    if access.known_models_only and model not in catalogue() and not model.startswith(SCENARIO_MODEL):
        if dialect.unknown_model is not None:
            raise Refused(dialect.unknown_model(model))
        message = f"The model `{model}` does not exist or you do not have access to it."
        raise Refused(ApiError(404, message, code="model_not_found"))


def masked(key: str) -> str:
    """A key as the API repeats it: enough to recognise it, too little to use it."""
    if len(key) <= 2 * (_SHOWN_FIRST + _SHOWN_LAST):
        return f"{key[:2]}***"
    return f"{key[:_SHOWN_FIRST]}***{key[-_SHOWN_LAST:]}"


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


_NO_KEY = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
    "(i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the API "
    "from your browser and are prompted for a username and password. You can obtain an API key from "
    "https://platform.openai.com/account/api-keys."
)
_NO_BEARER = "Missing bearer authentication in header"
