"""What a response header may look like (RFC 9110, sections 5.1 and 5.5): nothing in it may end it or begin another."""

import re

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_ENDS_A_LINE = {"\r": "a carriage return", "\n": "a line feed", "\0": "a NUL"}


def name_mistake(name: str) -> str | None:
    """What is wrong with a header's name."""
    if _TOKEN.fullmatch(name):
        return None
    return f"{name!r} is not the name of a header: expected letters, digits and any of !#$%&'*+-.^_`|~"


def value_mistake(value: str) -> str | None:
    """What is wrong with a header's value."""
    found = next((said for sign, said in _ENDS_A_LINE.items() if sign in value), None)
    return f"the value of a header cannot hold {found}, and {value!r} does" if found else None
