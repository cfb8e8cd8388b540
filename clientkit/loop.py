"""The four steps of function calling: ask the model, check what it wants, run it, tell the model; until it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from clientkit.answer import Answer, CallRecord
from clientkit.asking import OnEvent, ask
from clientkit.calls import CallRunner
from clientkit.confirm import Confirm
from clientkit.deadline import time_limit
from clientkit.errors import TooManyRounds
from clientkit.model import Message, Model
from clientkit.sync import blocking
from clientkit.tools import AnyTool, by_name
from clientkit.transcript import Transcript


async def converse(  # noqa: PLR0913 - one keyword for each bound and each way to take part
    chat: Model,
    question: str | Iterable[Message],
    tools: Sequence[AnyTool | Callable[..., Any]] = (),
    *,
    confirm: Confirm | None = None,
    stream: bool = False,
    on_event: OnEvent | None = None,
    rounds: int = 10,
    parallel: int = 8,
    timeout: float | None = None,  # noqa: ASYNC109 - plain code, which knows no asyncio.timeout, needs it too
) -> Answer:
    """Asks the model, runs the tools that it calls, and gives its answer.

    `question` is a user's text or a list of messages. `confirm(name, arguments)` is asked before a tool that acts runs;
    without it none does. `stream` has replies sent in pieces, and `on_event` hears of everything as it happens. At most
    `rounds` replies are asked for, `parallel` calls run side by side, and `timeout` seconds pass.

    Raises APIError and StreamError as `Chat` does, IncompleteReply, TooManyRounds, and TimeoutError.
    """
    transcript = Transcript.opened_with(question)
    offered = by_name(tools)
    definitions = [tool.definition for tool in offered.values()]
    runner = CallRunner(offered, confirm, parallel, on_event)
    records: list[CallRecord] = []
    async with time_limit(timeout):
        for _ in range(rounds):
            # 1. Ask the model: the conversation so far, and the tools that it may call.
            reply = transcript.hear(await ask(chat, transcript, definitions, on_event, stream=stream))
            if reply.refusal or not reply.calls:
                return Answer(reply.text or "", reply.refusal, transcript, tuple(records))

            # 2. It asks for calls. Check each one: models make up names and parameters.
            pending = runner.check(reply.calls)

            # 3. Run what fits, side by side; what acts on the world only after a person's yes.
            agreed = [await runner.confirm(call) for call in pending]
            results = await runner.run(agreed)

            # 4. Tell the model the result of every call, whatever became of it, and let it go on.
            transcript.tell((result.id, result.content) for result in results)
            records += results
    raise TooManyRounds(rounds, transcript)


converse_sync = blocking(converse)
"""The same for code without async and await."""
