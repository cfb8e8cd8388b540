"""Personal data: patterns of addresses and numbers, and pseudonyms in their place."""

import hashlib
import hmac
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

_EMAIL = r"(?P<email>[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
_IBAN = r"(?<![A-Za-z0-9])(?P<iban>[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)(?![A-Za-z0-9])"
_CARD = r"(?<![0-9])(?P<card>[0-9](?:[ -]?[0-9]){12,18})(?![0-9])"
_PHONE = (
    r"(?<![0-9A-Za-z])(?P<phone>\+[0-9](?:[ ()./-]{0,2}[0-9]){7,14}|\([0-9]{3}\) ?[0-9]{3}-[0-9]{4}"
    r"|[0-9]{3}-[0-9]{3}-[0-9]{4})(?![0-9])"
)
_PERSONAL = re.compile("|".join((_EMAIL, _IBAN, _CARD, _PHONE)))

Replace = Callable[[str, str], str]


def replace_personal_data(text: str, replace: Replace) -> str:
    """The text with what `replace(kind, value)` gives for every address, phone, card and account number in it."""
    return _PERSONAL.sub(lambda found: _replaced(found, replace), text)


def _replaced(found: re.Match[str], replace: Replace) -> str:
    kind = found.lastgroup or ""
    if kind == "card" and not _is_luhn(found[0]):
        return found[0]
    return replace(kind, found[0])


def _is_luhn(number: str) -> bool:
    digits = [int(letter) for letter in number if letter.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


class Pseudonyms:
    """Replaces each personal value by another one of its kind, always the same; `salt` keeps it from being guessed."""

    def __init__(self, salt: str = "") -> None:
        self._salt = salt.encode()
        self._pseudonyms: dict[tuple[str, str], str] = {}
        self._ours: set[str] = set()

    def __call__(self, text: str) -> str:
        """The text with pseudonyms in it; pseudonyms of earlier texts stay as they are."""
        return replace_personal_data(text, self._for)

    def _for(self, kind: str, value: str) -> str:
        if value in self._ours:
            return value
        if (kind, value) not in self._pseudonyms:
            seed = int.from_bytes(hmac.digest(self._salt, f"{kind}\0{value}".encode(), hashlib.sha256)[:8])
            pseudonym = _invented(kind, seed)
            self._pseudonyms[kind, value] = pseudonym
            self._ours.add(pseudonym)
        return self._pseudonyms[kind, value]


def _invented(kind: str, seed: int) -> str:
    fake = _faker()
    fake.seed_instance(seed)
    match kind:
        case "email":
            return f"{fake.bothify('????????##', letters='abcdefghijklmnopqrstuvwxyz')}@example.com"
        case "card":
            return str(fake.credit_card_number("visa16"))
        case "iban":
            return str(fake.iban())
        case _:
            return str(fake.numerify("+1 555 ### ####"))


@lru_cache(maxsize=1)
def _faker() -> Any:
    from faker import Faker

    return Faker("en_US")
