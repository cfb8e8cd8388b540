"""Texts and numbers that a schema allows and that suit what they stand for: an address where one is wanted."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from mockserver.simulate.bounds import MOST_CHARACTERS, TooMuch
from mockserver.simulate.pattern import text_matching
from mockserver.simulate.stemming import identifier_words
from mockserver.simulate.times import TODAY
from mockserver.simulate.tool_model import examples_in

if TYPE_CHECKING:
    from faker import Faker
import math
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from mockserver.simulate.schema_repair import JsonSchema

_SENTENCES = (
    "Thanks for your message, I will get back to you shortly.",
    "Please find the details below.",
    "Just a quick update on where things stand.",
    "Could you have a look at this when you have a moment?",
)
_TOPICS = ("quarterly report", "team meeting", "project update", "customer feedback", "travel plans")
_COLORS = ("blue", "green", "red", "black", "white", "yellow")
_UNITS = ("metric", "imperial")
_WORDS = ("alpha", "summer", "north", "harbor", "maple", "river", "silver", "garden")
_FAKERS: dict[str, "Faker"] = {}
Below = Callable[[JsonSchema, str, str, str, Mapping[str, Any]], Any]
"""Invents a value below a position: its schema, name, step of the JSON path, seed suffix, and what is given."""

_USUAL: Mapping[str, tuple[int, int]] = {
    "year": (2015, 2025),
    "count": (1, 10), "duration": (1, 14), "percent": (1, 20), "money": (20, 900), "age": (21, 64),
    "latitude": (-60, 60), "longitude": (-150, 150), "id": (1000, 9999), "": (1, 100),
}  # fmt: skip
_VAST = 10**9
"""Of a step that is greater, zero is the multiple to take."""


class Position(NamedTuple):
    """Where a value goes: the name it goes by, how deep it lies, which attempt this is, its JSON path."""

    name: str
    depth: int
    attempt: int
    seed: str
    chance: Random
    place: str = "$"


def text(schema: Mapping[str, Any], position: Position, role: str) -> str:
    """A text for a schema: its pattern first, then its format, then what its name and description speak of.

    Raises:
        TooMuch: it has to be longer than `MOST_CHARACTERS`.
    """
    chance, seed = position.chance, f"{position.seed}/{position.attempt}"
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength", MOST_CHARACTERS)
    if shortest > MOST_CHARACTERS:
        raise TooMuch("minLength", f"it asks for {shortest} characters, and at most {MOST_CHARACTERS} are made up")
    if "pattern" in schema:
        grown = text_matching(schema["pattern"], chance, shortest, longest)
        if grown is not None:
            return grown
    written = _formatted(schema.get("format", ""), chance, seed)
    if written is None:
        written = _example(str(schema.get("description", "")), chance) or _believable(role, position, seed)
    return _sized(written, shortest, longest, chance, bool(schema.get("format")))


def _formatted(form: str, chance: Random, seed: str) -> str | None:
    day = (TODAY + timedelta(days=chance.randint(1, 60))).isoformat()
    clock = f"{chance.randint(8, 18):02d}:{chance.choice(('00', '15', '30', '45'))}:00Z"
    number = chance.randint
    simple: dict[str, Callable[[], str]] = {
        "date": lambda: day,
        "date-time": lambda: f"{day}T{clock}",
        "time": lambda: clock,
        "duration": lambda: f"P{number(1, 14)}D",
        "uuid": lambda: _uuid(chance),
        "ipv4": lambda: f"192.0.2.{number(1, 254)}",
        "ipv6": lambda: f"2001:db8::{number(1, 9999):x}",
        "hostname": lambda: f"{chance.choice(_WORDS)}.example.com",
        "idn-hostname": lambda: f"{chance.choice(_WORDS)}.example.com",
        "uri": lambda: f"https://example.com/{chance.choice(_WORDS)}",
        "iri": lambda: f"https://example.com/{chance.choice(_WORDS)}",
        "url": lambda: f"https://example.com/{chance.choice(_WORDS)}",
        "uri-reference": lambda: f"/{chance.choice(_WORDS)}",
        "iri-reference": lambda: f"/{chance.choice(_WORDS)}",
        "uri-template": lambda: "https://example.com/{id}",
        "json-pointer": lambda: f"/{chance.choice(_WORDS)}",
        "relative-json-pointer": lambda: f"{number(0, 3)}/{chance.choice(_WORDS)}",
        "regex": lambda: f"^{chance.choice(_WORDS)}$",
        "email": lambda: _email(seed),
        "idn-email": lambda: _email(seed),
    }
    return simple[form]() if form in simple else None


def _email(seed: str) -> str:
    return f"{_faker(seed).user_name()}@example.com"


def _uuid(chance: Random) -> str:
    digits = f"{chance.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _example(description: str, chance: Random) -> str | None:
    """One of the examples that the description gives."""
    examples = [example for example in examples_in(description) if 0 < len(example) <= 40]
    return chance.choice(examples) if examples else None


def _believable(role: str, position: Position, seed: str) -> str:
    chance = position.chance
    words = identifier_words(position.name)
    last = words[-1] if words else ""
    day = (TODAY + timedelta(days=chance.randint(1, 60))).isoformat()
    plain: dict[str, Callable[[], str]] = {
        "url": lambda: f"https://example.com/{chance.choice(_WORDS)}",
        "ip": lambda: f"192.0.2.{chance.randint(1, 254)}",
        "date": lambda: day,
        "datetime": lambda: f"{day}T{chance.randint(8, 18):02d}:00:00Z",
        "time": lambda: f"{chance.randint(8, 18):02d}:{chance.choice(('00', '30'))}",
        "text": lambda: chance.choice(_SENTENCES),
        "subject": lambda: chance.choice(_TOPICS).capitalize(),
        "query": lambda: chance.choice(_TOPICS),
        "sql": lambda: "SELECT * FROM customers LIMIT 10;",
        "id": lambda: f"{(words[0] if len(words) > 1 else 'ref')[:4].upper()}-{chance.randint(1000, 9999)}",
        "language": lambda: chance.choice(("English", "Spanish", "French", "German")),
        "currency": lambda: chance.choice(("USD", "EUR", "GBP")),
        "unit": lambda: chance.choice(_UNITS),
        "path": lambda: f"/home/user/{chance.choice(_WORDS)}.txt",
        "expression": lambda: f"{chance.randint(2, 9)} * x + {chance.randint(1, 9)}",
        "color": lambda: chance.choice(_COLORS),
        "percent": lambda: f"{chance.randint(1, 20)}%",
        "money": lambda: f"{chance.randint(20, 900)}.00",
        "count": lambda: str(chance.randint(1, 10)),
        "year": lambda: str(chance.randint(2015, 2025)),
        "duration": lambda: f"{chance.randint(1, 14)} days",
    }
    if role in plain:
        return plain[role]()
    if role in _INVENTED or last in _INVENTED:
        return str(_INVENTED[last if last in _INVENTED else role](_faker(seed)))
    return chance.choice(_WORDS)


def _person(faker: "Faker") -> str:
    return str(faker.name())


_INVENTED: Mapping[str, Callable[["Faker"], str]] = {
    "email": lambda faker: f"{faker.user_name()}@example.com",
    "recipient": lambda faker: f"{faker.user_name()}@example.com",
    "phone": lambda faker: faker.numerify("+1-555-01##-####"),
    "person": _person,
    "name": _person,
    "place": lambda faker: faker.city(),
    "city": lambda faker: faker.city(),
    "country": lambda faker: faker.country(),
    "state": lambda faker: faker.state(),
    "address": lambda faker: faker.street_address(),
    "street": lambda faker: faker.street_address(),
    "zip": lambda faker: faker.postcode(),
    "zipcode": lambda faker: faker.postcode(),
    "postcode": lambda faker: faker.postcode(),
    "organization": lambda faker: faker.company(),
    "company": lambda faker: faker.company(),
    "job": lambda faker: faker.job(),
    "username": lambda faker: faker.user_name(),
}


def _faker(seed: str) -> "Faker":
    from faker import Faker  # 130 ms, only for values that have to be invented

    faker = _FAKERS.get("en_US")
    if faker is None:
        faker = _FAKERS["en_US"] = Faker("en_US")
    faker.seed_instance(seed.encode("utf-8", "surrogatepass"))
    return faker


def _sized(written: str, shortest: int, longest: int, chance: Random, has_form: bool) -> str:
    """The text made longer or shorter where its length is bounded."""
    if len(written) < shortest and not has_form:
        words, length = [written], len(written)
        while length < shortest:
            word = (" " if shortest - length > 6 else "") + chance.choice(_WORDS)[: max(1, shortest - length)]
            words.append(word)
            length += len(word)
        written = "".join(words)
    return (
        written
        if len(written) <= longest or has_form
        else written[:longest].rstrip().ljust(min(longest, shortest), "a")
    )


def number(schema: Mapping[str, Any], position: Position, role: str, whole: bool) -> int | float:
    """A number within a schema's limits, near what is usual for its role where the limits leave that open."""
    chance = position.chance
    low, high = _limits(schema, whole)
    usual_low, usual_high = _usual(role, position.name)
    if low is None and high is None:
        low, high = Decimal(usual_low), Decimal(usual_high)
    elif low is None and high is not None:
        low = min(Decimal(usual_low), high - 1 if whole else high - abs(high) / 2 - 1)
    elif low is not None and high is None:
        high = max(Decimal(usual_high), low + 10)
    assert low is not None
    assert high is not None
    if usual_low < high and usual_high > low:
        low, high = max(low, Decimal(usual_low)), min(high, Decimal(usual_high))
    step = schema.get("multipleOf")
    if step is not None:
        return _multiple(Fraction(str(step)), (low, high), _limits(schema, whole), chance, whole)
    if whole:
        first, last = math.ceil(low), math.floor(high)
        return chance.randint(first, max(first, last))
    drawn = float(low) + chance.random() * float(high - low)
    if not math.isfinite(drawn):
        return math.ceil(low)
    rounded = round(drawn, 2)
    return rounded if low <= Decimal(str(rounded)) <= high else drawn


def _usual(role: str, name: str) -> tuple[int, int]:
    lowered = name.casefold()
    for word in ("latitude", "longitude", "age"):
        if lowered == word or lowered == word[:3]:
            return _USUAL[word]
    return _USUAL.get(role, _USUAL[""])


def _limits(schema: Mapping[str, Any], whole: bool) -> tuple[Decimal | None, Decimal | None]:
    """The least and the greatest number allowed; an exclusive limit is moved inwards by the smallest sensible step."""
    nudge = Decimal(1) if whole else Decimal("0.01")
    lows = [Decimal(str(schema["minimum"]))] if "minimum" in schema else []
    highs = [Decimal(str(schema["maximum"]))] if "maximum" in schema else []
    if "exclusiveMinimum" in schema:
        edge = Decimal(str(schema["exclusiveMinimum"]))
        lows.append(math.floor(edge) + nudge if whole else edge + nudge)
    if "exclusiveMaximum" in schema:
        edge = Decimal(str(schema["exclusiveMaximum"]))
        highs.append(math.ceil(edge) - nudge if whole else edge - nudge)
    low = max(lows) if lows else None
    high = min(highs) if highs else None
    if low is not None and high is not None and low > high and not whole:
        middle = (
            Decimal(str(schema.get("exclusiveMinimum", low))) + Decimal(str(schema.get("exclusiveMaximum", high)))
        ) / 2
        return middle, middle
    return low, high


def _multiple(
    step: Fraction,
    usual: tuple[Decimal, Decimal],
    limits: tuple[Decimal | None, Decimal | None],
    chance: Random,
    whole: bool,
) -> int | float:
    """A multiple of the step that is usual, or else the nearest one that the limits allow."""
    if whole:
        step = Fraction(step.numerator)  # the whole multiples of p/q are those of p
    first, last = math.ceil(Fraction(usual[0]) / step), math.floor(Fraction(usual[1]) / step)
    if first > last:
        least, most = (Fraction(limit) if limit is not None else None for limit in limits)
        first = 1 if step < _VAST else 0
        first = first if most is None else min(first, math.floor(most / step))
        first = last = first if least is None else max(first, math.ceil(least / step))
    value = step * chance.randint(first, last)
    return int(value) if value.denominator == 1 else float(value)
