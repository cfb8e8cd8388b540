"""Law: who reads what happens to a request has few files to open, and seldom jumps between them."""

import json
import subprocess
import sys

MOST = {"plain": (26, 60), "streamed with a fault": (37, 130), "streamed as groq": (34, 120)}
"""For each request the most files, and the most switches from one file to another."""


def test_a_request_enters_few_files() -> None:
    ran = subprocess.run([sys.executable, "-m", "tests.request_flow"], capture_output=True, text=True, check=True)

    found = json.loads(ran.stdout)
    assert found.keys() == MOST.keys()
    assert {title: counts for title, counts in found.items() if any(map(int.__gt__, counts, MOST[title]))} == {}
