"""The four steps of function calling, done right: ask the model, check its calls, run them, tell it the results.

`__all__` is the API. Beside it, these submodules are public: `clientkit.answer`, `clientkit.confirm`,
`clientkit.errors`, `clientkit.events`, `clientkit.mcp`, `clientkit.model`, `clientkit.tools`, and the bounds that
`docs/client-kit.md` names. Every other module is internal.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # as `typing` has it, whose import costs more than all that is done here
if TYPE_CHECKING:
    from typing import Any

    from clientkit.answer import Answer as Answer
    from clientkit.answer import Pending as Pending
    from clientkit.chat import Chat as Chat
    from clientkit.check import check_call as check_call
    from clientkit.confirm import LATER as LATER
    from clientkit.confirm import Question as Question
    from clientkit.confirm import RepairedArguments as RepairedArguments
    from clientkit.confirm import allow_only as allow_only
    from clientkit.confirm import deny_all as deny_all
    from clientkit.confirm import remember as remember
    from clientkit.conversation import Conversation as Conversation
    from clientkit.conversation import converse as converse
    from clientkit.conversation import converse_sync as converse_sync
    from clientkit.display import printable as printable
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
    from clientkit.mcp import tools_from_mcp as tools_from_mcp
    from clientkit.openai_chat import OpenAIChat as OpenAIChat
    from clientkit.reply import Reply as Reply
    from clientkit.reply import ToolCall as ToolCall
    from clientkit.stream import StreamReader as StreamReader
    from clientkit.terminal import ask_in_terminal as ask_in_terminal
    from clientkit.tools import Tool as Tool
    from clientkit.tools import tool as tool
    from clientkit.tools import tool_from_model as tool_from_model
    from clientkit.tools import tool_from_schema as tool_from_schema
    from clientkit.transcript import CallRecord as CallRecord
    from clientkit.transcript import Transcript as Transcript

_EXPORTS = {
    "answer": ["Answer", "Pending"],
    "chat": ["Chat"],
    "confirm": ["LATER", "Question"],
    "conversation": ["Conversation", "converse", "converse_sync"],
    "display": ["printable"],
    "errors": ["APIError", "BadCall", "ClientKitError", "IncompleteReply", "StreamError", "TooManyRounds"],
    "openai_chat": ["OpenAIChat"],
    "terminal": ["ask_in_terminal"],
    "tools": ["tool"],
    "transcript": ["CallRecord"],
    "mcp": ["tools_from_mcp"],
}
# Names that were exported once and still work: their homes are the public submodules.
_FORMER_EXPORTS = {
    "check": ["check_call"],
    "confirm": ["RepairedArguments", "allow_only", "deny_all", "remember"],
    "errors": ["OutOfTime", "Problem"],
    "events": [
        *("ArgumentsGrew", "CallAnswered", "CallComplete", "CallOpened", "CallStarted", "Finished", "TextArrived"),
    ],
    "reply": ["Reply", "ToolCall"],
    "stream": ["StreamReader"],
    "tools": ["Tool", "tool_from_model", "tool_from_schema"],
    "transcript": ["Transcript"],
}
_MODULE = {name: module for table in (_EXPORTS, _FORMER_EXPORTS) for module, names in table.items() for name in names}

__all__ = sorted(name for names in _EXPORTS.values() for name in names)  # noqa: PLE0605 - told once, with their modules


def __getattr__(name: str) -> Any:
    # Loaded when first used, so that importing the package costs an application next to nothing.
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, *(name for name in globals() if name.startswith("__"))])
