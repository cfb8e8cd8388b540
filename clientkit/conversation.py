"""Conversations with a model: what an application calls, for code with and without async."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from typing_extensions import TypeVar

from clientkit.answer import Answer, AnswerForm, Pending, Usage, correction
from clientkit.callbacks import AfterCall, BeforeCall, Callbacks, OnEvent
from clientkit.confirm import Confirm, ConfirmByName, Verdict
from clientkit.display import as_json
from clientkit.errors import ApprovalError, BadCall, ClientKitError, IncompleteReply
from clientkit.loop import four_steps
from clientkit.model import Message, Model, ModelWithTools
from clientkit.reply import Reply
from clientkit.runner import CallRunner
from clientkit.threads import plain, run_blocking
from clientkit.tools import by_name
from clientkit.transcript import CallRecord, Transcript

T = TypeVar("T", default=None)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one question may take.

    Raises:
        ValueError: A bound is less than 1.
    """

    rounds: int
    calls: int
    parallel: int
    timeout: float | None

    def __post_init__(self) -> None:
        if min(self.rounds, self.calls, self.parallel) < 1:
            raise ValueError("rounds, calls and parallel must be 1 at least")


class Conversation:
    """A conversation with a model that may call tools; ask it as often as you like.

    `tools` are tools and functions; two tools have no common type but `object`, so that is what a list of them is.
    `transcript`, `calls` and `usage` hold at every moment, also after a cancellation, Ctrl-C, or an exception in a
    hook, a listener or `confirm`: every call has a result, and one that began and whose end was not seen says so. Then
    simply ask again. `messages` open the conversation, for example with a system prompt.

    `confirm(question)` is asked before a tool that acts runs; without it none does. `before_call(name, arguments)` may
    forbid a call by returning the reason, `after_call(record)` may return another text for its result. `on_event`
    receives the events; with `stream` the model's text comes in pieces. For each question at most `rounds` replies are
    asked for, `calls` calls checked, `parallel` of them run side by side, and `timeout` seconds pass; the time that the
    user takes to decide does not count.

    Raises:
        TypeError: An argument is not what it should be; the message says what to write.
        ValueError: A bound is less than 1, or two tools have the same name.
    """

    def __init__(  # noqa: PLR0913 - one keyword for each bound and each way to take part
        self,
        chat: Model,
        tools: Iterable[object] = (),
        *,
        messages: Iterable[Message] = (),
        confirm: Confirm | ConfirmByName | None = None,
        stream: bool = False,
        on_event: OnEvent | None = None,
        before_call: BeforeCall | None = None,
        after_call: AfterCall | None = None,
        rounds: int = 10,
        calls: int = 100,
        parallel: int = 8,
        timeout: float | None = None,
    ) -> None:
        _check_arguments(chat, confirm)
        self.id = secrets.token_hex(8)
        """Stands in every event of this conversation."""
        self._chat = chat
        self._tools = by_name(tools)
        self._callbacks = Callbacks(self.id, confirm, before_call, after_call, on_event)
        self._bounds = Bounds(rounds, calls, parallel, timeout)
        self._stream = stream
        self._transcript = Transcript.from_question(messages)
        self._records: list[CallRecord] = []
        self._usage = Usage()
        self._runner = self._new_runner([])
        self._model = self._new_model(None)
        self._pending: Pending | None = None
        self._asked = self._busy = False

    @property
    def transcript(self) -> Transcript:
        """A copy of the messages so far, with a result for every call, so that it can be sent as it is."""
        return self._transcript.with_results(self._runner.results())

    @property
    def calls(self) -> tuple[CallRecord, ...]:
        """What became of every call so far; one that runs just now is `unknown`, one that waits `skipped`."""
        return (*self._records, *self._runner.records, *self._runner.results())

    @property
    def usage(self) -> Usage:
        """What the requests so far cost."""
        return self._usage + self._model.usage

    async def ask(self, question: str | Iterable[Message] = (), *, answer_as: type[T] | None = None) -> Answer[T]:
        """Ask the model, run the tools that it calls, and return its answer.

        `question` is a user's text or a list of messages; nothing goes on where an error or a cancellation left off.
        With `answer_as` the answer is a value of that type, in `.value`. An answer is `Pending` where `confirm`
        answered LATER.

        Raises:
            APIError, StreamError: As `Chat` raises them.
            IncompleteReply: The model's message is not whole.
            TooManyRounds: It still called tools after `rounds` replies.
            OutOfTime: It took longer than `timeout`; a TimeoutError too.
        """
        form = AnswerForm(answer_as, self._tools) if answer_as is not None else None
        async with self._turn():
            self._transcript.add_results(self._runner.close())
            self._transcript.extend(Transcript.from_question(question))
            self._begin(self._new_runner([*self._records, *self._runner.records]), form)
            return await self._answer(form)

    async def resume(
        self, pending: Pending, approved: Mapping[str, Verdict], *, answer_as: type[T] | None = None
    ) -> Answer[T]:
        """Go on with a conversation that waits for decisions, in this process or another.

        `approved` holds the decisions by the call's id or its fingerprint; each may be what `confirm` may return. A
        call without one, and the acting calls after it, stay open. In another process, resume in a new Conversation
        with the same tools.

        Raises:
            ApprovalError: A decision is not for one of the open calls, or a call is not the one that was shown. Nothing
                was run, and nothing changed.
        """
        if self._asked and (self._pending is None or self._pending.open != pending.open):
            raise ApprovalError("these calls were decided already, or belong to another conversation")
        form = AnswerForm(answer_as, self._tools) if answer_as is not None else None
        runner = self._new_runner(pending.calls)
        plans = runner.reopen(pending.open, self._tools, approved)
        async with self._turn():
            if not self._asked:
                self._transcript, self._usage = Transcript(pending.transcript), pending.usage
                self._records = list(pending.calls)
            self._begin(runner, form)
            self._transcript.add_results(await runner.run(plans))
            return self._wait() if runner.open else await self._answer(form)

    def ask_sync(self, question: str | Iterable[Message] = (), *, answer_as: type[T] | None = None) -> Answer[T]:
        """The same as `ask`, for code without async and await."""
        return run_blocking(self.ask(question, answer_as=answer_as), "ask")

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One question at a time; however it ends, every call has a result afterwards."""
        if self._busy:
            raise RuntimeError("this conversation is still busy with a question: wait for it, or use another one")
        self._busy = True
        try:
            async with self._callbacks.limit.running(self._bounds.timeout):
                yield
        except ClientKitError as error:
            self._settle()
            error.transcript, error.calls = self.transcript, self.calls
            raise
        finally:
            self._settle()
            self._busy = False

    def _settle(self) -> None:
        if self._pending is None:
            self._transcript.add_results(self._runner.close())

    def _begin(self, runner: CallRunner, form: AnswerForm[Any] | None) -> None:
        self._records += self._runner.records
        self._usage += self._model.usage
        runner.standing = self._runner.standing
        runner.final = form.tool.name if form and form.over_tool else None
        self._runner, self._model, self._pending, self._asked = runner, self._new_model(form), None, True

    def _new_runner(self, records: Sequence[CallRecord]) -> CallRunner:
        """A runner that knows what became of earlier calls, those that only the messages tell of included."""
        ids = {record.id for record in records}
        unknown = [record for record in self._transcript.unknown_calls() if record.id not in ids]
        # What the requests say about calls holds even where the model or its server does not keep to it.
        one_by_one = getattr(self._chat, "options", {}).get("parallel_tool_calls") is False
        return CallRunner(
            self._callbacks,
            parallel=1 if one_by_one else self._bounds.parallel,
            most=self._bounds.calls,
            history=[*unknown, *records],
        )

    def _new_model(self, form: AnswerForm[Any] | None) -> ModelWithTools:
        tools = {**self._tools, form.tool.name: form.tool} if form and form.over_tool else self._tools
        model = ModelWithTools(self._chat, tools, self._callbacks, stream=self._stream, rounds=self._bounds.rounds)
        if form and not form.over_tool:
            model.require(response_format=form.response_format)
        return model

    async def _answer(self, form: AnswerForm[T] | None) -> Answer[T]:
        forced = False
        while True:
            reply = await four_steps(self._model, self._transcript, self._runner)
            if self._runner.open:
                return self._wait()
            if form is None:
                return self._answer_with(reply.text or "", reply, None)
            if reply.refusal:
                raise IncompleteReply("refusal", reply)
            if self._runner.stopped:
                record = next(each for each in reversed(self._runner.records) if each.name == form.tool.name)
                return self._answer_with(as_json(record.arguments), reply, form.value_of(record.value))
            if form.over_tool and forced:
                raise IncompleteReply("no_value", reply)
            if form.over_tool:
                forced = True
                self._model.require(tool_choice={"type": "function", "function": {"name": form.tool.name}})
                continue
            try:
                return self._answer_with(reply.text or "", reply, form.read(reply.text or ""))
            except BadCall as bad:
                self._transcript.append(correction(bad))

    def _answer_with(self, text: str, reply: Reply, value: Any) -> Answer[Any]:
        calls = tuple(self._runner.records)
        return Answer(text, reply.refusal, self.transcript, calls, value, self._model.usage)

    def _wait(self) -> Pending:
        calls = (*self._records, *self._runner.records)
        self._pending = Pending("", None, Transcript(self._transcript), calls, None, self.usage, self._runner.open)
        return self._pending


def _check_arguments(chat: object, confirm: object) -> None:
    if not (hasattr(chat, "complete") and hasattr(chat, "stream")):
        sdk = "wrap the SDK's client: OpenAIChat(client, model=…)" if hasattr(chat, "chat") else "Chat(model=…)"
        raise TypeError(f"{type(chat).__name__} is not a model that can be asked: {sdk}")
    if confirm is not None and not callable(confirm):
        raise TypeError(
            f"confirm={confirm!r} is not a function: give one that is asked about each call, such as ask_in_terminal, "
            'or allow_only("name") for tools that need no question'
        )


async def converse(  # noqa: PLR0913 - one keyword for each bound and each way to take part
    chat: Model,
    question: str | Iterable[Message],
    tools: Iterable[object] = (),
    *,
    answer_as: type[T] | None = None,
    confirm: Confirm | ConfirmByName | None = None,
    stream: bool = False,
    on_event: OnEvent | None = None,
    before_call: BeforeCall | None = None,
    after_call: AfterCall | None = None,
    rounds: int = 10,
    calls: int = 100,
    parallel: int = 8,
    timeout: float | None = None,  # noqa: ASYNC109 - plain code, which knows no asyncio.timeout, needs it too
) -> Answer[T]:
    """Ask the model, run the tools that it calls, and return its answer: a Conversation with one question.

    `question` is a user's text or a list of messages; the other arguments are those of `Conversation` and `ask`.

    Raises:
        APIError, StreamError, IncompleteReply, TooManyRounds, OutOfTime: As `Conversation.ask` does. Each has the
            `transcript` and the `calls` so far: what ran has run.
    """
    conversation = Conversation(
        chat,
        tools,
        confirm=confirm,
        stream=stream,
        on_event=on_event,
        before_call=before_call,
        after_call=after_call,
        rounds=rounds,
        calls=calls,
        parallel=parallel,
        timeout=timeout,
    )
    return await conversation.ask(question, answer_as=answer_as)


converse_sync = plain(converse)
"""The same for code without async and await."""
