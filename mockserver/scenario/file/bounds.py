"""The greatest numbers that a scenario file may hold: what is more is a mistake, told with its place."""

MOST_TIMES = 1_000_000
"""`times` of a turn or rule, and the numbers of `turn` and `tool_results` in conditions."""

LONGEST_SECONDS = 86_400
"""The longest wait (`first_token`, `gap`, the gaps of a recording): a day."""

LATEST_SECONDS = 31_536_000
"""The latest `retry_after`: in a year."""

SLOWEST, FASTEST = 0.001, 1_000_000
"""`tokens_per_second`."""

LARGEST_CUT = 1_000_000
"""Characters of a chunk (`stream.cut`)."""

MOST_TOKENS = 1_000_000_000_000
"""`usage`: a trillion tokens."""
