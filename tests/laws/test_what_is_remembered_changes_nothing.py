"""A request that comes again gets what it would get if nothing about it had been remembered."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count, product
from typing import Any

import pytest

from mockserver import faults
from mockserver.chat import ApiError, ChatRequest, Reply, call
from mockserver.engine import Answer, Engine, Settings
from mockserver.scenario import Play, Rule, Scenario, Turn, When, as_say
from mockserver.server.answer_cache import AnswerCache
from mockserver.server.respond import headers_for as headers
from mockserver.wire.chat_completions.parse import parse
from mockserver.wire.chat_completions.render import render
from mockserver.wire.dialect import ParsedRequest
from tests.requests import WEATHER, body

REQUESTS = [
    parse(body()),
    parse(body(model="scenario:rate_limit")),
    parse(body(messages=[{"role": "user", "content": "Weather?"}], tools=[WEATHER], n=2)),
]
HEADERS: list[dict[str, str]] = [
    {"x-mock-fault": "choices_empty"},
    {"x-mock-scenario": "greeting"},
    {"x-mock-provider": "groq"},
    {"x-mood": "good"},
]
HELLO, WEATHERLY = When.of(user_says="Hello"), When.of(user_says="Weather")
PLAYS: dict[str, Callable[[], Scenario]] = {
    "greeting": lambda: Scenario("greeting", turns=(Turn(as_say("Hello to you."), HELLO),)),
    "calling": lambda: Scenario(
        "calling", seed=7, rules=(Rule(as_say([call("weather"), call("weather")]), WEATHERLY),)
    ),
    "once": lambda: Scenario("once", rules=(Rule(as_say("Only once."), When(), times=1),)),
    "failing": lambda: Scenario(
        "failing", turns=(Turn(ApiError(503, "Busy.", "server_error"), HELLO), Turn(as_say("Back again."), HELLO))
    ),
    "moody": lambda: Scenario("moody", rules=(Rule(as_say("Cheers."), When.of(header={"x-mood": "good"})),)),
    "script": lambda: Scenario("script", order="arrival", turns=(Turn(as_say("First.")), Turn(as_say("Second.")))),
    "counting": lambda: Scenario("counting", turns=(Turn(counting()),)),
    "faulty": lambda: Scenario("faulty", faults=faults.parse("choices_empty"), turns=(Turn(as_say("Odd."), HELLO),)),
    "fast": lambda: Scenario("fast", provider="groq", turns=(Turn(as_say("Fast."), HELLO),)),
}


def counting() -> Callable[[ChatRequest], str]:
    """A turn that says another number each time."""
    numbers = count()
    return lambda request: f"This is number {next(numbers)}."


class Told:
    """An engine and everything that it answered; `again` hands it new requests, of which nothing is known."""

    def __init__(self, names: tuple[str, ...], *, again: bool) -> None:
        self._again = again
        self._plays = [Play(PLAYS[name]()) for name in names]
        self.engine = Engine(Settings(), self._plays)
        self.answers = AnswerCache(self.engine)
        self._other = replace(self.engine.settings, seed="other")
        self.said: list[Any] = []

    def ask(self, heard: ParsedRequest, given: dict[str, str] | None = None, *, seeded: bool = False) -> None:
        """Ask twice; what counts of an answer is its steps, what chose it, and what went wrong."""
        for _ in range(2):
            heard = replace(heard) if self._again else heard
            settings = self._other if seeded else self.engine.settings
            answer = answered(self.answers, heard, given or {}, settings)
            said: Any = answer.content
            if not isinstance(said, ApiError):
                said = render(said, heard, answer.identity, headers(answer.identity, {}, match=answer.match))
            struck = answer.injection.names if answer.injection is not None else ()
            self.said.append((said, answer.match, answer.others, answer.provider, struck))

    def live(self) -> Iterator[None]:
        """Everything that may change an answer, one after the other, with a halt after each to compare."""
        for heard in REQUESTS:
            for given in ({}, *HEADERS):
                self.ask(heard, given)
                yield
                self.ask(heard)
                yield
            self.ask(heard, seeded=True)
            yield
            self.ask(heard)
            yield
        for change in (self._append, self._play_less, self._fail, self.engine.stop_faults, self.engine.reset):
            change()
            for heard in REQUESTS:
                self.ask(heard)
                yield
            self.said.append([(label, played) for play in self._plays for label, _, played in play.parts()])
            yield

    def _append(self) -> None:
        self.engine.append(self._plays[-1], rules=(Rule(Reply("Added."), When()),))

    def _play_less(self) -> None:
        self.engine.play(self._plays[1:])

    def _fail(self) -> None:
        self.engine.ask_for(faults.parse("choices_empty"))


def answered(answers: AnswerCache, heard: ParsedRequest, given: dict[str, str], settings: Settings) -> Answer:
    """The answer of an engine that has nothing to wait for."""
    try:
        answers.answer(heard, "session", given, settings).send(None)
    except StopIteration as stop:
        found: Answer = stop.value
        return found
    raise AssertionError("the engine waits for something")


@pytest.mark.parametrize("names", [(first, *({second} - {first})) for first, second in product(PLAYS, PLAYS)])
def test_what_is_remembered_of_a_request_changes_no_answer(names: tuple[str, ...]) -> None:
    remembering, anew = Told(names, again=False), Told(names, again=True)

    for _ in zip(remembering.live(), anew.live(), strict=True):
        assert remembering.said[-2:] == anew.said[-2:]


async def test_what_a_function_said_is_forgotten_when_others_play_before_it_is_done() -> None:
    steady = Play(PLAYS["greeting"]())

    async def slowly(request: ChatRequest) -> str:
        engine.play([steady])
        return "Too late."

    engine = Engine(Settings(), [Play(Scenario("slow", turns=(Turn(slowly),)))])
    answers = AnswerCache(engine)
    said = [(await answers.answer(REQUESTS[0], "session", {}, engine.settings)).match for _ in range(2)]

    assert said == ["scenario:slow#turn1", "scenario:greeting#turn1"]
