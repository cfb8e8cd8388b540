"""The four steps of function calling: ask the model, check its calls, run them, tell it the results, and so on."""

from clientkit.model import ModelWithTools
from clientkit.reply import Reply
from clientkit.runner import CallRunner
from clientkit.transcript import Transcript


async def four_steps(model: ModelWithTools, transcript: Transcript, runner: CallRunner) -> Reply:
    """Repeat the steps until the model answers without a call, or the runner stops, for example to wait for a user."""
    while True:
        # 1. Ask the model: it sees the conversation so far and the tools that it may call.
        reply = transcript.add_reply(await model.reply_to(transcript))
        if not reply.calls:
            return reply

        # 2. It asks for calls. Check each one, because models make up names and parameters.
        plans = runner.check(reply.calls, model.callable_tools)

        # 3. Run those that fit, side by side; those that act on the world one by one, after the user's yes.
        results = await runner.run(plans)

        # 4. Tell the model the result of every call, whatever became of it, and ask again.
        transcript.add_results(results)
        if runner.stopped:
            return reply
