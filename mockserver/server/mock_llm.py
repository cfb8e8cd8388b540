"""MockLLM: the mock as a Python object, for tests and scripts."""

import os
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar, get_args

from mockserver.chat import ChatRequest
from mockserver.conduct import Conduct, Expect, Finding, Kind, conduct, report, unserved
from mockserver.engine import Checks, Engine, Fallback, Invent, Settings
from mockserver.faults import FaultSpec, fault_spec, parse
from mockserver.faults import profile as profile_called
from mockserver.journal import ENTRIES, Journal
from mockserver.redaction import Sanitiser
from mockserver.scenario import Play, Rule, Say, Scenario, Turn, When, find, load, says
from mockserver.server.access import BODY_LIMIT, Access
from mockserver.server.client_environment import client_environment
from mockserver.server.expectations import Part, expecting, failures, parts, unplayed
from mockserver.server.thread import Host
from mockserver.wire.chat_completions.providers import provider_named
from mockserver.wire.truncation import NamedFinish

Result = TypeVar("Result")
ScenarioFile = str | os.PathLike[str]

DEFAULT_MODEL = "gpt-4o"


class MockLLM:
    """A model that calls tools, without the model: a real server in a thread of its own.

        with MockLLM() as llm:
            llm.script(call("get_current_weather", location="Oslo"), "Cold in Oslo.")
            run_my_app(base_url=llm.base_url, api_key=llm.api_key)
            print(llm.journal)

    Works with any client, blocking or not, in this process or another. The simulated model answers until the first
    `scenario`, `script`, `when(…).reply` or `load`; from then on a request that none of them answers is an error
    (`fallback="simulate"` goes on simulating, `fallback="error"` never does). Waits are skipped
    unless `time_scale` is above 0. `model` is a name for applications to ask for; `journal` exchanges are remembered.
    With a `profile` answers go wrong as often as those of a kind of model. `named_finish` is how a call of the one
    function that a request names finishes ("stop" or "tool_calls"), None for as the model's family does.

    As the real API would, it requires an API key (`require_key`: any, or this one), knows only the listed models
    (`known_models_only`), takes so many requests and tokens a minute for each key (`rpm`, `tpm`), bodies of at most
    `body_limit` bytes, and, beside localhost, answers under the names in `allow_hosts`; `provider` names the service
    whose way of writing the wire it has.
    """

    def __init__(  # noqa: PLR0913  # each is a choice of its own, made by keyword
        self,
        scenario: ScenarioFile | Scenario | None = None,
        *,
        seed: str | int | None = None,
        fallback: Fallback | None = None,
        checks: Checks = "strict",
        time_scale: float = 0.0,
        model: str | None = None,
        journal: int = ENTRIES,
        profile: str | None = None,
        named_finish: NamedFinish | None = None,
        provider: str = "openai",
        eager: bool = False,
        invent: Invent = "reading",
        require_key: bool | str = False,
        known_models_only: bool = False,
        rpm: int | None = None,
        tpm: int | None = None,
        body_limit: int = BODY_LIMIT,
        allow_hosts: Sequence[str] = (),
    ) -> None:
        self._falls_back = fallback
        self.api_key = require_key if isinstance(require_key, str) else "mock-key"
        self.model = model or DEFAULT_MODEL
        self._names_model = model is not None
        self._engine = Engine(
            Settings(
                None if seed is None else str(seed),
                fallback or "simulate",
                checks,
                time_scale,
                profile=None if profile is None else profile_called(profile),
                named_finish=named_finish,
                provider=provider_named(provider).name,
                eager=eager,
                invent=invent,
            )
        )
        self._access = Access(require_key, known_models_only, rpm, tpm, body_limit, tuple(allow_hosts))
        self._journal = Journal(journal)
        self._script = Play(Scenario("script", order="arrival"), label="script")
        self._loaded: list[Play] = []
        self._optional: list[Play] = []
        self._allowed: set[Kind] = set()
        self._simulates = False
        self._host: Host | None = None
        self._shares_host = False
        self._arrange()
        if scenario is not None:
            self.load(scenario)

    def __repr__(self) -> str:
        where = self._host.url if self._host is not None else "not running"
        return f"<MockLLM {where}>"

    @property
    def base_url(self) -> str:
        """The base URL for clients, `/v1` included.

        Raises:
            RuntimeError: the server has not been started.
        """
        if self._host is None:
            raise RuntimeError("this MockLLM is not running: use it as `with MockLLM() as llm:` or call start()")
        return self._host.url

    @property
    def env(self) -> dict[str, str]:
        """The environment variables that point clients of every API here, and name the model if one was chosen.

        Nothing is set by itself: hand them to a subprocess as `env={**os.environ, **llm.env}`.
        """
        return dict(client_environment(self.base_url, self.api_key, self.model if self._names_model else None))

    @property
    def journal(self) -> Journal:
        """What happened so far; a copy, which later requests do not change."""
        return self._on_loop(self._journal.copy)

    @property
    def expect(self) -> Expect:
        """Expectations on what happened so far, as fluent calls: `llm.expect.requests(2).every_call_answered()`."""
        return expecting(lambda: self.journal)

    @property
    def conduct(self) -> list[Conduct]:
        """What the application did after each fault, judged from its requests."""
        return conduct(self.journal.conversations)

    def start(self, host: Host | None = None) -> Self:
        """Start the server on a free port of the loopback interface, or use one that is running already."""
        if self._host is None:
            self._shares_host = host is not None
            self._host = host or Host()
            self._host.serve(self._engine, self._journal, self._access)
        return self

    def stop(self) -> None:
        """Stop the server at once; what is being answered is cut off."""
        host, self._host = self._host, None
        if host is not None and self._shares_host:
            host.hang_up()
        elif host is not None:
            host.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def script(self, *turns: Any) -> None:
        """Say these turns in the order of the requests that come in; calling it again appends.

        A turn is a text, a call, a list of calls (parallel), an error from `refuse`, a broken connection from
        `hang_up`, a `Reply`, or a function of the request that gives one of these.

        Raises:
            TypeError: a turn is something else.
        """
        said = tuple(Turn(say) for say in says(turns))
        self._on_loop(lambda: self._append(turns=said))

    def when(self, test: Callable[[ChatRequest], Any] | None = None, /, **conditions: Any) -> "PendingRule":
        """Say something whenever the conditions of a scenario file's `when` hold, given as keywords.

        A function of the request that says yes or no may come before them.
        """
        condition = When.of(test, **conditions)

        def add(say: Say) -> None:
            self._on_loop(lambda: self._append(rules=(Rule(say, condition),)))

        return PendingRule(add)

    def simulate(self) -> None:
        """Let the simulated model answer what no script does, from now on and until a reset: for one test."""
        self._simulates = True
        self._on_loop(lambda: self._engine.fall_back("simulate"))

    def load(
        self,
        scenario: ScenarioFile | Scenario,
        *,
        optional: bool = False,
        secrets: Sequence[str] = (),
        ignore: Sequence[str] = (),
    ) -> None:
        """Play a scenario, too: a file, all files of a folder, a ready-made one by name, or one built in Python.

        `optional` says that nobody needs to ask for all of its turns: `verify` does not count those that are left.
        `secrets` are values that a recording does not hold, because they were taken out of it: requests may say them.
        `ignore` are paths or `/patterns/` of requests that recordings do not compare.

        Raises:
            ScenarioErrors: a file has mistakes.
            UnknownScenario: no file, folder or scenario has that name.
            OSError: a file cannot be read.
        """
        from mockserver.scenario.ignored_parts import ignoring

        loaded = [scenario] if isinstance(scenario, Scenario) else [load(file) for file in find(scenario)]
        plays = [Play(ignoring(each, ignore), sanitiser=Sanitiser(secrets)) for each in loaded]
        self._loaded += plays
        if optional:
            self._optional += plays
        self._on_loop(self._arrange)

    def fault(self, name: str | FaultSpec, **given: Any) -> None:
        """Let this go wrong from now on, in every answer that can show it.

        `name` is one of the catalogue (`mockserver faults`); further keywords are its parameters, and when and where
        it happens: `once`, `attempts`, `turn`, `rate`, `call`, `tool`.

        Raises:
            UnknownFault: the catalogue does not have the fault, or it does not take that parameter.
        """
        wanted = (name,) if isinstance(name, FaultSpec) else (fault_spec(name, **given),) if given else parse(name)
        self._on_loop(lambda: self._engine.ask_for(wanted))

    def reset(self) -> None:
        """As at the start: no script, no rules, no faults, no journal, nothing allowed; what was loaded begins anew."""
        self._on_loop(self._clear)

    def allow(self, *kinds: Kind) -> None:
        """Do not count this as a failure: "unscripted", "unplayed", "conflict" or "protocol".

        "not_served" takes requests for paths that are not served out of the reports.

        Raises:
            ValueError: findings do not have such a kind.
        """
        for kind in kinds:
            if kind not in get_args(Kind):
                raise ValueError(f"allow({kind!r}): expected one of {', '.join(map(repr, get_args(Kind)))}")
        self._allowed.update(kinds)

    def findings(self) -> list[Finding]:
        """What fails a test that did not allow it."""
        plays = [play for play in (self._script, *self._loaded) if play not in self._optional]
        journal, left = self._on_loop(lambda: (self._journal.copy(), [*unplayed(*plays)]))
        return failures(journal, left, self._allowed)

    def notes(self) -> list[str]:
        """What a test should know although it is not a failure: requests for paths that are not served."""
        if "not_served" in self._allowed:
            return []
        return [finding.what for finding in unserved(self.journal.conversations)]

    @property
    def told_journal(self) -> Journal:
        """The journal as reports show it: paths that are not served are left out where the test allows them."""
        return self.journal.of_served_paths() if "not_served" in self._allowed else self.journal

    def played(self) -> list[Part]:
        """The turns and rules of the files that were loaded, with whether anything was asked that they answered."""
        return self._on_loop(lambda: [*parts(self._loaded)])

    def verify(self) -> None:
        """Tell what a test should know.

        Raises:
            AssertionError: a request was refused or not scripted, a script contradicts one, a turn was never asked
                for, or a call was not answered as it must be; `allow` makes exceptions.
        """
        if found := self.findings():
            raise AssertionError(report(found, self.told_journal.conversations))

    def _append(self, turns: tuple[Turn, ...] = (), rules: tuple[Rule, ...] = ()) -> None:
        self._engine.append(self._script, turns, rules)
        self._stop_simulating()

    def _stop_simulating(self) -> None:
        """Somebody says what the model says: from now on what nothing answers is an error, unless chosen otherwise."""
        if self._falls_back is None and not self._simulates:
            self._engine.fall_back("error")

    def _arrange(self) -> None:
        self._engine.start_with((self._script, *self._loaded))
        if self._loaded:
            self._stop_simulating()

    def _clear(self) -> None:
        self._script = Play(Scenario("script", order="arrival"), label="script")
        self._allowed.clear()
        self._simulates = False
        self._engine.fall_back(self._falls_back or "simulate")
        self._arrange()
        self._journal.clear()
        self._engine.reset()
        if self._host is not None:
            self._host.start_anew()

    def _on_loop(self, function: Callable[[], Result]) -> Result:
        """State belongs to the server's thread while it runs."""
        return function() if self._host is None else self._host.call(function)


class PendingRule:
    """The second half of `llm.when(…).reply(…)`."""

    def __init__(self, add: Callable[[Any], None]) -> None:
        self._add = add

    def reply(self, turn: Any) -> None:
        """What to say when the condition holds; anything that `script` takes as a turn."""
        self._add(*says([turn]))
