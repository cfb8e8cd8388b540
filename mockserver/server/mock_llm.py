"""MockLLM: the mock as a Python object, for tests and scripts."""

import os
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from mockserver.engine import Checks, Engine, Fallback, Settings
from mockserver.journal import Exchange, Journal
from mockserver.scenario import Play, Rule, Scenario, Turn, When, as_say, load
from mockserver.server.listener import Listener
from mockserver.server.thread import LoopThread

Result = TypeVar("Result")
ScenarioFile = str | os.PathLike[str]


class MockLLM:
    """A model that calls tools, without the model: a real server in a thread of its own.

        with MockLLM() as llm:
            llm.script(call("get_current_weather", location="Oslo"), "Cold in Oslo.")
            run_my_app(base_url=llm.base_url, api_key=llm.api_key)
            print(llm.journal)

    Works with any client, blocking or not, in this process or another. Without a `scenario` the simulated model
    answers what no script does; with one, an unscripted request is an error (`fallback` chooses). Waits are skipped
    unless `time_scale` is above 0.
    """

    def __init__(
        self,
        scenario: ScenarioFile | Scenario | None = None,
        *,
        seed: str | int | None = None,
        fallback: Fallback | None = None,
        checks: Checks = "strict",
        time_scale: float = 0.0,
    ) -> None:
        chosen: Fallback = fallback or ("simulate" if scenario is None else "error")
        self.api_key = "mock-key"
        self._engine = Engine(Settings(None if seed is None else str(seed), chosen, checks, time_scale))
        self._journal = Journal()
        self._script = Play(Scenario("script", order="arrival"), label="script")
        self._listener: Listener | None = None
        self._thread: LoopThread | None = None
        self._loaded: list[Play] = []
        self._arrange()
        if scenario is not None:
            self.load(scenario)

    @property
    def base_url(self) -> str:
        """The base URL for clients, `/v1` included.

        Raises:
            RuntimeError: the server has not been started.
        """
        if self._listener is None:
            raise RuntimeError("this MockLLM is not running: use it as `with MockLLM() as llm:` or call start()")
        return self._listener.url

    @property
    def env(self) -> dict[str, str]:
        """The environment variables that point clients here; nothing is set by itself."""
        return {
            "OPENAI_BASE_URL": self.base_url,
            "OPENAI_API_BASE": self.base_url,
            "OPENAI_API_KEY": self.api_key,
            "AIML_API_KEY": self.api_key,
        }

    @property
    def journal(self) -> Journal:
        """What happened so far; a copy, which later requests do not change."""
        return self._on_loop(self._journal.copy)

    def start(self) -> Self:
        """Start the server on a free port of the loopback interface."""
        if self._thread is None:
            self._listener = Listener(self._engine, self._journal)
            self._thread = LoopThread("mockserver")
            self._thread.run(self._listener.start())
        return self

    def stop(self) -> None:
        """Stop the server at once; what is being answered is cut off."""
        if self._thread is not None and self._listener is not None:
            self._thread.run(self._listener.stop())
            self._thread.stop()
        self._thread = self._listener = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def script(self, *turns: Any) -> None:
        """Say these turns in the order of the requests that come in; calling it again appends.

        A turn is a text, a call, a list of calls (parallel), an error from `refuse`, a `Reply`, or a function of the
        request that gives one of these.

        Raises:
            TypeError: a turn is something else.
        """
        said = tuple(Turn(as_say(turn)) for turn in turns)
        self._on_loop(lambda: self._script.append(turns=said))

    def when(self, **conditions: Any) -> "Answering":
        """Say something whenever the conditions of a scenario file's `when` hold, given as keywords."""
        condition = When.of(**conditions)
        return Answering(lambda say: self._on_loop(lambda: self._script.append(rules=(Rule(say, condition),))))

    def load(self, scenario: ScenarioFile | Scenario) -> None:
        """Play a scenario, too: a file, or one built in Python.

        Raises:
            ScenarioErrors: the file has mistakes.
            OSError: the file cannot be read.
        """
        loaded = scenario if isinstance(scenario, Scenario) else load(os.fspath(scenario))
        self._loaded.append(Play(loaded))
        self._on_loop(self._arrange)

    def reset(self) -> None:
        """As at the start: no script, no rules, no journal; what was loaded begins anew."""
        self._script = Play(Scenario("script", order="arrival"), label="script")
        self._on_loop(self._clear)

    def verify(self) -> None:
        """Tell what a test should know.

        Raises:
            AssertionError: a request was refused or nothing was scripted for it, or a turn was never asked for.
        """
        journal, unplayed = self._on_loop(lambda: (self._journal.copy(), self._script.unplayed()))
        troubles = [f"exchange {entry.id}: {_reason(entry)}" for entry in journal if entry.ended == "refused"]
        troubles += [f"turn never asked for: {turn.say!r}" for turn in unplayed]
        if troubles:
            raise AssertionError("\n".join([*troubles, "", str(journal)]))

    def _arrange(self) -> None:
        self._engine.plays = (self._script, *self._loaded)

    def _clear(self) -> None:
        self._arrange()
        self._journal.clear()
        self._engine.reset()

    def _on_loop(self, function: Callable[[], Result]) -> Result:
        """State belongs to the loop's thread while the server runs."""
        return function() if self._thread is None else self._thread.call(function)


class Answering:
    """The second half of `llm.when(…).reply(…)`."""

    def __init__(self, add: Callable[[Any], None]) -> None:
        self._add = add

    def reply(self, turn: Any) -> None:
        """What to say when the condition holds; anything that `script` takes as a turn."""
        self._add(as_say(turn))


def _reason(exchange: Exchange) -> str:
    return getattr(exchange.reply, "message", exchange.ended)
