"""The four steps of function calling: ask the model, check its calls, run them, tell it the results, and so on."""

from clientkit.calls import CallRunner
from clientkit.errors import TooManyRounds
from clientkit.model import ModelWithTools
from clientkit.reply import Reply
from clientkit.transcript import Transcript


async def four_steps(model: ModelWithTools, transcript: Transcript, runner: CallRunner, rounds: int) -> Reply:
    """Goes through the steps until the model answers without a call. Raises TooManyRounds if it never does."""
    for number in range(rounds):
        # 1. Ask the model: it sees the conversation so far and the tools that it may call.
        reply = transcript.hear(await model.reply_to(transcript, first=number == 0))
        if not reply.calls:
            return reply

        # 2. It asks for calls. Check each one, for models make up names and parameters.
        checked = runner.check(reply.calls)

        # 3. Run those that fit, side by side; those that act on the world only after a person's yes.
        agreed = [await runner.confirm(call) for call in checked]
        results = await runner.run(agreed)

        # 4. Tell the model the result of every call, whatever became of it, and ask again.
        transcript.tell(results)
    raise TooManyRounds(rounds)
