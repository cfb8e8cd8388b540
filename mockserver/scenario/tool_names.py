"""Names of tools: some frameworks put a prefix before the name that the scenario knows."""

from collections.abc import Iterable

# A single underscore is part of ordinary names: `get_weather` is no prefixed `weather`.
_JOINTS = ("-", ".", "__", "/", ":")


def is_tool(known: str, offered: str) -> bool:
    """Whether the offered name is the known one, alone or after a prefix (`weather-get_current_weather`)."""
    return offered == known or offered.endswith(tuple(joint + known for joint in _JOINTS))


def offered_name(known: str, offered: Iterable[str]) -> str | None:
    """The name under which a tool is offered: exactly as it is known, or the only one that is it after a prefix."""
    names = list(offered)
    if known in names:
        return known
    prefixed = [name for name in names if is_tool(known, name)]
    return prefixed[0] if len(prefixed) == 1 else None
