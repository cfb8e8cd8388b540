"""Versions and betas of the Messages API: what `anthropic-version` and `anthropic-beta` allow a request to hold."""

from dataclasses import dataclass

from mockserver.wire.messages.refusal import refused

OLDER, NEWER = "2023-06-01", "2026-10-21"
VERSIONS = (OLDER, NEWER)

BETAS = frozenset(
    """
    computer-use-2024-10-22 computer-use-2025-01-24 computer-use-2025-11-24 output-128k-2025-02-19
    output-300k-2026-03-24 mcp-client-2025-04-04 mcp-client-2025-11-20 mcp-client-2026-09-15
    dev-full-thinking-2025-05-14 interleaved-thinking-2025-05-14 code-execution-2025-05-22 code-execution-2025-08-25
    context-1m-2025-08-07 context-management-2025-06-27 model-context-window-exceeded-2025-08-26 fast-mode-2026-02-01
    user-profiles-2026-03-24 user-profiles-2026-08-18 user-profiles-2026-09-04 user-profiles-billing-2026-10-01
    advisor-tool-2026-03-01 managed-agents-2026-04-01 dreaming-2026-04-21 thinking-token-count-2026-05-13
    server-side-fallback-2026-06-01 server-side-fallback-2026-07-01 fallback-credit-2026-06-01
    fallback-credit-2026-07-01 agent-memory-2026-07-22 mid-conversation-tool-changes-2026-07-01 compact-2026-01-12
    compact-2026-09-04 mcp-tunnels-2026-06-22 structured-outputs-2025-09-17 structured-outputs-2025-11-13
    task-budgets-2026-03-13 thinking-display-updates-2026-08-18 mid-conversation-output-config-2026-07-01
    thinking-binding-controls-2026-08-01 mid-conversation-system-clear-at-2026-08-21 inline-tools-2026-09-15
    ce-plugins-2026-09-01 spend-limit-reads-2026-09-26 telemetry-destinations-2026-08-11 webhooks-2026-10-07
    admin-user-sign-out-2026-10-08 message-threads-2026-08-12 analytics-usage-cost-2026-08-24
    experimental-claude-tag-2026-10-21 message-batches-2024-09-24 prompt-caching-2024-07-31 pdfs-2024-09-25
    token-counting-2024-11-01 token-efficient-tools-2025-02-19 files-api-2025-04-14 extended-cache-ttl-2025-04-11
    skills-2025-10-02 cache-diagnosis-2026-04-07 ce-user-management-2026-07-13
    ce-claude-code-managed-settings-2026-10-06 efs-2026-10-01 google-managed-data-controls-2026-09-01
    fine-grained-tool-streaming-2025-05-14 max-tokens-3-5-sonnet-2024-07-15 tools-2024-04-04 tools-2024-05-16
    claude-code-20250219 oauth-2025-04-20 prompt-caching-scope-2026-01-05 effort-2025-11-24 tool-examples-2025-10-29
    advanced-tool-use-2025-11-20 tool-search-tool-2025-10-19 web-fetch-2025-09-10 search-results-2025-06-09
    adaptive-thinking-2026-01-28 redact-thinking-2026-02-12 advisor-tool-2026-03-01
    """.split()
)
"""The names that `anthropic-beta` may hold: those of the newest SDK's types, and older ones that clients still send."""

BETA_KEYS = {
    "context_management": "context-management-",
    "mcp_servers": "mcp-client-",
    "compaction": "compact-",
    "fallbacks": "server-side-fallback-",
    "fallback_credit_token": "fallback-credit-",
    "output_format": "structured-outputs-",
}
"""Keys of a request that only a beta allows, by the beginning of its name."""

_NOT_IN_NEWER = frozenset({"temperature", "top_p", "top_k"})


@dataclass(frozen=True, slots=True)
class Version:
    """The version of a request, and the betas that it asks for."""

    name: str = NEWER
    betas: frozenset[str] = frozenset()

    @property
    def is_newer(self) -> bool:
        """Whether it has the rules of 2026-10-21."""
        return self.name == NEWER

    def takes(self, key: str) -> bool:
        """Whether a request may hold a key that not every request may."""
        if key in _NOT_IN_NEWER:
            return not self.is_newer
        beginning = BETA_KEYS.get(key)
        return beginning is None or any(beta.startswith(beginning) for beta in self.betas)


def version_of(version: str | None, betas: str, *, strict: bool) -> Version:
    """The version that a request's headers name.

    Raises:
        Refused: checks are strict, and a header is missing or names what the API does not know.
    """
    named = frozenset(filter(None, (name.strip() for name in betas.split(","))))
    if not strict:
        return Version(OLDER if version in (None, OLDER) else NEWER, named)
    if version is None:
        raise refused("anthropic-version: header is required")
    if version not in VERSIONS:
        raise refused(
            f'anthropic-version: "{version}" is not a valid version. The valid ones are {" and ".join(VERSIONS)}.'
        )
    if unknown := sorted(named - BETAS):
        listed = ", ".join(f"`{name}`" for name in unknown)
        raise refused(
            f"Unexpected value(s) {listed} for the `anthropic-beta` header. Please consult our documentation at "
            "platform.claude.com/docs or try again without the header."
        )
    return Version(version, named)
