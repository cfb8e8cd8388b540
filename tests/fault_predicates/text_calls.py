"""What calls written as text are named for: each dialect read back by a reader of its own."""

import ast
import json
import re
from collections.abc import Callable
from typing import Any

from tests.fault_answers import Case, strictly
from tests.fault_predicates.changes import Predicate

QUOTED = r'"(?:[^"\\]|\\.)*"'
Read = Callable[[str], list[tuple[str, Any]]]


def instead(read: Read) -> Predicate:
    """Nothing is called, the answer stops, and who knows the dialect reads the very same calls in the text."""

    def judged(case: Case) -> bool:
        before, after = case.before.said, case.after.said
        if (
            after.calls
            or not before.calls
            or after.finish != "stop"
            or after.refusal != before.refusal
            or not after.text
        ):
            return False
        start = f"{before.text}\n" if before.text else ""
        return after.text.startswith(start) and read(after.text.removeprefix(start)) == _wanted(case)

    return judged


def _wanted(case: Case) -> list[tuple[str, Any]]:
    return [(call.name, strictly(call.arguments)) for call in case.before.said.calls]


def each(pattern: str, arguments: Callable[[str], Any] = strictly) -> Read:
    """Markup with the groups `name` and `arguments`, and nothing around it."""
    one = re.compile(pattern, re.DOTALL)

    def read(text: str) -> list[tuple[str, Any]]:
        found = [(match["name"], arguments(match["arguments"])) for match in one.finditer(text)]
        return found if not one.sub("", text).strip() else []

    return read


def objects(pattern: str) -> Read:
    """Markup around a JSON object of a name and arguments, its group `call`."""
    one = re.compile(pattern, re.DOTALL)

    def read(text: str) -> list[tuple[str, Any]]:
        called = [strictly(match["call"]) for match in one.finditer(text)]
        if one.sub("", text).strip() or not all(isinstance(call, dict) for call in called):
            return []
        return [(call["name"], call["arguments"]) for call in called]

    return read


def _python(text: str) -> list[tuple[str, Any]]:
    """A list of calls, or lines of them behind the token; keys may be words that Python keeps for itself."""
    source = re.sub(r"<\|python_tag\|>(\w+)\.call\(", r"\1(", text)
    hidden = re.sub(
        rf"{QUOTED}|([^\s(),=]+)=", lambda found: f"k{found[1].encode().hex()}=" if found[1] else found[0], source
    )
    try:
        calls = [node for node in ast.walk(ast.parse(hidden)) if isinstance(node, ast.Call)]
    except SyntaxError:
        return []
    return [(ast.unparse(call.func), dict(map(_keyword, call.keywords))) for call in calls]


def _keyword(word: ast.keyword) -> tuple[str, Any]:
    return bytes.fromhex(str(word.arg)[1:]).decode(), ast.literal_eval(word.value)


def _tags(pattern: str) -> Callable[[str], Any]:
    """Parameters by tags: a text is what stands there, anything else is JSON."""

    def read(inside: str) -> Any:
        return {match[1]: match[2] for match in re.finditer(pattern, inside, re.DOTALL)}

    return read


def as_texts(read: Read) -> Predicate:
    """A dialect that writes every value plainly: the calls are compared as it writes them."""

    def judged(case: Case) -> bool:
        plain = [(name, {key: _plain(value) for key, value in values.items()}) for name, values in _wanted(case)]
        text = case.after.said.text or ""
        sound = instead(lambda _: _wanted(case))
        return sound(case) and read(text) == plain

    return judged


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _mistral(text: str) -> list[tuple[str, Any]]:
    listed = strictly(text.removeprefix("[TOOL_CALLS]")) if text.startswith("[TOOL_CALLS]") else None
    return [(call["name"], call["arguments"]) for call in listed or ()]


def _lines(text: str) -> list[tuple[str, Any]]:
    decoder, found, place = json.JSONDecoder(), [], 0
    while place < len(text):
        try:
            call, place = decoder.raw_decode(text, place)
        except ValueError:
            return []
        found.append((call["name"], call["arguments"]))
        place += len(text[place:]) - len(text[place:].lstrip())
    return found


def _both(case: Case) -> bool:
    before, after = case.before.said, case.after.said
    read = objects(r"<tool_call>\n(?P<call>.*?)\n</tool_call>")
    return (
        before._replace(text=None) == after._replace(text=None)
        and bool(before.calls)
        and read(after.text or "") == _wanted(case)
    )


def _leaked(case: Case) -> bool:
    before, after = case.before.said, case.after.said
    emptied = tuple(call._replace(arguments="{}") for call in before.calls)
    told = [_plain(values) for _, values in _wanted(case) if values]
    return (
        before._replace(text=None, calls=emptied) == after._replace(text=None)
        and emptied != before.calls
        and after.text == "\n".join(told)
    )


DSML = r'<｜DSML｜invoke name="(?P<name>\w+)">\n(?P<arguments>.*?)</｜DSML｜invoke>'
DSML_PARAMETER = r'<｜DSML｜parameter name="([^"]+)" string="(?:true|false)">(.*?)</｜DSML｜parameter>'

PREDICATES: dict[str, Predicate] = {
    "text_hermes_tag": instead(objects(r"<tool_call>\n(?P<call>.*?)\n</tool_call>")),
    "text_hermes_orphan_tag": instead(
        lambda said: [] if "</tool_call>" in said else objects(r"<tool_call>\n(?P<call>.*?)(?=\n<tool_call>|$)")(said)
    ),
    "text_fenced_json": instead(objects(r"```json\n(?P<call>.*?)\n```")),
    "text_bare_json": instead(_lines),
    "text_pythonic": instead(lambda said: _python(said) if said[:1] + said[-1:] == "[]" else []),
    "text_function_tag": instead(each(r"<function=(?P<name>\w+)>(?P<arguments>.*?)</function>")),
    "text_python_tag": instead(lambda said: _python(said) if said.startswith("<|python_tag|>") else []),
    "text_mistral_token": instead(_mistral),
    "text_dsml": as_texts(lambda said: each(DSML, _tags(DSML_PARAMETER))(re.sub(r"</?｜DSML｜tool_calls>", "", said))),
    "text_anthropic_xml": as_texts(
        each(
            r'<invoke name="(?P<name>\w+)">\n(?P<arguments>.*?)</invoke>',
            _tags(r'<parameter name="([^"]+)">(.*?)</parameter>'),
        )
    ),
    "text_kimi_tokens": instead(
        each(
            r"<\|tool_call_begin\|>functions\.(?P<name>\w+):\d"
            r"<\|tool_call_argument_begin\|>(?P<arguments>.*?)<\|tool_call_end\|>"
        )
    ),
    "text_harmony": instead(
        each(
            r"<\|channel\|>commentary to=functions\.(?P<name>\w+) "
            r"<\|constrain\|>json<\|message\|>(?P<arguments>.*?)<\|call\|>"
        )
    ),
    "text_react": instead(each(r"Action: (?P<name>\w+)\nAction Input: (?P<arguments>.*?)(?=\nAction:|$)")),
    "text_bracket_tag": instead(
        each(r'\[TOOL_CALL\]\{tool => "(?P<name>\w+)", args => (?P<arguments>.*?)\}\[/TOOL_CALL\]')
    ),
    "text_narrated_call": instead(
        each(r"\[Calling tool: (?P<name>\w+) with arguments (?P<arguments>.*?)\](?=\n\[Calling|$)")
    ),
    "text_and_structured": _both,
    "structured_with_text_leak": _leaked,
}
