"""The example of the function-calling document as a user pastes it: only `base_url` is another one."""

import json
import sys

import openai

client = openai.OpenAI(
    base_url=sys.argv[1],
    api_key="AI_ML_API",
)

tools = [
    {
        "type": "function",
        "function": {
            "name": "get_current_weather",
            "description": "Get the current weather in a given location",
            "parameters": {
                "type": "object",
                "properties": {
                    "location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA"},
                    "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
                },
            },
        },
    }
]

messages = [
    {
        "role": "system",
        "content": "You are a helpful assistant that can access external functions. The responses from these function "
        "calls will be appended to this dialogue. Please provide responses based on the information from these "
        "function calls.",
    },
    {
        "role": "user",
        "content": "What is the current temperature of New York, San Francisco, and Chicago?",
    },
]

if __name__ == "__main__":
    response = client.chat.completions.create(
        model="gpt-4o",
        messages=messages,
        tools=tools,
        tool_choice="auto",
    )

    print(json.dumps(response.choices[0].message.model_dump()["tool_calls"], indent=2))
