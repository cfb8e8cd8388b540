"""A project in a string: an application that knows nothing of the mock, its tests, and a run of pytest."""

import re
from textwrap import dedent

import pytest

import mockserver.pytest_plugin.environment
import mockserver.scenario.file.loader  # noqa: F401  # a run forgets what it imported: let there be nothing new
from mockserver import MockLLM, Reply, call, refuse  # noqa: F401  # and no names that outlive it

APPLICATION = '''
import json, os, urllib.error, urllib.request

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_current_weather",
            "parameters": {
                "type": "object",
                "properties": {"location": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius"]}},
                "required": ["location"],
            },
        },
    }
]


class Refused(Exception):
    pass


def ask(messages, **more):
    """One request, as the environment says where to."""
    body = json.dumps({"model": "gpt-4o", "messages": messages, "tools": TOOLS, **more}).encode()
    key = {"authorization": "Bearer " + os.environ["OPENAI_API_KEY"], "content-type": "application/json"}
    request = urllib.request.Request(os.environ["OPENAI_BASE_URL"] + "/chat/completions", body, key)
    try:
        with urllib.request.urlopen(request) as response:
            return json.load(response)["choices"][0]["message"]
    except urllib.error.HTTPError as error:
        with error:
            raise Refused(json.load(error)["error"]["message"]) from None


def user(text):
    return {"role": "user", "content": text}


def result(call, content):
    return {"role": "tool", "tool_call_id": call["id"], "content": content}


def agent(question, answer=lambda call: "21"):
    """Answers every call until the model says something."""
    messages = [user(question)]
    while True:
        message = ask(messages)
        messages.append(message)
        if not message.get("tool_calls"):
            return message["content"]
        messages += [result(call, answer(call)) for call in message["tool_calls"]]
'''

HEAD = """
import pytest
from application import Refused, agent, ask, result, user
from mockserver import call, refuse
"""

FILES = {
    "oslo": """
scenario: oslo
turns:
  - when: {user_says: Oslo}
    calls:
      - call: get_current_weather
        with: {location: Oslo}
  - text: "{result.get_current_weather.0} degrees."
""",
    "mistakes": """
scenario: mistakes
turns:
  - wenn: {user_says: Oslo}
    text: Warm.
  - when: {user_says: Oslo}
""",
}

_MARKS_A_PLACE = re.compile(r" +[~^]+")
"""Where a traceback points into its line, as it does from Python 3.13 on."""

# Hypothesis has nothing to do here, and would be imported anew for each run.
PLAIN = ("-p", "no:randomly", "-p", "no:hypothesispytest", "-p", "no:cacheprovider", "--no-header", "-q")


def run(pytester: pytest.Pytester, tests: str, *options: str, conftest: str = "") -> pytest.RunResult:
    """Run these tests, in this process."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(application=APPLICATION, test_application=HEAD + dedent(tests))
    for name, text in FILES.items():
        pytester.makefile(".yaml", **{name: text})
    if conftest:
        pytester.makeconftest(conftest)
    return pytester.runpytest_inprocess(*PLAIN, *options)


def report(ran: pytest.RunResult) -> str:
    """What a run reports of its failures, without what changes from run to run and from Python to Python."""
    lines = "\n".join(line for line in ran.outlines if not _MARKS_A_PLACE.fullmatch(line))
    shown = lines.partition(" FAILURES ")[2].partition("\n")[2].partition("short test summary")[0]
    return re.sub(r"^=+ $|/\S*/(?=[\w.]+\.(?:py|yaml))", "", shown, flags=re.MULTILINE).strip()
