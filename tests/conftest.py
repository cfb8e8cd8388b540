"""What holds for every test."""

from hypothesis import HealthCheck, settings

# A slow machine breaks no law, and what passes once passes again: `--hypothesis-profile=default` looks for news.
settings.register_profile(
    "suite", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")
