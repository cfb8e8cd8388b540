"""The four steps of function calling, done right: ask the model, check its calls, run them, tell it the results."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clientkit.answer import Answer as Answer
    from clientkit.answer import CallRecord as CallRecord
    from clientkit.chat import Chat as Chat
    from clientkit.check import check_call as check_call
    from clientkit.confirm import RepairedArguments as RepairedArguments
    from clientkit.confirm import allow_only as allow_only
    from clientkit.confirm import ask_in_terminal as ask_in_terminal
    from clientkit.confirm import deny_all as deny_all
    from clientkit.conversing import converse as converse
    from clientkit.conversing import converse_sync as converse_sync
    from clientkit.errors import APIError as APIError
    from clientkit.errors import BadCall as BadCall
    from clientkit.errors import ClientKitError as ClientKitError
    from clientkit.errors import IncompleteReply as IncompleteReply
    from clientkit.errors import OutOfTime as OutOfTime
    from clientkit.errors import Problem as Problem
    from clientkit.errors import StreamError as StreamError
    from clientkit.errors import TooManyRounds as TooManyRounds
    from clientkit.events import ArgumentsGrew as ArgumentsGrew
    from clientkit.events import CallAnswered as CallAnswered
    from clientkit.events import CallComplete as CallComplete
    from clientkit.events import CallOpened as CallOpened
    from clientkit.events import CallStarted as CallStarted
    from clientkit.events import Finished as Finished
    from clientkit.events import TextArrived as TextArrived
    from clientkit.openai_chat import OpenAIChat as OpenAIChat
    from clientkit.reply import Reply as Reply
    from clientkit.reply import ToolCall as ToolCall
    from clientkit.stream import StreamReader as StreamReader
    from clientkit.tool_sources import tool_from_model as tool_from_model
    from clientkit.tool_sources import tool_from_schema as tool_from_schema
    from clientkit.tool_sources import tools_from_mcp as tools_from_mcp
    from clientkit.tools import Tool as Tool
    from clientkit.tools import tool as tool
    from clientkit.transcript import Transcript as Transcript

_HOME = {
    "answer": ["Answer", "CallRecord"],
    "chat": ["Chat"],
    "check": ["check_call"],
    "confirm": ["RepairedArguments", "allow_only", "ask_in_terminal", "deny_all"],
    "conversing": ["converse", "converse_sync"],
    "errors": [
        *("APIError", "BadCall", "ClientKitError", "IncompleteReply", "OutOfTime", "Problem", "StreamError"),
        "TooManyRounds",
    ],
    "events": [
        *("ArgumentsGrew", "CallAnswered", "CallComplete", "CallOpened", "CallStarted", "Finished", "TextArrived"),
    ],
    "openai_chat": ["OpenAIChat"],
    "reply": ["Reply", "ToolCall"],
    "stream": ["StreamReader"],
    "tool_sources": ["tool_from_model", "tool_from_schema", "tools_from_mcp"],
    "tools": ["Tool", "tool"],
    "transcript": ["Transcript"],
}
_MODULE = {name: module for module, names in _HOME.items() for name in names}

__all__ = sorted(_MODULE)  # noqa: PLE0605 - the names stand once, beside the modules that hold them


def __getattr__(name: str) -> Any:
    # Loaded when first used, so that importing the package costs an application next to nothing.
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULE})
