"""The demonstration: a server of our own, and an application that meets it over HTTP."""

import os
import subprocess
import sys

from mockserver.server.mock_llm import MockLLM


def demo(seed: str) -> int:
    """Play the four steps of function calling against a server of our own; the exit code is the application's.

    The application is a process of its own, as every user's is: it meets the server over HTTP and knows nothing of it.
    """
    with MockLLM(seed=seed) as llm:
        application = [sys.executable, "-P", "-m", "clientkit", llm.base_url]
        return subprocess.run(application, env={**os.environ, **llm.env}, check=False).returncode  # noqa: S603  # ours
