"""What faults of the text of arguments are named for."""

import ast
import json
import re
from collections.abc import Callable
from typing import Any

from tests.fault_answers import Call, Case, Only, strictly
from tests.fault_predicates.changes import Predicate, leaves, on_the_wire, one_call

QUOTED = r'"(?:[^"\\]|\\.)*"'
WORDS = {"None": "null", "True": "true", "False": "false"}
PYTHON = {word: name for name, word in WORDS.items()}


def text(rule: Callable[[str, str], bool]) -> Predicate:
    """One call's arguments are another text, and nothing else differs."""
    return one_call(
        lambda old, new, _: old.name == new.name and _texts(old, new) and rule(old.arguments, new.arguments)
    )


def _texts(old: Call, new: Call) -> bool:
    return isinstance(old.arguments, str) and isinstance(new.arguments, str) and old.arguments != new.arguments


def _cut(old: str, new: str) -> bool:
    return old.startswith(new) and strictly(new) is None


def _outside(pattern: str, text: str) -> list[str]:
    """What matches outside of texts in double quotes."""
    return [match[0] for match in re.finditer(rf"{QUOTED}|{pattern}", text) if match[0][:1] != '"']


def _loosely(text: str) -> Any:
    """What Python's own reader makes of it: NaN, Infinity and control characters are taken."""
    try:
        return json.loads(text, strict=False)
    except ValueError:
        return None


def _all_but_one(old: str, new: Any) -> bool:
    """Whether at most one plain value differs, or one was added."""
    before, after = list(map(repr, leaves(strictly(old)))), list(map(repr, leaves(new)))
    return len(after) - len(before) in (0, 1) and len([value for value in after if value not in before]) <= 1


def _python(old: str, new: str) -> bool:
    back = re.sub(rf"{QUOTED}|\b(None|True|False)\b", lambda found: WORDS.get(found[0], found[0]), new)
    return bool(_outside("None|True|False", new)) and _all_but_one(old, strictly(back))


def _no_number(old: str, new: str) -> bool:
    return bool(_outside("NaN|-?Infinity", new)) and _all_but_one(old, _loosely(new))


def _control(old: str, new: str) -> bool:
    return re.search(r"[\x00-\x1f]", new) is not None and strictly(new) is None and _all_but_one(old, _loosely(new))


def _escape(old: str, new: str) -> bool:
    wrong = (r"\d", r"\'", r"\x41", r"\u12 ")
    return any(_all_but_one(old, strictly(new.replace(one, "", 1))) for one in wrong if one in new)


def _inserted(mark: str) -> Callable[[str, str], bool]:
    return lambda old, new: mark in new and mark not in old and _all_but_one(old, _loosely(new))


def _bare_keys(old: str, new: str) -> bool:
    keys = [match[1] for match in re.finditer(rf"({QUOTED})\s*:", old)]
    bare = [re.search(rf"{re.escape(key[1:-1])}\s*:", new) is not None and f"{key}:" not in new for key in keys]
    return bool(keys) and all(bare)


def _single(old: str, new: str) -> bool:
    """No double quote stands outside of single ones, and Python reads the very same values."""
    quoted = r"'(?:[^'\\]|\\.)*'"
    words = re.sub(rf"{quoted}|\b(null|true|false)\b", lambda found: PYTHON.get(found[0], found[0]), new)
    return '"' not in re.sub(quoted, "", new) and bool(ast.literal_eval(words) == strictly(old)) and "'" in new


def _commented(old: str, new: str) -> bool:
    without = re.sub(r" // as the user said\n| /\* as the user said \*/", "", new)
    return without != new and strictly(without) == strictly(old)


def _json5(old: str, new: str) -> bool:
    return (
        new == "{/* nothing */}"
        if old.strip() in ("{}", "{ }")
        else new.endswith(",}") and '"' not in re.sub(r"'(?:[^'\\]|\\.)*'", "", new)
    )


def _lines(old: str, new: str) -> bool:
    values = strictly(old)
    return (
        all(any(line.startswith(f"{name} = ") for line in new.split("\n")) for name in values) and strictly(new) is None
    )


def _elements(old: str, new: str) -> bool:
    return new.startswith("<parameter=") and all(f"<parameter={name}>" in new for name in strictly(old))


def _twice(old: str, new: str) -> bool:
    """Who takes the first of two same keys hears the sound arguments; who takes the last hears others."""
    first = json.loads(new, object_pairs_hook=lambda pairs: dict(pairs[::-1]))
    return bool(strictly(old) == first != strictly(new))


def _escaped(old: str, new: str) -> bool:
    return strictly(new) == strictly(old) and re.search(r"\\u[0-9a-f]{4}", new) is not None


def _deep(case: Case, old: str, new: str) -> bool:
    levels = case.parameters["levels"]
    member = '"details": ' + '{"a":' * levels + "1" + "}" * levels
    return strictly(new.replace(f", {member}", "").replace(member, "")) == strictly(old) and member in new


def _big(old: str, new: str) -> bool:
    return bool(_outside(r"\d{16,}", new)) and _all_but_one(old, strictly(new))


def _with(rule: Callable[[Case, str, str], bool]) -> Predicate:
    return one_call(
        lambda old, new, case: old.name == new.name and _texts(old, new) and rule(case, old.arguments, new.arguments)
    )


def _truncated(case: Case) -> bool:
    kept = case.after.said._replace(finish=case.before.said.finish)
    finish = case.parameters["finish"]
    wanted = case.before.said.finish if finish == "kept" else finish
    sound = case._replace(after=Only(kept))
    return case.after.said.finish == wanted and text(_cut)(sound)


PREDICATES: dict[str, Predicate] = {
    "truncated_json": _truncated,
    "missing_closing_brace": text(lambda old, new: _cut(old, new) and not old[len(new) :].strip(" \n}]")),
    "trailing_comma": text(lambda old, new: re.sub(r",}$", "}", new) == old and new.endswith(",}")),
    "missing_comma": text(
        lambda old, new: len(new) == len(old) - 1 and new.count(",") == old.count(",") - 1 and strictly(new) is None
    ),
    "single_quotes": text(_single),
    "unquoted_keys": text(_bare_keys),
    "python_literals": text(_python),
    "nan_infinity": text(_no_number),
    "raw_control_chars": text(_control),
    "invalid_escape": text(_escape),
    "code_fence": text(lambda old, new: new == f"```json\n{old}\n```"),
    "leading_text": text(lambda old, new: new.endswith(old) and len(new) > len(old)),
    "trailing_text": text(lambda old, new: new.startswith(old) and bool(new[len(old) :].strip())),
    "concatenated_objects": text(lambda old, new: new.startswith(old) and isinstance(strictly(new[len(old) :]), dict)),
    "repeated_whole": text(lambda old, new: new == old * 2),
    "double_encoded": text(lambda old, new: strictly(new) == old),
    "comments": text(_commented),
    "json5": text(_json5),
    "bom_prefix": text(lambda old, new: new == f"\ufeff{old}"),
    "not_json": text(_lines),
    "xml_arguments": text(_elements),
    "smart_quotes": text(
        lambda old, new: re.sub("[“”]", '"', new) == re.sub("[“”]", '"', old) and new.count("“") > old.count("“")
    ),
    "empty_arguments": text(lambda _, new: new == ""),
    "blank_arguments": text(lambda _, new: new != "" and not new.strip()),
    "null_text_arguments": text(lambda _, new: new == "null"),
    "arguments_json_null": on_the_wire(lambda old, new: new == {**old, "arguments": None}),
    "arguments_missing": on_the_wire(lambda old, new: new == {"name": old["name"]}),
    "arguments_as_object": on_the_wire(lambda old, new: new == {**old, "arguments": strictly(old["arguments"])}),
    "non_object_json": text(lambda _, new: strictly(new) is not None and not isinstance(strictly(new), dict)),
    "duplicate_keys": text(_twice),
    "lone_surrogate": text(_inserted(r"\ud83d")),
    "nul_char": text(_inserted(r"\u0000")),
    "mojibake": text(
        lambda old, new: re.search("[\u00a1-\u00ff]{2}|[\u00a1-\u00ff]", new) is not None and _all_like(old, new)
    ),
    "escaped_unicode": text(_escaped),
    "huge_arguments": _with(
        lambda case, old, new: len(new) - len(old) >= case.parameters["size"] and isinstance(strictly(new), dict)
    ),
    "deep_nesting": _with(_deep),
    "big_number": text(_big),
    "whitespace_flood": _with(
        lambda case, old, new: (
            new.rstrip() == old.rstrip()[:-1].rstrip() and len(new) - len(new.rstrip()) >= case.parameters["count"]
        )
    ),
    "repeated_token_flood": _with(
        lambda case, _, new: new.endswith("and " * case.parameters["count"]) and strictly(new) is None
    ),
}


def _all_like(old: str, new: str) -> bool:
    """The same object, told apart only by letters outside ASCII."""
    plain = [re.sub("[^ -~]", "", one) for one in (old, new)]
    return plain[0] == plain[1] or _all_but_one(old, strictly(new))
