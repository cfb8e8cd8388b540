"""Which tests of which vendor are run, and which of them cannot pass, with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field

_THREAD = "a request with `thread` is answered with thread_unsupported_request, by the contract of this server"
_OVERLOADS = ("test_method_create_with_all_params_overload_1", "test_method_create_with_all_params_overload_2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """The generated tests of an SDK.

    `distribution` is its name and its extras on the package index. `files` stand under `tests/api_resources` of its
    source. `needs` are packages of its tests, `options` those of their run. `failing` are the tests that cannot pass,
    by file and function, each with the reason.
    """

    distribution: str
    files: tuple[str, ...]
    needs: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    failing: Mapping[str, str] = field(default_factory=dict)


_SHARED = (
    "pytest", "pytest-asyncio", "pytest-xdist", "respx", "inline-snapshot", "http-snapshot[httpx]", "dirty-equals",
    "nest_asyncio", "rich", "time-machine",
)  # fmt: skip

SUITES: Mapping[str, Suite] = {
    "anthropic": Suite(
        distribution="anthropic[aiohttp]",
        files=("test_messages.py", "beta/test_messages.py", "test_models.py", "beta/test_models.py"),
        needs=_SHARED,
        options=("-p", "tests._alias_httpx"),
        failing={f"beta/test_messages.py::{name}": _THREAD for name in _OVERLOADS},
    ),
    "openai": Suite(
        distribution="openai[aiohttp]",
        files=(
            "chat/test_completions.py",
            "test_models.py",
            "test_completions.py",
            "test_embeddings.py",
            "test_moderations.py",
            "test_responses.py",
            "responses/test_input_items.py",
            "responses/test_input_tokens.py",
            "test_conversations.py",
            "conversations/test_items.py",
        ),
        needs=_SHARED,
        failing={},
    ),
}
