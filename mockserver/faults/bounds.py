"""How much a fault makes: the bounds of its parameters, and of what a schema's limits lead it to."""

MOST_CHARACTERS = 10_000_000
"""Characters, bytes or entries that one fault adds, counts off or makes."""

MOST_LEVELS = 100_000
"""Levels of a value that is nested on purpose."""

MOST_TIMES = 1_000
"""Times that the same call is there."""

LONGEST_SECONDS = 86_400.0
"""The longest silence, delay or gap: a day."""

LATEST_SECONDS = 31_536_000.0
"""The latest moment to come again: in a year."""
