"""Conversations as applications send them, grown message by message."""

from typing import Any

from mockserver.chat import ApiError, ChatRequest, Message, Reply, Tool, ToolCall, ToolChoice
from mockserver.scenario import Match, MatchView, Miss, Play, Scenario

WEATHER = Tool("get_current_weather", "", {"type": "object", "properties": {"location": {"type": "string"}}})


def user(text: str) -> Message:
    return Message("user", text)


def said(text: str) -> Message:
    return Message("assistant", text)


def called(*ids: str, name: str = "get_current_weather") -> Message:
    return Message("assistant", None, tuple(ToolCall(name, "{}", each) for each in ids))


def result(id: str, content: str) -> Message:
    return Message("tool", content, tool_call_id=id)


def asked(*messages: Message, attempt: int = 1, session: str = "", **more: Any) -> MatchView:
    headers = more.pop("headers", {})
    fields: dict[str, Any] = {"model": "gpt-4o", "tools": (WEATHER,), "tool_choice": ToolChoice(), **more}
    return MatchView(ChatRequest(messages=messages, **fields), attempt, session, headers)


def answer(play: Play, *messages: Message, **more: Any) -> Match:
    found = play.answer(asked(*messages, **more))
    assert isinstance(found, Match), found
    return found


def miss(play: Play, *messages: Message, **more: Any) -> Miss:
    found = play.answer(asked(*messages, **more))
    assert isinstance(found, Miss), found
    return found


def words(match: Match) -> str | None:
    assert isinstance(match.say, Reply)
    return match.say.text


def values(match: Match) -> list[str]:
    assert isinstance(match.say, Reply)
    return [call.arguments for call in match.say.calls]


def status(match: Match) -> int:
    assert isinstance(match.say, ApiError)
    return match.say.status


class Application:
    """Asks a question and runs every tool call until the model answers in words."""

    def __init__(
        self, play: Play | Scenario, tools: tuple[Tool, ...] = (WEATHER,), results: dict[str, str] | None = None
    ):
        self.play = play if isinstance(play, Play) else Play(play)
        self.tools = tools
        self.results = results or {}
        self.messages: list[Message] = []
        self.labels: list[str] = []

    def ask(self, text: str) -> str | None:
        self.messages.append(user(text))
        while True:
            match = answer(self.play, *self.messages, tools=self.tools)
            self.labels.append(match.label)
            reply = match.say
            assert isinstance(reply, Reply)
            calls = tuple(
                ToolCall(call.name, call.arguments, f"call_{len(self.messages)}_{index}")
                for index, call in enumerate(reply.calls)
            )
            self.messages.append(Message("assistant", reply.text, calls))
            if not calls:
                return reply.text
            self.messages += [result(str(call.id), self.results.get(call.name, '{"ok": true}')) for call in calls]
