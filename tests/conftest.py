"""What holds for every test."""

import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.sdk_clients import close_clients

# A slow machine breaks no law, and what passes once passes again. `--hypothesis-profile=random` looks for more.
slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("suite", slow, derandomize=True, database=None)
settings.register_profile("random", slow, print_blob=True)
settings.load_profile("suite")

# Test runs that a test starts have options of their own; those of this run, such as `--cov`, are not theirs.
os.environ.pop("PYTEST_ADDOPTS", None)


def pytest_configure(config: pytest.Config) -> None:
    """Keep compiled modules where they are forbidden beside their sources: hundreds of processes start in a run."""
    cache = getattr(config, "cache", None)
    if sys.dont_write_bytecode and cache is not None:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(cache.mkdir("compiled"))
        sys.dont_write_bytecode = False


@pytest.fixture(autouse=True)
def _clients_are_closed() -> Iterator[None]:
    """The SDK clients that a test made are closed with it."""
    yield
    close_clients()
