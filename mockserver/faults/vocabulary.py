"""Vocabulary of faults: alternative names, enum values, synonyms, wrong formats."""

from typing import Any

INVENTED_PARAMETERS: list[tuple[str, Any]] = [
    ("include_humidity", True),
    ("language", "en"),
    ("verbose", True),
    ("max_results", 10),
    ("timeout_seconds", 30),
    ("country_code", "US"),
    ("confidence", 0.9),
    ("output_format", "json"),
    ("include_metadata", False),
    ("reason", "the user asked for it"),
]
"""Parameters that models like to add."""

OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "location": ("city", "place"),
    "city": ("location", "city_name"),
    "unit": ("units", "temperature_unit"),
    "path": ("directory", "file_path"),
    "directory": ("path", "folder"),
    "query": ("q", "search_query"),
    "to": ("recipient", "to_address"),
    "body": ("message", "content"),
    "subject": ("title", "topic"),
    "limit": ("max_results", "count"),
    "date": ("day", "when"),
    "name": ("full_name", "title"),
    "id": ("identifier", "uid"),
    "user_id": ("userId", "uid"),
    "email": ("email_address", "mail"),
    "start": ("from", "start_date"),
    "end": ("to", "end_date"),
    "value": ("data", "item"),
}
"""What models call a parameter instead."""

OTHER_CHOICES: list[tuple[Any, Any]] = [
    ("celsius", "kelvin"),
    ("metric", "scientific"),
    ("low", "urgent"),
    ("asc", "random"),
    ("ascending", "random"),
    ("open", "archived"),
    ("red", "turquoise"),
    ("usd", "BTC"),
    ("USD", "BTC"),
    ("GET", "FETCH"),
    ("daily", "fortnightly"),
    ("small", "extra_large"),
    ("admin", "superuser"),
]
"""A member of an enum, and the stranger that models put beside it."""

SYNONYMS: dict[str, tuple[str, ...]] = {
    "celsius": ("C", "metric", "centigrade"),
    "fahrenheit": ("F", "imperial"),
    "metric": ("celsius",),
    "imperial": ("fahrenheit",),
    "low": ("minor", "not urgent"),
    "medium": ("normal", "moderate"),
    "high": ("urgent", "critical"),
    "asc": ("ascending", "up"),
    "desc": ("descending", "down"),
    "open": ("active", "todo"),
    "closed": ("done", "resolved"),
    "true": ("yes",),
    "false": ("no",),
    "male": ("m", "man"),
    "female": ("f", "woman"),
    "economy": ("coach", "standard"),
    "business": ("premium",),
}
"""Words that mean a member of an enum."""

WRONG_FORMATS: dict[str, tuple[str, ...]] = {
    "date": ("tomorrow", "03/04/25", "2025-13-45", "March 4th"),
    "date-time": ("tomorrow at noon", "2025-03-04 12:00", "03/04/25 12:00"),
    "time": ("noon", "12:30 pm", "25:61"),
    "duration": ("2 hours", "90 minutes"),
    "email": ("john at example dot com", "john.doe", "@example"),
    "uri": ("example dot com", "www example com"),
    "url": ("example dot com", "www example com"),
    "uuid": ("12345", "id-0001", "not-a-uuid"),
    "ipv4": ("localhost", "192.168.1", "300.1.2.3"),
    "ipv6": ("localhost", "::g"),
    "hostname": ("my server!", "-host-", "a b"),
}
"""What is given in place of a value in a format."""

BROAD = ("all", "admin", "everyone", "org-admin", "any", "write", "full")
"""Scopes that are wider than anybody asked for."""

UNSAFE: dict[str, str] = {
    "path": "../../../../etc/passwd",
    "sql": "'; DROP TABLE users; --",
    "shell": "x; cat /etc/passwd #",
    "url": "http://169.254.169.254/latest/meta-data/",
    "nul": "report\u0000.txt",
}
"""Attacks on code that uses a value unchecked."""

EXONYMS: dict[str, str] = {
    "Munich": "München",
    "München": "Munich",
    "Cologne": "Köln",
    "Köln": "Cologne",
    "Vienna": "Wien",
    "Wien": "Vienna",
    "Rome": "Roma",
    "Roma": "Rome",
    "Milan": "Milano",
    "Florence": "Firenze",
    "Venice": "Venezia",
    "Naples": "Napoli",
    "Paris": "Parigi",
    "London": "Londres",
    "Lisbon": "Lisboa",
    "Prague": "Praha",
    "Warsaw": "Warszawa",
    "Moscow": "Moskva",
    "Athens": "Athina",
    "Copenhagen": "København",
    "Gothenburg": "Göteborg",
    "Brussels": "Bruxelles",
    "Geneva": "Genève",
    "Zurich": "Zürich",
    "Zürich": "Zurich",
    "Tokyo": "東京",
    "Beijing": "北京",
    "Seoul": "서울",
    "Cairo": "القاهرة",
    "New York": "Nueva York",
    "San Francisco": "旧金山",
    "Chicago": "シカゴ",
    "Germany": "Deutschland",
    "Spain": "España",
    "Italy": "Italia",
    "Oslo": "Осло",
    "tomorrow": "mañana",
    "today": "heute",
}
"""A name or word, and what it is called in another language."""

RELATED_TOOLS: dict[str, tuple[str, ...]] = {
    "get_current_weather": ("get_forecast", "get_weather_forecast", "fetch_weather"),
    "get_weather": ("get_forecast", "get_weather_forecast", "fetch_weather"),
    "send_email": ("send_message", "compose_email", "email_send"),
    "get_customers": ("list_customers", "get_top_customers", "search_customers"),
    "sql_query": ("execute_sql", "run_query", "query_database"),
    "search": ("web_search", "google_search", "find"),
    "terminal": ("shell", "bash", "run_command"),
}
"""Functions that models call though others are offered."""

OTHER_VERBS = ("get", "fetch", "list", "find", "lookup", "search", "run", "retrieve")
"""Verbs that names of invented functions begin with."""


def other_names(name: str) -> list[str]:
    """What else a parameter is called: by models, in other spellings."""
    words = name.replace("-", "_").split("_")
    camel = words[0] + "".join(word.title() for word in words[1:])
    known = OTHER_NAMES.get(name.casefold(), ())
    plural = name[:-1] if name.endswith("s") else f"{name}s"
    return [other for other in (*known, camel, f"{name}_value", plural) if other != name]
