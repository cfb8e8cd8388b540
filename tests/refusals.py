"""Requests that the API refuses, and its own words for each: text, param, and code."""

from typing import Any

from tests.requests import ASK, GREP, SCHEMA, WEATHER, body, called, result

HI = ASK["messages"]
NOT_JSON = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library "
    "correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)"
)
MODERN = "gpt-5-mini"
FUNCTION = {"name": "f", "parameters": SCHEMA}


def tool(**function: Any) -> list[dict[str, Any]]:
    return [{"type": "function", "function": {"name": "f", **function}}]


def schema(strict: bool = False, **keys: Any) -> list[dict[str, Any]]:
    return tool(parameters={**SCHEMA, **keys}, strict=strict)


def empty(path: str) -> str:
    return f"Invalid '{path}': empty array. Expected an array with minimum length 1, but got an empty array instead."


# What is wrong -> (body, message, param, code).
ROWS: dict[str, tuple[bytes, str, str | None, str | None]] = {
    "body is not JSON": (b"{", NOT_JSON, None, None),
    "body is empty": (b"", NOT_JSON, None, None),
    "body is a list": (b"[]", NOT_JSON, None, None),
    "NaN": (b'{"model": NaN}', NOT_JSON, None, None),
    "too deep": (b"[" * 100_000, NOT_JSON, None, None),
    "model missing": (body(model=...), "you must provide a model parameter", None, None),
    "model null": (body(model=None), "you must provide a model parameter", None, None),
    "model empty": (body(model=""), "you must provide a model parameter", None, None),
    "model not a string": (body(model=7), "model parameter must be a string", None, None),
    "messages missing": (
        body(messages=...), "Missing required parameter: 'messages'.", "messages", "missing_required_parameter",
    ),
    "messages a string": (
        body(messages="hi"),
        "Invalid type for 'messages': expected an array of objects, but got a string instead.",
        "messages", "invalid_type",
    ),
    "messages empty": (body(messages=[]), empty("messages"), "messages", "empty_array"),
    "a message is not an object": (
        body(messages=["hi"]), "Invalid type for 'messages[0]': expected an object, but got a string instead.",
        "messages[0]", "invalid_type",
    ),
    "role missing": (
        body(messages=[{"content": "x"}]), "Missing required parameter: 'messages[0].role'.", "messages[0].role",
        "missing_required_parameter",
    ),
    "role not in the enum": (
        body(messages=[{"role": "robot", "content": "x"}]),
        "Invalid value: 'robot'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and "
        "'developer'.",
        "messages[0].role", "invalid_value",
    ),
    "a long value is shortened": (
        body(messages=[{"role": "PIN" + "x" * 80 + "def", "content": "x"}]),
        "Invalid value: 'PIN...def'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and "
        "'developer'.",
        "messages[0].role", "invalid_value",
    ),
    "role not for this model": (
        body(model="o1-mini", messages=[{"role": "system", "content": "x"}, *HI]),
        "Unsupported value: 'messages[0].role' does not support 'system' with this model.", "messages[0].role",
        "unsupported_value",
    ),
    "content a number": (
        body(messages=[{"role": "user", "content": 7}]),
        "Invalid type for 'messages[0].content': expected one of a string or array of objects, but got an integer "
        "instead.",
        "messages[0].content", "invalid_type",
    ),
    "content null": (
        body(messages=[{"role": "user", "content": None}]),
        "Invalid value for 'content': expected a string, got null.", "messages.[0].content", None,
    ),
    "content missing": (
        body(messages=[{"role": "user"}]), "Invalid value for 'content': expected a string, got null.",
        "messages.[0].content", None,
    ),
    "nothing said by the assistant": (
        body(messages=[*HI, {"role": "assistant", "content": None, "refusal": None, "tool_calls": None}]),
        "Invalid value for 'content': expected a string, got null.", "messages.[1].content", None,
    ),
    "content null, developer": (
        body(messages=[{"role": "developer", "content": None}]),
        "Invalid type for 'messages[0].content': expected one of a string or array of objects, but got null instead.",
        "messages[0].content", "invalid_type",
    ),
    "content missing, developer": (
        body(messages=[{"role": "developer"}]), "Missing required parameter: 'messages[0].content'.",
        "messages[0].content", "missing_required_parameter",
    ),
    "content of a function's result": (
        body(messages=[*HI, {"role": "function", "name": "f", "content": [{"type": "text", "text": "21"}]}]),
        "Invalid type for 'messages[1].content': expected a string, but got an array instead.",
        "messages[1].content", "invalid_type",
    ),
    "name of another type": (
        body(messages=[{"role": "user", "content": "x", "name": 7}]),
        "Invalid type for 'messages[0].name': expected a string, but got an integer instead.", "messages[0].name",
        "invalid_type",
    ),
    "role of another type": (
        body(messages=[{"role": True, "content": "x"}]),
        "Invalid type for 'messages[0].role': expected a string, but got a boolean instead.", "messages[0].role",
        "invalid_type",
    ),
    "spoken answer without id": (
        body(messages=[*HI, {"role": "assistant", "audio": {}}]),
        "Missing required parameter: 'messages[1].audio.id'.", "messages[1].audio.id", "missing_required_parameter",
    ),
    "a part without type": (
        body(messages=[{"role": "user", "content": [{"text": "x"}]}]),
        "Missing required parameter: 'messages[0].content[0].type'.", "messages[0].content[0].type",
        "missing_required_parameter",
    ),
    "an image in a tool's result": (
        body(messages=[*HI, called("a"), {"role": "tool", "tool_call_id": "a", "content": [{"type": "image_url"}]}]),
        "Invalid value: 'image_url'. Supported values are: 'text'.", "messages[2].content[0].type", "invalid_value",
    ),
    "a part of the assistant's": (
        body(messages=[*HI, {"role": "assistant", "content": [{"type": "image_url"}]}]),
        "Invalid value: 'image_url'. Supported values are: 'text' and 'refusal'.", "messages[1].content[0].type",
        "invalid_value",
    ),
    "sound of another format": (
        body(messages=[{"role": "user", "content": [{"type": "input_audio", "input_audio": {
            "data": "", "format": "ogg"}}]}]),
        "Invalid value: 'ogg'. Supported values are: 'wav' and 'mp3'.", "messages[0].content[0].input_audio.format",
        "invalid_value",
    ),
    "no parts": (
        body(messages=[{"role": "user", "content": []}]), empty("messages[0].content"), "messages[0].content",
        "empty_array",
    ),
    "a part of another role": (
        body(messages=[{"role": "system", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]),
        "Invalid value: 'image_url'. Supported values are: 'text'.", "messages[0].content[0].type", "invalid_value",
    ),
    "an image without url": (
        body(messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]),
        "Missing required parameter: 'messages[0].content[0].image_url.url'.",
        "messages[0].content[0].image_url.url", "missing_required_parameter",
    ),
    "text part not a string": (
        body(messages=[{"role": "user", "content": [{"type": "text", "text": {"a": 1}}]}]),
        "Invalid type for 'messages[0].content[0].text': expected a string, but got an object instead.",
        "messages[0].content[0].text", "invalid_type",
    ),
    "unknown key": (body(foo=1), "Unrecognized request argument supplied: foo", None, None),
    "unknown key, newer models": (
        body(model=MODERN, foo=1), "Unknown parameter: 'foo'.", "foo", "unknown_parameter",
    ),
    "max_tokens, newer models": (
        body(model=MODERN, max_tokens=9),
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        "max_tokens", "unsupported_parameter",
    ),
    "max_tokens beyond the model": (
        body(max_tokens=128000),
        "max_tokens is too large: 128000. This model supports at most 16384 completion tokens, whereas you provided "
        "128000.",
        "max_tokens", None,
    ),
    "context too long": (
        body(model="gpt-4", messages=[{"role": "user", "content": "word" * 9000}]),
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9006 tokens. Please "
        "reduce the length of the messages.",
        "messages", "context_length_exceeded",
    ),
    "decimal too high": (
        body(temperature=200),
        "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 200 instead.",
        "temperature", "decimal_above_max_value",
    ),
    "decimal too low": (
        body(top_p=-0.5), "Invalid 'top_p': decimal below minimum value. Expected a value >= 0, but got -0.5 instead.",
        "top_p", "decimal_below_min_value",
    ),
    "decimal of another type": (
        body(temperature="hot"), "Invalid type for 'temperature': expected a decimal, but got a string instead.",
        "temperature", "invalid_type",
    ),
    "integer too low": (
        body(n=0), "Invalid 'n': integer below minimum value. Expected a value >= 1, but got 0 instead.", "n",
        "integer_below_min_value",
    ),
    "integer too high": (
        body(n=129), "Invalid 'n': integer above maximum value. Expected a value <= 128, but got 129 instead.", "n",
        "integer_above_max_value",
    ),
    "n, newer models": (
        body(model=MODERN, n=9), "Invalid 'n': integer above maximum value. Expected a value <= 8, but got 9 instead.",
        "n", "integer_above_max_value",
    ),
    "integer of another type": (
        body(seed=1.5), "Invalid type for 'seed': expected an integer, but got a decimal number instead.", "seed",
        "invalid_type",
    ),
    "boolean of another type": (
        body(stream="yes"), "Invalid type for 'stream': expected a boolean, but got a string instead.", "stream",
        "invalid_type",
    ),
    "null within a list": (
        body(stop=[None]), "Invalid type for 'stop[0]': expected a string, but got null instead.", "stop[0]",
        "invalid_type",
    ),
    "array for an object": (
        body(response_format=[]), "Invalid type for 'response_format': expected an object, but got an array instead.",
        "response_format", "invalid_type",
    ),
    "word of another type": (
        body(service_tier={}),
        "Invalid type for 'service_tier': expected one of 'auto', 'default', 'flex', 'scale', 'priority', or 'fast', "
        "but got an object instead.",
        "service_tier", "invalid_type",
    ),
    "service_tier": (
        body(service_tier="gold"),
        "Invalid value: 'gold'. Supported values are: 'auto', 'default', 'flex', 'scale', 'priority', and 'fast'.",
        "service_tier", "invalid_value",
    ),
    "verbosity": (
        body(verbosity="loud"), "Invalid value: 'loud'. Supported values are: 'low', 'medium', and 'high'.",
        "verbosity", "invalid_value",
    ),
    "reasoning_effort": (
        body(reasoning_effort="some"),
        "Invalid value: 'some'. Supported values are: 'none', 'minimal', 'low', 'medium', 'high', 'xhigh', and 'max'.",
        "reasoning_effort", "invalid_value",
    ),
    "temperature below": (
        body(temperature=-1),
        "Invalid 'temperature': decimal below minimum value. Expected a value >= 0, but got -1 instead.",
        "temperature", "decimal_below_min_value",
    ),
    "top_p above": (
        body(top_p=1.5), "Invalid 'top_p': decimal above maximum value. Expected a value <= 1, but got 1.5 instead.",
        "top_p", "decimal_above_max_value",
    ),
    "presence_penalty": (
        body(presence_penalty=-3),
        "Invalid 'presence_penalty': decimal below minimum value. Expected a value >= -2, but got -3 instead.",
        "presence_penalty", "decimal_below_min_value",
    ),
    "frequency_penalty": (
        body(frequency_penalty=3),
        "Invalid 'frequency_penalty': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
        "frequency_penalty", "decimal_above_max_value",
    ),
    "logit_bias": (
        body(logit_bias={"50256": -101}),
        "Invalid 'logit_bias.50256': decimal below minimum value. Expected a value >= -100, but got -101 instead.",
        "logit_bias.50256", "decimal_below_min_value",
    ),
    "top_logprobs above": (
        body(logprobs=True, top_logprobs=21),
        "Invalid 'top_logprobs': integer above maximum value. Expected a value <= 20, but got 21 instead.",
        "top_logprobs", "integer_above_max_value",
    ),
    "max_tokens below": (
        body(max_tokens=0),
        "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but got 0 instead.", "max_tokens",
        "integer_below_min_value",
    ),
    "max_completion_tokens below": (
        body(max_completion_tokens=0),
        "Invalid 'max_completion_tokens': integer below minimum value. Expected a value >= 1, but got 0 instead.",
        "max_completion_tokens", "integer_below_min_value",
    ),
    "user": (
        body(user=7), "Invalid type for 'user': expected a string, but got an integer instead.", "user",
        "invalid_type",
    ),
    "safety_identifier": (
        body(safety_identifier="x" * 65),
        "Invalid 'safety_identifier': string too long. Expected a string with maximum length 64, but got a string with "
        "length 65 instead.",
        "safety_identifier", "string_above_max_length",
    ),
    "prompt_cache_key": (
        body(prompt_cache_key=7), "Invalid type for 'prompt_cache_key': expected a string, but got an integer instead.",
        "prompt_cache_key", "invalid_type",
    ),
    "store": (
        body(store="yes"), "Invalid type for 'store': expected a boolean, but got a string instead.", "store",
        "invalid_type",
    ),
    "logprobs": (
        body(logprobs=2), "Invalid type for 'logprobs': expected a boolean, but got an integer instead.", "logprobs",
        "invalid_type",
    ),
    "stop an object": (
        body(stop={}),
        "Invalid type for 'stop': expected one of a string or array of strings, but got an object instead.", "stop",
        "invalid_type",
    ),
    "modalities": (
        body(modalities=["video"]), "Invalid value: 'video'. Supported values are: 'text' and 'audio'.",
        "modalities[0]", "invalid_value",
    ),
    "audio": (
        body(audio={"format": "wav"}), "Missing required parameter: 'audio.voice'.", "audio.voice",
        "missing_required_parameter",
    ),
    "prediction": (
        body(prediction={"type": "content"}), "Missing required parameter: 'prediction.content'.",
        "prediction.content", "missing_required_parameter",
    ),
    "web_search_options": (
        body(web_search_options={"search_context_size": "huge"}),
        "Invalid value: 'huge'. Supported values are: 'low', 'medium', and 'high'.",
        "web_search_options.search_context_size", "invalid_value",
    ),
    "moderation": (
        body(moderation={}), "Missing required parameter: 'moderation.model'.", "moderation.model",
        "missing_required_parameter",
    ),
    "stream_options with another key": (
        body(stream=True, stream_options={"bogus": 1}), "Unknown parameter: 'stream_options.bogus'.",
        "stream_options.bogus", "unknown_parameter",
    ),
    "stream_options of another type": (
        body(stream=True, stream_options={"include_usage": 1}),
        "Invalid type for 'stream_options.include_usage': expected a boolean, but got an integer instead.",
        "stream_options.include_usage", "invalid_type",
    ),
    "response_format type": (
        body(response_format={"type": "xml"}),
        "Invalid value: 'xml'. Supported values are: 'json_object', 'json_schema', and 'text'.",
        "response_format.type", "invalid_value",
    ),
    "metadata not an object": (
        body(metadata="x"), "Invalid type for 'metadata': expected a metadata object, but got a string instead.",
        "metadata", "invalid_type",
    ),
    "too many pairs of metadata": (
        body(metadata={str(number): "x" for number in range(17)}),
        "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object "
        "with 17 properties instead.",
        "metadata", "object_above_max_properties",
    ),
    "metadata name too long": (
        body(metadata={"k" * 70: "x"}),
        "Invalid property name in 'metadata': 'kkk...kkk' is too long. Expected a string with maximum length 64, but "
        "got a string with length 70 instead.",
        "metadata." + "k" * 70, "property_name_above_max_length",
    ),
    "too many stop sequences": (
        body(stop=list("abcde")),
        "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length 5 "
        "instead.",
        "stop", "array_above_max_length",
    ),
    "metadata too long": (
        body(metadata={"a": "x" * 513}),
        "Invalid 'metadata.a': string too long. Expected a string with maximum length 512, but got a string with "
        "length 513 instead.",
        "metadata.a", "string_above_max_length",
    ),
    "audio out": (
        body(modalities=["text", "audio"]),
        "Unsupported value: 'modalities' does not support 'audio' with this model.", "modalities",
        "unsupported_value",
    ),
    "stream_options alone": (
        body(stream_options={"include_usage": True}),
        "The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options", None,
    ),
    "top_logprobs alone": (
        body(top_logprobs=2), "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
        "top_logprobs", None,
    ),
    "response_format without schema": (
        body(response_format={"type": "json_schema"}),
        "Missing required parameter: 'response_format.json_schema'.", "response_format.json_schema",
        "missing_required_parameter",
    ),
    "response_format open though strict": (
        body(response_format={"type": "json_schema", "json_schema": {"name": "a", "strict": True, "schema": SCHEMA}}),
        "Invalid schema for response_format 'a': In context=(), 'additionalProperties' is required to be supplied and "
        "to be false.",
        "response_format", None,
    ),
    "tools empty": (body(tools=[]), empty("tools"), "tools", "empty_array"),
    "too many tools": (
        body(tools=[WEATHER] * 150),
        "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length 150 "
        "instead.",
        "tools", "array_above_max_length",
    ),
    "tool type": (
        body(tools=[{"type": "widget"}]), "Invalid value: 'widget'. Supported values are: 'function' and 'custom'.",
        "tools[0].type", "invalid_value",
    ),
    "tool without function": (
        body(tools=[{"type": "function"}]), "Missing required parameter: 'tools[0].function'.", "tools[0].function",
        "missing_required_parameter",
    ),
    "tool without name": (
        body(tools=[{"type": "function", "function": {}}]), "Missing required parameter: 'tools[0].function.name'.",
        "tools[0].function.name", "missing_required_parameter",
    ),
    "tool name pattern": (
        body(tools=tool(name="get weather")),
        "Invalid 'tools[0].function.name': string does not match pattern. Expected a string that matches the pattern "
        "'^[a-zA-Z0-9_-]+$'.",
        "tools[0].function.name", "invalid_value",
    ),
    "tool name pattern, newer models": (
        body(model=MODERN, tools=tool(name="get weather")),
        "Invalid 'tools[0].function.name': string does not match pattern. Expected a string that matches the pattern "
        "'^[a-zA-Z0-9_.-]+$'.",
        "tools[0].function.name", "invalid_value",
    ),
    "tool name empty": (
        body(tools=tool(name="")),
        "Invalid 'tools[0].function.name': empty string. Expected a string with minimum length 1, but got an empty "
        "string instead.",
        "tools[0].function.name", "empty_string",
    ),
    "tools a string": (
        body(tools="none"),
        "Invalid type for 'tools': expected an array of objects, but got a string instead.", "tools", "invalid_type",
    ),
    "tool name length": (
        body(tools=tool(name="x" * 71)),
        "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64, but got a string "
        "with length 71 instead.",
        "tools[0].function.name", "string_above_max_length",
    ),
    "tool description length": (
        body(tools=tool(description="x" * 1025)),
        "Invalid 'tools[0].function.description': string too long. Expected a string with maximum length 1024, but got "
        "a string with length 1025 instead.",
        "tools[0].function.description", "string_above_max_length",
    ),
    "custom tool without name": (
        body(tools=[{"type": "custom", "custom": {}}]), "Missing required parameter: 'tools[0].custom.name'.",
        "tools[0].custom.name", "missing_required_parameter",
    ),
    "custom tool with another syntax": (
        body(tools=[{"type": "custom", "custom": {"name": "f", "format": {"type": "grammar", "grammar": {
            "syntax": "bnf", "definition": "x"}}}}]),
        "Invalid value: 'bnf'. Supported values are: 'lark' and 'regex'.", "tools[0].custom.format.grammar.syntax",
        "invalid_value",
    ),
    "schema not of an object": (
        body(tools=tool(parameters={"type": "string"})),
        "Invalid schema for function 'f': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"string\"'.",
        "tools[0].function.parameters", "invalid_function_parameters",
    ),
    "schema a list": (
        body(tools=tool(parameters=[])),
        "Invalid schema for function 'f': [] is not of type 'object', 'boolean'.", "tools[0].function.parameters",
        "invalid_function_parameters",
    ),
    "schema without properties": (
        body(tools=tool(parameters={"type": "object"})),
        "Invalid schema for function 'f': In context=(), object schema missing properties.",
        "tools[0].function.parameters", "invalid_function_parameters",
    ),
    "strict: open object within": (
        body(tools=schema(strict=True, properties={"a": {"type": "object", "properties": {}}}, required=["a"],
                          additionalProperties=False)),
        "Invalid schema for function 'f': In context=('properties', 'a'), 'additionalProperties' is required to be "
        "supplied and to be false.",
        "tools[0].function.parameters", "invalid_function_parameters",
    ),
    "array without items": (
        body(tools=schema(properties={"paths": {"type": "array"}})),
        "Invalid schema for function 'f': In context=('properties', 'paths'), array schema missing items.",
        "tools[0].function.parameters", "invalid_function_parameters",
    ),
    "strict: not all required": (
        body(tools=schema(strict=True, properties={"params": {"type": "string"}}, additionalProperties=False)),
        "Invalid schema for function 'f': In context=(), 'required' is required to be supplied and to be an array "
        "including every key in properties. Missing 'params'.",
        "tools[0].function.parameters", "invalid_function_parameters",
    ),
    "strict: open object": (
        body(tools=schema(strict=True)),
        "Invalid schema for function 'f': In context=(), 'additionalProperties' is required to be supplied and to be "
        "false.",
        "tools[0].function.parameters", "invalid_function_parameters",
    ),
    "tool_choice without tools": (
        body(tool_choice="auto"),
        "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.", "tool_choice",
        None,
    ),
    "tool_choice word": (
        body(tools=[WEATHER], tool_choice="always"),
        "Invalid value: 'always'. Supported values are: 'none', 'auto', and 'required'.", "tool_choice",
        "invalid_value",
    ),
    "tool_choice of another type": (
        body(tools=[WEATHER], tool_choice=7),
        "Invalid type for 'tool_choice': expected one of one of 'none', 'auto', or 'required' or object, but got an "
        "integer instead.",
        "tool_choice", "invalid_type",
    ),
    "tool_choice without function": (
        body(tools=[WEATHER], tool_choice={"type": "function"}),
        "Missing required parameter: 'tool_choice.function'.", "tool_choice.function", "missing_required_parameter",
    ),
    "tool_choice without name": (
        body(tools=[WEATHER], tool_choice={"type": "function", "function": {}}),
        "Missing required parameter: 'tool_choice.function.name'.", "tool_choice.function.name",
        "missing_required_parameter",
    ),
    "tool_choice of an unknown type": (
        body(tools=[WEATHER], tool_choice={"type": "bogus"}), "Missing required parameter: 'tool_choice.function'.",
        "tool_choice.function", "missing_required_parameter",
    ),
    "tool_choice names a number": (
        body(tools=[WEATHER], tool_choice={"type": "function", "function": {"name": 7}}),
        "Invalid type for 'tool_choice.function.name': expected a string, but got an integer instead.",
        "tool_choice.function.name", "invalid_type",
    ),
    "tool_choice names no tool": (
        body(tools=[WEATHER], tool_choice={"type": "function", "function": {"name": "x"}}),
        "Invalid value for 'tool_choice': function 'x' is not among 'tools'.", "tool_choice", None,
    ),
    "tool_choice names a tool of another kind": (
        body(tools=[GREP], tool_choice={"type": "function", "function": {"name": "grep"}}),
        "Invalid value for 'tool_choice': function 'grep' is not among 'tools'.", "tool_choice", None,
    ),
    "allowed tools without mode": (
        body(tools=[WEATHER], tool_choice={"type": "allowed_tools", "allowed_tools": {"tools": []}}),
        "Missing required parameter: 'tool_choice.allowed_tools.mode'.", "tool_choice.allowed_tools.mode",
        "missing_required_parameter",
    ),
    "parallel_tool_calls without tools": (
        body(parallel_tool_calls=False),
        "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are specified.",
        "parallel_tool_calls", None,
    ),
    "function_call without functions": (
        body(function_call="auto"),
        "Invalid value for 'function_call': 'function_call' is only allowed when 'functions' are specified.",
        "function_call", None,
    ),
    "function_call names no function": (
        body(functions=[FUNCTION], function_call={"name": "x"}),
        "Invalid value for 'function_call': no function named 'x' was specified in the 'functions' parameter.",
        "function_call", None,
    ),
    "function_call names a number": (
        body(functions=[FUNCTION], function_call={"name": 7}),
        "Invalid type for 'function_call.name': expected a string, but got an integer instead.", "function_call.name",
        "invalid_type",
    ),
    "function_call word": (
        body(functions=[FUNCTION], function_call="required"),
        "Invalid value: 'required'. Supported values are: 'none' and 'auto'.", "function_call", "invalid_value",
    ),
    "functions empty": (body(functions=[]), empty("functions"), "functions", "empty_array"),
    "too many functions": (
        body(functions=[FUNCTION] * 129),
        "Invalid 'functions': array too long. Expected an array with maximum length 128, but got an array with length "
        "129 instead.",
        "functions", "array_above_max_length",
    ),
    "functions a string": (
        body(functions="x"),
        "Invalid type for 'functions': expected an array of function definitions, but got a string instead.",
        "functions", "invalid_type",
    ),
    "functions and tools": (
        body(functions=[FUNCTION], tools=[WEATHER]),
        "Invalid value for 'functions': 'functions' and 'tools' are two forms of the same, and only one of them may be "
        "given.",
        "functions", None,
    ),
    "function name": (
        body(functions=[{"name": "a b"}]),
        "Invalid 'functions[0].name': string does not match pattern. Expected a string that matches the pattern "
        "'^[a-zA-Z0-9_-]+$'.",
        "functions[0].name", "invalid_value",
    ),
    "no calls in tool_calls": (
        body(messages=[*HI, {"role": "assistant", "content": None, "tool_calls": []}]), empty("messages[1].tool_calls"),
        "messages[1].tool_calls", "empty_array",
    ),
    "name of a call": (
        body(messages=[*HI, called("a", name="functions.x"), result("a")]),
        "Invalid 'messages[1].tool_calls[0].function.name': string does not match pattern. Expected a string that "
        "matches the pattern '^[a-zA-Z0-9_-]+$'.",
        "messages[1].tool_calls[0].function.name", "invalid_value",
    ),
    "id of a call too long": (
        body(messages=[*HI, called("x" * 41), result("x" * 41)]),
        "Invalid 'messages[1].tool_calls[0].id': string too long. Expected a string with maximum length 40, but got a "
        "string with length 41 instead.",
        "messages[1].tool_calls[0].id", "string_above_max_length",
    ),
    "arguments not a string": (
        body(messages=[*HI, called("a", arguments={}), result("a")]),
        "Invalid type for 'messages[1].tool_calls[0].function.arguments': expected a string, but got an object "
        "instead.",
        "messages[1].tool_calls[0].function.arguments", "invalid_type",
    ),
    "tool message before any call": (
        body(messages=[*HI, result("call_a")]),
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        "messages.[1].role", None,
    ),
    "results missing before another message": (
        body(messages=[*HI, called("call_a", "call_b"), result("call_a"), *HI]),
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
        "The following tool_call_ids did not have response messages: call_b",
        "messages.[3].role", None,
    ),
    "results missing at the end": (
        body(messages=[*HI, called("call_a", "call_b")]),
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
        "The following tool_call_ids did not have response messages: call_a, call_b",
        "messages.[2].role", None,
    ),
    "tool_call_id missing": (
        body(messages=[*HI, called("a"), {"role": "tool", "content": "21"}]),
        "Missing parameter 'tool_call_id': messages with role 'tool' must have a 'tool_call_id'.",
        "messages.[2].tool_call_id", None,
    ),
    "tool_call_id used twice": (
        body(messages=[*HI, called("call_x"), result("call_x"), result("call_x")]),
        "Invalid parameter: Duplicate value for 'tool_call_id' of 'call_x', in messages[2] and messages[3].",
        "messages.[3].tool_call_id", None,
    ),
    "a result late": (
        body(messages=[*HI, called("a"), result("a"), *HI, result("a")]),
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        "messages.[4].role", None,
    ),
    "a call without type": (
        body(messages=[*HI, {"role": "assistant", "content": None, "tool_calls": [{"id": "a"}]}]),
        "Missing required parameter: 'messages[1].tool_calls[0].type'.", "messages[1].tool_calls[0].type",
        "missing_required_parameter",
    ),
    "arguments of a function_call not a string": (
        body(messages=[*HI, {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": {}}}]),
        "Invalid type for 'messages[1].function_call.arguments': expected a string, but got an object instead.",
        "messages[1].function_call.arguments", "invalid_type",
    ),
    "tool_call_id never issued": (
        body(messages=[*HI, called("a"), result("b")]),
        "Invalid parameter: 'tool_call_id' of 'b' not found in 'tool_calls' of previous message.",
        "messages.[2].tool_call_id", None,
    ),
    "function role without name": (
        body(messages=[*HI, {"role": "function", "content": "21"}]),
        "Missing parameter 'name': messages with role 'function' must have a 'name'.", "messages.[1].name", None,
    ),
}  # fmt: skip
