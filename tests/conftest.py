"""What holds for every test."""

from hypothesis import settings

# A slow machine breaks no law, and what passes once passes again: `--hypothesis-profile=default` looks for news.
settings.register_profile("suite", deadline=None, derandomize=True, database=None)
settings.load_profile("suite")
