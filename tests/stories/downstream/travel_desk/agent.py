"""The conversation with the model: questions go out, calls are run, until there is an answer."""

from openai import OpenAI

from travel_desk.tools import TOOLS, Desk

ROUNDS = 5


def ask(question, desk=None, model="gpt-4o"):
    """What the model finally says."""
    desk = desk or Desk()
    messages = [{"role": "system", "content": "You are a travel desk."}, {"role": "user", "content": question}]
    with OpenAI(max_retries=1) as client:
        for _ in range(ROUNDS):
            answer = client.chat.completions.create(model=model, messages=messages, tools=TOOLS).choices[0]
            if not answer.message.tool_calls:
                return answer.message.content
            messages.append(answer.message)
            messages += [
                {
                    "role": "tool",
                    "tool_call_id": call.id,
                    "content": desk.run(call.function.name, call.function.arguments),
                }
                for call in answer.message.tool_calls
            ]
    return "I could not find out."
