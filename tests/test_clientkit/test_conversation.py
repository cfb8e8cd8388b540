"""A conversation that holds at every moment: its messages, its calls and its usage, however a question ends."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, time
from functools import partial
from typing import Annotated, Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from clientkit import (
    CallRecord,
    Chat,
    Conversation,
    IncompleteReply,
    OpenAIChat,
    Question,
    TooManyRounds,
    converse,
    converse_sync,
    tool,
    tools_from_mcp,
)
from clientkit.answer import Usage
from clientkit.events import CallProgress, Event, Finished, ReplyEvent, RetryScheduled
from clientkit.model import Message, ToolDefinition
from clientkit.reply import Reply, ToolCall
from clientkit.retry import Retry
from clientkit.tools import AnyTool

from .conftest import Server


class Script:
    """A model that says one reply after another, with a few awaits before each."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.requests: list[list[Message]] = []

    async def complete(
        self, messages: Sequence[Message], tools: Sequence[ToolDefinition] = (), **options: Any
    ) -> Reply:
        self.requests.append(list(messages))
        await asyncio.sleep(0)
        return self.replies[min(len(self.requests), len(self.replies)) - 1]

    async def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolDefinition] = (), **options: Any
    ) -> AsyncGenerator[ReplyEvent, None]:
        yield Finished(await self.complete(messages, tools))


def calls(*names: str, finish: str = "tool_calls") -> Reply:
    parts = [name.split(" ", 1) for name in names]
    called = (ToolCall(f"call_{number}", name, arguments) for number, (name, arguments) in enumerate(parts))
    return Reply(calls=tuple(called), finish=finish)


DONE = Reply("Done.", finish="stop")


def every_call_has_one_result(messages: Sequence[Message]) -> None:
    asked = [call["id"] for message in messages for call in message.get("tool_calls", [])]
    answered = [message["tool_call_id"] for message in messages if message["role"] == "tool"]
    assert asked == answered
    assert len(set(asked)) == len(asked)


async def test_a_conversation_goes_on_from_question_to_question(server: Server) -> None:
    server.says("Hello.")
    server.says("Still here.")
    talk = Conversation(Chat(server.base_url, model="m"), messages=[{"role": "system", "content": "Be short."}])

    first, second = await talk.ask("Hi"), await talk.ask("And now?")

    assert (first.text, second.text) == ("Hello.", "Still here.")
    assert [message["role"] for message in talk.transcript] == ["system", "user", "assistant", "user", "assistant"]
    assert server.requests[1].body["messages"] == list(talk.transcript)[:-1]


async def test_usage_adds_up_over_requests_and_questions() -> None:
    used = {"prompt_tokens": 10, "completion_tokens": 2}
    talk = Conversation(Script(Reply("Hi.", finish="stop", usage=used)))

    await talk.ask("One")
    answer = await talk.ask("Two")

    assert (answer.usage, talk.usage) == (Usage(1, 10, 2), Usage(2, 20, 4))
    assert talk.usage.total_tokens == 24


class World:
    """What happened outside: acts that began, and acts that were completed."""

    def __init__(self) -> None:
        self.began: list[str] = []
        self.completed: list[str] = []

        @tool(acts=True)
        async def pay(to: str) -> str:
            self.began.append(to)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            self.completed.append(to)
            return "paid"

        @tool
        async def look(at: str) -> str:
            await asyncio.sleep(0)
            return at

        self.tools: list[AnyTool] = [pay, look]


async def careful(question: Question) -> bool:
    await asyncio.sleep(0)
    return not question.may_have_been_done


async def pause(*_: object) -> None:
    await asyncio.sleep(0)


TWO_ROUNDS = [calls('pay {"to": "Anna"}', 'look {"at": "x"}', 'pay {"to": "Bob"}'), calls('pay {"to": "Cleo"}'), DONE]
AGAIN = [calls('pay {"to": "Anna"}', 'pay {"to": "Bob"}', 'pay {"to": "Cleo"}'), DONE]


@pytest.mark.parametrize("steps", range(75))
async def test_a_conversation_that_is_cancelled_at_any_await_goes_on_and_does_nothing_twice(steps: int) -> None:
    world, model = World(), Script(*TWO_ROUNDS)
    talk = Conversation(
        model, world.tools, confirm=careful, before_call=pause, after_call=pause, on_event=pause, stream=steps % 2 == 0
    )
    asking = asyncio.ensure_future(talk.ask("Pay them"))
    for _ in range(steps):
        await asyncio.sleep(0)
        every_call_has_one_result(talk.transcript)
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking
    for _ in range(5):
        await asyncio.sleep(0)

    every_call_has_one_result(talk.transcript)
    recorded = {call.arguments["to"]: call.outcome for call in talk.calls if call.name == "pay" and call.arguments}
    assert all(recorded[to] in {"ran", "unknown"} for to in world.began)
    assert all(recorded[to] == "ran" for to in world.completed if recorded[to] != "unknown")

    done = {to for to, outcome in recorded.items() if outcome == "ran"}
    model.replies, model.requests[:] = AGAIN if not done else [DONE], []
    answer = await talk.ask("Go on")

    assert answer.text == "Done."
    every_call_has_one_result(model.requests[-1])
    assert len(world.began) == len(set(world.began))


def rounds_of_calls(names: Sequence[str], sizes: Sequence[int]) -> list[Reply]:
    """Replies whose calls pay these people, each one once, with a harmless call in between."""
    left, replies = list(names), []
    for size in sizes:
        paid, left = left[:size], left[size:]
        replies.append(calls(*(f'pay {{"to": "{name}"}}' for name in paid), 'look {"at": "x"}'))
    return [*replies, DONE]


@given(
    names=st.permutations(["Anna", "Bob", "Cleo", "Dora", "Emil", "Fritz"]),
    sizes=st.lists(st.integers(0, 3), min_size=1, max_size=3),
    steps=st.lists(st.integers(0, 90), min_size=1, max_size=3),
    stream=st.booleans(),
)
def test_whatever_is_cancelled_wherever_no_act_is_lost_and_none_is_done_twice(
    names: list[str], sizes: list[int], steps: list[int], stream: bool
) -> None:
    world, replies = World(), rounds_of_calls(names, sizes)

    async def confirm(question: Question) -> bool:
        await asyncio.sleep(0)
        return not question.seen_before

    async def run() -> None:
        model = Script(*replies)
        talk = Conversation(
            model, world.tools, confirm=confirm, before_call=pause, after_call=pause, on_event=pause, stream=stream
        )
        for count in steps:
            asking = asyncio.ensure_future(talk.ask("Pay them"))
            for _ in range(count):
                await asyncio.sleep(0)
                every_call_has_one_result(talk.transcript)
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking
            every_call_has_one_result(talk.transcript)
            model.requests.clear()
        answer = await talk.ask("Go on")

        assert answer.text == "Done."
        every_call_has_one_result(model.requests[-1])
        started = [call for call in talk.calls if call.name == "pay" and call.outcome in {"ran", "unknown"}]
        assert set(world.began) <= {call.arguments["to"] for call in started if call.arguments}
        assert len(world.began) == len(set(world.began))

    asyncio.run(run())


async def test_the_cancellations_of_that_test_reach_the_end_of_the_conversation() -> None:
    talk = Conversation(Script(*TWO_ROUNDS), World().tools, confirm=careful, before_call=pause, on_event=pause)
    asking = asyncio.ensure_future(talk.ask("Pay them"))
    for _ in range(75):
        await asyncio.sleep(0)

    assert asking.done()


@pytest.mark.parametrize("place", ["before_call", "after_call", "confirm", "on_event"])
async def test_an_exception_in_what_the_application_hands_in_leaves_a_sound_conversation(place: str) -> None:
    def fail(*_: object) -> Any:
        raise LookupError(place)

    world = World()
    handed: dict[str, Any] = {"confirm": careful, place: fail}
    talk = Conversation(Script(calls('pay {"to": "Anna"}'), DONE), world.tools, **handed)

    with pytest.raises(LookupError):
        await talk.ask("Pay")

    every_call_has_one_result(talk.transcript)
    expected = {"after_call": ["ran"], "on_event": []}.get(place, ["skipped"])
    assert [call.outcome for call in talk.calls] == expected
    assert world.completed == (["Anna"] if place == "after_call" else [])


async def test_an_act_that_runs_into_its_timeout_may_have_been_done_and_the_next_question_says_so() -> None:
    questions: list[Question] = []
    never = asyncio.Event()

    @tool(acts=True, timeout=0.02)
    async def pay(to: str) -> None:
        await never.wait()

    def confirm(question: Question) -> bool:
        questions.append(question)
        return not question.seen_before

    twice = [calls('pay {"to": "Anna"}'), calls('pay {"to": "Anna"}'), DONE]
    answer = await converse(Script(*twice), "Pay", [pay], confirm=confirm)

    assert [call.outcome for call in answer.calls] == ["unknown", "declined"]
    assert "It may have been done" in answer.calls[0].content
    assert isinstance(answer.calls[0].error, TimeoutError)
    assert [question.may_have_been_done for question in questions] == [False, True]


async def test_a_conversation_that_another_one_left_with_an_unknown_act_warns_too() -> None:
    left: list[dict[str, Any]] = [
        {"role": "user", "content": "Pay"},
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "call_9", "type": "function", "function": {"name": "pay", "arguments": '{"to": "Anna"}'}}
        ]},
        {"role": "user", "content": "And?"},
    ]  # fmt: skip
    seen: list[bool] = []

    def confirm(question: Question) -> bool:
        seen.append(question.may_have_been_done)
        return False

    model = Script(calls('pay {"to": "Anna"}'), DONE)
    await converse(model, left, World().tools, confirm=confirm)

    every_call_has_one_result(model.requests[0])
    assert "It may have been done" in model.requests[0][2]["content"]
    assert seen == [True]


async def test_acts_run_one_after_another_and_harmless_calls_do_not_wait_for_the_user() -> None:
    order: list[str] = []
    looked = asyncio.Event()

    @tool(acts=True)
    async def act(name: str) -> str:
        order.append(f"{name} begins")
        await asyncio.sleep(0)
        order.append(f"{name} ends")
        return name

    @tool
    async def look() -> str:
        looked.set()
        return "seen"

    async def confirm(question: Question) -> bool:
        await asyncio.wait_for(looked.wait(), 10)
        order.append(f"asked about {question.arguments['name']}")
        return True

    script = Script(calls('act {"name": "a"}', "look {}", 'act {"name": "b"}'), DONE)
    answer = await converse(script, "Go", [act, look], confirm=confirm)

    assert order == ["asked about a", "asked about b", "a begins", "a ends", "b begins", "b ends"]
    assert [call.content for call in answer.calls] == ["a", "seen", "b"]


async def test_two_questions_at_once_are_an_error_that_harms_neither() -> None:
    talk = Conversation(Script(DONE))
    first = asyncio.ensure_future(talk.ask("One"))
    await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="still busy"):
        await talk.ask("Two")

    assert (await first).text == "Done."
    assert [message["role"] for message in talk.transcript] == ["user", "assistant"]


async def test_after_an_error_a_question_without_words_goes_on(server: Server) -> None:
    server.refuses(500)
    server.says("Better.")
    talk = Conversation(Chat(server.base_url, model="m", retries=0))

    with pytest.raises(Exception, match="HTTP 500") as caught:
        await talk.ask("Hi")

    assert getattr(caught.value, "transcript", None) == talk.transcript
    assert (await talk.ask()).text == "Better."
    assert server.requests[1].body["messages"] == [{"role": "user", "content": "Hi"}]


class Person(BaseModel):
    """Somebody mentioned in the text."""

    name: str
    age: int = Field(ge=0)


async def test_a_typed_answer_takes_one_request(server: Server) -> None:
    server.says('{"name": "Ada", "age": 36}')

    answer = await converse(Chat(server.base_url, model="m"), "Who?", answer_as=Person)

    assert answer.value == Person(name="Ada", age=36)
    asked = server.requests[0].body["response_format"]["json_schema"]
    assert (asked["name"], asked["strict"], asked["schema"]["additionalProperties"]) == ("Person", True, False)


async def test_a_typed_answer_that_does_not_fit_goes_back_to_the_model(server: Server) -> None:
    server.says('{"name": "Ada", "age": -1}')
    server.says('{"name": "Ada", "age": 36}')

    answer = await converse(Chat(server.base_url, model="m"), "Who?", answer_as=Person)

    assert answer.value.age == 36
    assert "- age: got -1; allowed: minimum 0" in server.requests[1].body["messages"][-1]["content"]


async def test_a_typed_answer_that_never_fits_ends_with_the_rounds(server: Server) -> None:
    server.says("Ada, 36")
    server.says("Ada, 36")

    with pytest.raises(TooManyRounds):
        await converse(Chat(server.base_url, model="m"), "Who?", answer_as=Person, rounds=2)


async def test_a_list_or_a_number_can_be_a_typed_answer(server: Server) -> None:
    server.says('{"answer": [{"name": "Ada", "age": 36}]}')
    server.says('{"answer": 7}')
    chat = Chat(server.base_url, model="m")

    assert (await converse(chat, "Who?", answer_as=list[Person])).value[0].name == "Ada"
    assert (await converse(chat, "How many?", answer_as=int)).value + 1 == 8


async def test_beside_tools_a_typed_answer_is_a_call_and_is_forced_once(server: Server) -> None:
    server.calls(("look", '{"at": "Ada"}'))
    server.says("It is Ada.")
    server.calls(("final_answer", '{"name": "Ada", "age": 36}'), first_id=2)
    talk = Conversation(Chat(server.base_url, model="m"), World().tools)

    answer = await talk.ask("Who?", answer_as=Person)

    assert answer.value == Person(name="Ada", age=36)
    assert [tool["function"]["name"] for tool in server.requests[0].body["tools"]] == ["pay", "look", "final_answer"]
    forced = {"type": "function", "function": {"name": "final_answer"}}
    assert [request.body.get("tool_choice") for request in server.requests] == [None, None, forced]
    every_call_has_one_result(talk.transcript)


async def test_a_typed_answer_that_is_refused_is_an_error_that_says_so(server: Server) -> None:
    server.completes({"content": None, "refusal": "I won't."})

    with pytest.raises(IncompleteReply, match="it refuses") as caught:
        await converse(Chat(server.base_url, model="m"), "Who?", answer_as=Person)

    assert caught.value.reply.refusal == "I won't."


async def test_generator_tools_report_their_progress() -> None:
    events: list[Event] = []

    @tool
    def count(to: int) -> Generator[int, None, str]:
        yield from range(to)
        return f"counted to {to}"

    @tool
    async def walk(to: int) -> AsyncIterator[str]:
        for step in range(to):
            yield f"step {step}"

    script = Script(calls('count {"to": 3}', 'walk {"to": 2}'), DONE)
    answer = await converse(script, "Go", [count, walk], on_event=events.append, parallel=1)

    assert [call.value for call in answer.calls] == ["counted to 3", "step 1"]
    assert [event.value for event in events if isinstance(event, CallProgress)] == [0, 1, 2, "step 0", "step 1"]


async def test_a_generator_tool_that_takes_too_long_stops_at_its_next_step() -> None:
    closed, go_on = threading.Event(), threading.Event()

    @tool(timeout=0.05)
    def count() -> Iterator[int]:
        try:
            yield 1
            go_on.wait(10)
            yield 2
        finally:
            closed.set()

    answer = await converse(Script(calls("count {}"), DONE), "Go", [count])
    go_on.set()

    assert await asyncio.to_thread(closed.wait, 10)
    assert answer.calls[0].outcome == "failed"


class Shop:
    """Objects with tools as methods."""

    def __init__(self, name: str) -> None:
        self.name = name

    @tool
    def stock(self, item: Annotated[str, "What to look for"]) -> str:
        """Look up an item."""
        return f"{item} at {self.name}"


def find(shop: Shop, item: str, limit: int = 3) -> str:
    """Find an item."""
    return f"{item} at {shop.name}, {limit}"


async def test_methods_partials_and_contexts_are_tools() -> None:
    shop = Shop("Oslo")
    tools = [shop.stock, tool(partial(find, shop, limit=5))]

    answer = await converse(Script(calls('stock {"item": "tea"}', 'find {"item": "cup"}'), DONE), "Go", tools)

    assert [call.value for call in answer.calls] == ["tea at Oslo", "cup at Oslo, 5"]
    assert tools[0].parameters["properties"] == {"item": {"description": "What to look for", "type": "string"}}
    assert list(tools[1].parameters["properties"]) == ["item"]
    assert tools[1].description == "Find an item."


async def test_a_time_without_an_offset_is_taken_as_the_type_takes_it() -> None:
    @tool
    def remind(at: datetime, daily: time) -> str:
        return f"{at:%d.%m. %H:%M} {daily:%H:%M}"

    script = Script(
        calls('remind {"at": "2026-12-24T10:00:00", "daily": "08:30"}', 'remind {"at": "soon", "daily": "08:30"}'), DONE
    )
    answer = await converse(script, "Go", [remind])

    assert answer.calls[0].value == "24.12. 10:00 08:30"
    assert "at: got" in answer.calls[1].content


async def test_what_a_tool_raises_is_in_the_record_and_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    @tool
    def divide(by: int) -> float:
        return 1 / by

    with caplog.at_level(logging.INFO, "clientkit"):
        answer = await converse(Script(calls('divide {"by": 0}'), DONE), "Go", [divide])

    assert isinstance(answer.calls[0].error, ZeroDivisionError)
    assert [(record.name, record.exc_info is not None) for record in caplog.records] == [("clientkit", True)]


async def test_a_retry_is_an_event_of_the_conversation(server: Server) -> None:
    events: list[Event] = []

    async def at_once(seconds: float) -> None:
        """Waits for nothing."""

    server.refuses(503)
    server.says("Hi.")
    chat = Chat(server.base_url, model="m")
    chat.retry = Retry(1, sleep=at_once)
    talk = Conversation(chat, on_event=events.append)

    await talk.ask("Hi")

    [retry] = [event for event in events if isinstance(event, RetryScheduled)]
    assert (retry.attempt, retry.conversation_id) == (1, talk.id)


async def test_tools_of_an_mcp_server_take_a_prefix_and_a_timeout_and_a_bad_schema_stands_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def call(name: str, arguments: dict[str, object]) -> str:
        return name

    listing = [{"name": "read.file"}, {"name": "bad", "inputSchema": {"type": "nonsense"}}]
    [read] = tools_from_mcp(listing, call, prefix="files", timeout=5)

    assert (read.name, read.timeout, read.original_name) == ("files_read_file", 5, "read.file (of files)")
    assert await read() == "read.file"
    assert "the MCP tool bad is left out" in caplog.text


@tool
def double(number: int) -> int:
    return 2 * number


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        ({"chat": openai.AsyncOpenAI(api_key="k", base_url="http://127.0.0.1:9")}, r"OpenAIChat\(client, model=…\)"),
        ({"chat": "gpt-4o"}, r"Chat\(model=…\)"),
        ({"tools": double}, r"write tools=\[double\]"),
        ({"confirm": True}, "such as ask_in_terminal"),
    ],
)
def test_the_usual_slips_are_told_what_to_write(arguments: dict[str, Any], advice: str) -> None:
    with pytest.raises(TypeError, match=advice):
        Conversation(**{"chat": Script(DONE), **arguments})


def test_a_misspelt_setting_of_a_tool_is_told_what_was_meant() -> None:
    make: Any = tool

    with pytest.raises(TypeError, match="did you mean acts="):
        make(act=True)
    with pytest.raises(TypeError, match=r"write @tool\(name='send'\)"):
        make("send")


async def test_plain_code_can_use_an_async_client_again_and_again(server: Server) -> None:
    client = openai.AsyncOpenAI(
        base_url=server.base_url, api_key="k", max_retries=0, http_client=openai.DefaultAsyncHttpxClient(verify=False)
    )
    for _ in range(3):
        server.says("8")

    def plain() -> list[str]:
        chat = OpenAIChat(client, model="m")
        talk = Conversation(chat)
        return [converse_sync(chat, "Twice 4?").text, talk.ask_sync("Hi").text, converse_sync(chat, "Twice 4?").text]

    assert await asyncio.to_thread(plain) == ["8", "8", "8"]


async def test_a_hook_that_swallows_a_cancellation_does_not_act_afterwards() -> None:
    world = World()
    asked = asyncio.Event()

    async def stubborn(name: str, arguments: dict[str, Any]) -> None:
        asked.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    talk = Conversation(Script(calls('pay {"to": "Anna"}'), DONE), world.tools, confirm=careful, before_call=stubborn)
    asking = asyncio.ensure_future(talk.ask("Pay"))
    await asked.wait()
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking
    for _ in range(10):
        await asyncio.sleep(0)

    assert world.began == []
    assert [call.outcome for call in talk.calls] == ["skipped"]


def records(talk: Conversation) -> list[tuple[str, str]]:
    return [(call.name, call.outcome) for call in talk.calls]


async def test_the_calls_of_a_question_under_way_are_told_as_they_stand() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    @tool
    async def wait() -> CallRecord | None:
        begun.set()
        await go_on.wait()
        return None

    talk = Conversation(Script(calls("wait {}"), DONE), [wait])
    asking = asyncio.ensure_future(talk.ask("Go"))
    await begun.wait()
    before = records(talk)
    go_on.set()
    await asking

    assert (before, records(talk)) == ([("wait", "unknown")], [("wait", "ran")])


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("place", ["on_event", "confirm", "before_call", "after_call"])
def test_an_interrupt_leaves_a_conversation_of_plain_code_sound(place: str, interrupt: type[BaseException]) -> None:
    interrupts = [interrupt]

    def interrupted(*_: object) -> Any:
        if interrupts:
            raise interrupts.pop()
        return True if place == "confirm" else None

    world, model = World(), Script(calls('look {"at": "x"}', 'pay {"to": "Anna"}'), DONE, DONE)
    taking_part: dict[str, Any] = {"confirm": careful, place: interrupted}
    talk = Conversation(model, world.tools, **taking_part)

    with pytest.raises(interrupt):
        talk.ask_sync("Pay Anna")
    every_call_has_one_result(talk.transcript)

    assert talk.ask_sync("Go on").text == "Done."
    every_call_has_one_result(talk.transcript)
    assert len(world.began) <= 1
