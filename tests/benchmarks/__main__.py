"""`python -m tests.benchmarks [NAME …]`: measure and print the table that docs/benchmarks.md shows."""

import json
import os
import socket
import statistics
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from mockserver import MockLLM, Reply
from mockserver.chat import Timing
from tests.benchmarks.in_a_suite import of_a_test
from tests.benchmarks.load import NUMBER, Load, Target, load
from tests.benchmarks.matching import among_rules, in_a_conversation
from tests.benchmarks.processes import LOAD_CORE, Server, pin, seconds

HERE = Path(__file__).parent
LONG_TEXT = HERE / "long_text.yaml"
ROUNDS = 7
QUESTION = "What is the current temperature of New York, San Francisco, and Chicago?"
LOCATION = {"type": "string", "description": "The city and state, e.g. San Francisco, CA"}
UNIT = {"type": "string", "enum": ["celsius", "fahrenheit"]}
WEATHER = {
    "name": "get_current_weather",
    "description": "Get the current weather in a given location",
    "parameters": {"type": "object", "properties": {"location": LOCATION, "unit": UNIT}},
}


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, ours, the plain handler's, and their ratio."""

    figure: str
    ours: str
    plain: str
    ratio: float | None
    wanted: str


def body(question: str, *, stream: bool = False, tools: bool = True) -> bytes:
    asked: dict[str, object] = {"model": "gpt-4o", "messages": [{"role": "user", "content": question}]}
    if tools:
        asked |= {"tools": [{"type": "function", "function": WEATHER}], "tool_choice": "auto"}
    if stream:
        asked["stream"] = True
    return json.dumps(asked).encode()


def mock(*arguments: str) -> Server:
    return Server.start(["-m", "mockserver", "serve", "--port", "0", *arguments])


@contextmanager
def both(
    scenario: str, question: str, *options: str, stream: bool = False
) -> Iterator[tuple[Server, Target, Server, Target]]:
    """Our server and the plain handler, the latter with the very answer that ours gave."""
    with ExitStack() as stack:
        ours = stack.enter_context(mock(scenario, *options))
        asked = body(question, stream=stream, tools=not stream)
        target = Target.post(f"{ours.url}/chat/completions", asked)
        content = load(target, 1, answers=1).latest.partition(b"\r\n\r\n")[2]
        frames = [part.decode() + "\n\n" for part in unchunked(content).split(b"\n\n")[:-1]] if stream else []
        answers = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "answers.json"
        answers.write_text(json.dumps({"body": None if stream else json.loads(content), "frames": frames}))
        floor = stack.enter_context(Server.start([str(HERE / "floor.py"), str(answers)]))
        path = "streamed" if stream else "chat/completions"
        yield ours, target, floor, Target.post(f"{floor.url}/{path}", asked)


def unchunked(content: bytes) -> bytes:
    whole = b""
    while content:
        size, _, content = content.partition(b"\r\n")
        whole, content = whole + content[: int(size, 16)], content[int(size, 16) + 2 :]
    return whole


def in_turns(ours: Callable[[], float], plain: Callable[[], float]) -> tuple[float, float, float]:
    """Measure in turns; the medians, and the median of the ratios of neighbouring measurements."""
    pairs = [(ours(), plain()) for _ in range(ROUNDS)]
    medians = [statistics.median(column) for column in zip(*pairs, strict=True)]
    return medians[0], medians[1], statistics.median(mine / other for mine, other in pairs)


def completions() -> Iterator[Row]:
    yield from _completions(QUESTION, "completions with 3 calls", "≥ 0.85")
    anew = f"{QUESTION} {NUMBER.decode()}"
    yield from _completions(anew, "the same, every request another", "")
    yield from _completions(anew, "the same, and hardly checked", "", "--checks", "lenient")


def _completions(question: str, what: str, wanted: str, *options: str) -> Iterator[Row]:
    with both("three_cities", question, *options) as (ours, our_target, floor, plain_target):
        for clients in (16, 128):
            load(our_target, clients, seconds=0.3)
            load(plain_target, clients, seconds=0.3)
            spent = ours.processor_seconds, floor.processor_seconds
            runs: list[Load] = []
            mine, other, ratio = in_turns(
                lambda: kept(runs, load(our_target, clients)), lambda: kept(runs, load(plain_target, clients))
            )
            yield Row(f"{what}, {clients} clients", f"{mine:,.0f}/s", f"{other:,.0f}/s", ratio, wanted)
            costs = [
                (server.processor_seconds - before) / sum(run.answers for run in runs[index::2]) * 1e6
                for index, (server, before) in enumerate(zip((ours, floor), spent, strict=True))
            ]
            name = f"processor time of each, {clients} clients"
            yield Row(name, f"{costs[0]:.0f} µs", f"{costs[1]:.0f} µs", costs[0] / costs[1], "")


def kept(runs: list[Load], run: Load) -> float:
    runs.append(run)
    return run.per_second


def streams() -> Iterator[Row]:
    with both(str(LONG_TEXT), "Tell me a long story.", stream=True) as (_, our_target, __, plain_target):
        for clients in (64, 512):
            mine, other, ratio = in_turns(
                lambda: load(our_target, clients).per_second, lambda: load(plain_target, clients).per_second
            )
            name = f"streams of 100 chunks, {clients} clients"
            yield Row(name, f"{mine:,.0f}/s", f"{other:,.0f}/s", ratio, "≥ 2")


def cold_start() -> Iterator[Row]:
    asked = body(QUESTION)

    def first_answer(command: list[str]) -> None:
        with Server.start(command) as server:
            load(Target.post(f"{server.url}/chat/completions", asked), 1, answers=1)

    with tempfile.TemporaryDirectory() as folder:
        answers = Path(folder) / "answers.json"
        answers.write_text(json.dumps({"body": {}, "frames": []}))
        for name, scenarios, wanted in (("simulated model", [], "≤ 1.4"), ("scenario file", ["three_cities"], "")):
            command = ["-m", "mockserver", "serve", "--port", "0", *scenarios]
            mine, other, ratio = in_turns(
                lambda: seconds(lambda: first_answer(command)),
                lambda: seconds(lambda: first_answer([str(HERE / "floor.py"), str(answers)])),
            )
            figure = f"cold start to the first answer, {name}"
            yield Row(figure, f"{mine * 1000:.0f} ms", f"{other * 1000:.0f} ms", ratio, wanted)


def stopping() -> Iterator[Row]:
    """How long a stop takes while one client waits for a scripted delay and another is amid a stream."""

    def stop() -> float:
        llm = MockLLM(time_scale=1).start()
        llm.script(Reply("Late.", timing=Timing(first_token=30)), Reply("One two.", timing=Timing(gap=30)))
        with ExitStack() as stack:
            for stream in (False, True):
                target = Target.post(f"{llm.base_url}/chat/completions", body("Hello", stream=stream))
                client = stack.enter_context(socket.create_connection((target.host, target.port)))
                client.sendall(target.request)
            client.recv(1)
            return seconds(llm.stop)

    took = statistics.median(stop() for _ in range(ROUNDS))
    yield Row("stop with a delay and a stream in flight", f"{took * 1000:.1f} ms", "", None, "≤ 100 ms")


def fixture() -> Iterator[Row]:
    def ours() -> None:
        with MockLLM():
            pass

    mine, other, ratio = in_turns(lambda: median_of(20, ours), lambda: median_of(20, plain_server_in_a_thread))
    yield Row("fixture start + stop", f"{mine * 1000:.2f} ms", f"{other * 1000:.2f} ms", ratio, "≤ 5 ms each")
    used, empty, ratio = in_turns(lambda: of_a_test("mock_llm, "), lambda: of_a_test(""))
    figure = "processor time of a test with mock_llm, beside an empty one"
    yield Row(figure, f"{used * 1000:.2f} ms", f"{empty * 1000:.2f} ms", ratio, "≤ 2 ms")


def median_of(count: int, action: Callable[[], None]) -> float:
    return statistics.median(seconds(action) for _ in range(count))


def plain_server_in_a_thread() -> None:
    """What any fixture with a server in a thread of its own costs."""
    import asyncio

    async def serve() -> None:
        runner = web.AppRunner(web.Application(), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    thread.join()


def memory() -> Iterator[Row]:
    with both("three_cities", QUESTION) as (ours, our_target, floor, plain_target):
        answered = 0
        for total in (10_000, 50_000):
            load(our_target, 16, answers=total - answered)
            load(plain_target, 16, answers=total - answered)
            answered = total
            mine, other = ours.memory, floor.memory
            name = f"memory after {total:,} requests"
            yield Row(name, f"{mine:.1f} MiB", f"{other:.1f} MiB", mine / other, "no growth")


def matching() -> Iterator[Row]:
    """Without a server: the plain handler finds nobody, so the ratio is to the first of each kind."""
    for measured in (among_rules(), in_a_conversation()):
        first = 0.0
        for name, took in measured:
            first = took if not first or "among 10 " in name else first
            yield Row(f"finding who answers {name}", f"{took * 1e6:.0f} µs", "", took / first, "")


FIGURES = {
    "completions": completions,
    "streams": streams,
    "cold_start": cold_start,
    "fixture": fixture,
    "stopping": stopping,
    "memory": memory,
    "matching": matching,
}


def main(names: list[str]) -> None:
    pin(os.getpid(), LOAD_CORE)
    print("| figure | mockserver | plain aiohttp handler | ratio | target |\n|---|---|---|---|---|")
    for name in names or FIGURES:
        for row in FIGURES[name]():
            ratio = f"{row.ratio:.2f}" if row.ratio is not None else ""
            print(f"| {row.figure} | {row.ours} | {row.plain} | {ratio} | {row.wanted} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
