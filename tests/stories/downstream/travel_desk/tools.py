"""What the desk can do, as the model is told of it and as it is done."""

import json

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_current_weather",
            "description": "Get the current weather in a given location",
            "parameters": {
                "type": "object",
                "properties": {
                    "location": {"type": "string"},
                    "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
                },
                "required": ["location"],
                "additionalProperties": False,
            },
        },
    },
    {
        "type": "function",
        "function": {
            "name": "book_flight",
            "description": "Book a flight",
            "parameters": {
                "type": "object",
                "properties": {"to": {"type": "string"}, "seats": {"type": "integer", "minimum": 1}},
                "required": ["to"],
                "additionalProperties": False,
            },
        },
    },
]
TEMPERATURES = {"Oslo": 4, "Paris": 12, "Tokyo": 19}


class Wrong(Exception):
    """A call that must not run; the message is for the model."""


class Desk:
    """Looks up the weather, and books after a yes."""

    def __init__(self, confirm=lambda call: False):
        self.bookings = []
        self.confirm = confirm

    def run(self, name, arguments):
        """The result of a call, as text for the model."""
        try:
            values = checked(name, arguments)
        except Wrong as wrong:
            return json.dumps({"error": str(wrong)})
        if name == "get_current_weather":
            return json.dumps({"temperature": TEMPERATURES.get(values["location"], 15)})
        if not self.confirm(values):
            return json.dumps({"booked": False, "reason": "the traveller said no"})
        self.bookings.append(values)
        return json.dumps({"booked": True})


def checked(name, arguments):
    """The arguments, when they fit."""
    schema = next((tool["function"]["parameters"] for tool in TOOLS if tool["function"]["name"] == name), None)
    if schema is None:
        raise Wrong(f"unknown tool {name}")
    try:
        values = json.loads(arguments)
    except ValueError as error:
        raise Wrong(f"the arguments are not valid JSON: {error}") from None
    if not isinstance(values, dict):
        raise Wrong("the arguments are not an object")
    for key in schema["required"]:
        if key not in values:
            raise Wrong(f"missing {key}")
    for key, value in values.items():
        if key not in schema["properties"]:
            raise Wrong(f"unknown parameter {key}")
        check(key, value, schema["properties"][key])
    return values


def check(key, value, wanted):
    """One value against its part of the schema."""
    kinds = {"string": str, "integer": int}
    if not isinstance(value, kinds[wanted["type"]]) or isinstance(value, bool):
        raise Wrong(f"invalid {key}: not of type {wanted['type']}")
    if "enum" in wanted and value not in wanted["enum"]:
        raise Wrong(f"invalid {key}: not one of {wanted['enum']}")
    if value == "" or ("minimum" in wanted and value < wanted["minimum"]):
        raise Wrong(f"invalid {key}: {value!r}")
