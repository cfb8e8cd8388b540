"""Consistency of a scenario file: keys that exclude each other, placeholders, patterns, and names of faults."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.chat import AS_WRITTEN
from mockserver.chat.api_errors import header_name_mistake, header_value_mistake
from mockserver.chat.provider_names import UnknownProvider, known_provider
from mockserver.faults import UnknownFault, UnknownProfile, profile, specs_of
from mockserver.scenario.error_messages import nearest
from mockserver.scenario.file.tree import Node, Path, Report, written
from mockserver.scenario.placeholders import mistake, paths
from mockserver.scenario.value_conditions import compiled

_SAID = ("text", "refusal", "calls", "error")
_WITH_A_REPLY_ONLY = ("thinking", "timing", "stream", "finish_reason", "usage")
_BESIDE_EITHER = ("either", "name", "when", "times")
_TOOL_KINDS = ("function", "custom")


def check_consistency(tree: Node, report: Report) -> None:
    """Report contradictions within a file; values of a wrong type are skipped, as `validation` reports them."""
    data = tree.plain()
    if not isinstance(data, dict):
        return
    _Consistency(tree, report).scenario(data)


def parts(data: Mapping[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The turns, then the rules, each with its path."""
    for key in ("turns", "rules"):
        for index, part in enumerate(_list(data.get(key))):
            if isinstance(part, dict):
                yield (key, index), part


class _Consistency:
    def __init__(self, tree: Node, report: Report) -> None:
        self._tree = tree
        self._report = report

    def scenario(self, data: Mapping[str, Any]) -> None:
        """Report the contradictions of a whole file."""
        if not data.get("turns") and not data.get("rules"):
            self._report.error(self._tree.mark, "a scenario needs `turns` or `rules`")
        self._pace((), data)
        self._faults((), data)
        self._profile(data)
        self._provider(data)
        self._recorded(data)
        names: list[str] = []
        for index, tool in enumerate(_list(data.get("tools"))):
            for kind in _TOOL_KINDS:
                name = _dict(_dict(tool).get(kind)).get("name")
                if isinstance(name, str) and name in names:
                    self._value(("tools", index, kind, "name"), f"the tool `{name}` is there twice")
                names += [name] if isinstance(name, str) else []
        for path, part in parts(data):
            if "either" in part:
                self._either(path, part)
            else:
                self._part(path, part)

    def _recorded(self, data: Mapping[str, Any]) -> None:
        """References between recorded turns; they do not mix with others."""
        known = [_dict(_dict(tool).get(kind)).get("name") for tool in _list(data.get("tools")) for kind in _TOOL_KINDS]
        turns = [part if isinstance(part, dict) else {} for part in _list(data.get("turns"))]
        recorded = any("heard" in turn for turn in turns)
        if recorded and "recording" not in data:
            self._report.error(self._tree.mark, "turns with `heard` make a recording: say `recording: {format: 1}`")
        named: dict[str, dict[str, Any]] = {}
        for index, turn in enumerate(turns):
            path = ("turns", index)
            if recorded and "heard" not in turn:
                self._value(path, "a turn without `heard` cannot stand among recorded ones: make it a rule")
            for place, tool in enumerate(_list(_dict(turn.get("heard")).get("tools"))):
                if isinstance(tool, str) and tool not in known:
                    self._value((*path, "heard", "tools", place), f"the tool `{tool}` is not among `tools`")
            self._after(path, turn, named)
            if isinstance(turn.get("name"), str):
                named.setdefault(turn["name"], turn)

    def _after(self, path: Path, turn: Mapping[str, Any], named: Mapping[str, Mapping[str, Any]]) -> None:
        after, heard = turn.get("after"), _dict(turn.get("heard"))
        if isinstance(after, str):
            parent = named.get(after)
            if parent is None:
                self._value((*path, "after"), f"no turn before this one is called `{after}`.{nearest(after, named)}")
            elif "error" in parent:
                self._value(
                    (*path, "after"), f"the turn `{after}` says an error, and no conversation goes on from that"
                )
        elif "heard" in turn and "model" not in heard:
            self._value((*path, "heard"), "the key `model` is missing: nothing says it for a turn without `after`")
        if "after" in turn and "heard" not in turn:
            self._key((*path, "after"), "`after` belongs to `heard`, and there is none")

    def _either(self, path: Path, part: dict[str, Any]) -> None:
        """Alternatives at one place, and what cannot stand beside them."""
        if path[0] == "rules":
            self._key((*path, "either"), "`either` belongs to turns: write a rule for each alternative")
        for key in part:
            if key not in _BESIDE_EITHER:
                self._key((*path, key), f"`{key}` cannot go with `either`: give it to the alternatives")
        alternatives = _list(part["either"])
        for number, alternative in enumerate(alternatives):
            if isinstance(alternative, dict):
                place = (*path, "either", number)
                self._part(place, alternative)
                if "when" not in alternative and number < len(alternatives) - 1:
                    self._value(place, "always holds, so the alternatives after it are never reached: put it last")
        self._patterns((*path, "when"), part.get("when"))

    def _part(self, path: Path, part: dict[str, Any]) -> None:
        said = [key for key in _SAID if key in part]
        if not said and "sent" not in part:
            missing = "says nothing: give it `text`, `calls`, `refusal` or `error`"
            alone = '`thinking` cannot stand alone: give it `text` ("" for none), `calls` or `refusal` as well'
            self._value(path, alone if "thinking" in part else missing)
        if "error" in part:
            for key in (*said[:-1], *(key for key in _WITH_A_REPLY_ONLY if key in part)):
                self._key((*path, key), f"`{key}` cannot go with `error`, which is said instead of a reply")
        elif "refusal" in part:
            for key in said:
                if key != "refusal":
                    self._key((*path, key), f"`{key}` cannot go with `refusal`, which is said instead of anything else")
        self._headers(path, part)
        self._pace(path, part)
        self._faults(path, part)
        recorded = "heard" in part
        for key in () if recorded else ("thinking", "text", "refusal"):
            self._placeholders((*path, key), part.get(key))
        for index, call in enumerate(_list(part.get("calls"))):
            if isinstance(call, dict):
                self._call((*path, "calls", index), call, recorded)
        self._patterns((*path, "when"), part.get("when"))

    def _call(self, path: Path, call: dict[str, Any], recorded: bool) -> None:
        given = [key for key in ("with", "arguments", "input") if key in call]
        for key in given[1:]:
            self._key((*path, key), f"give either `{given[0]}` or `{key}`, not both")
        for key in () if recorded else ("with", "input"):
            self._placeholders((*path, key), call.get(key))
        self._faults(path, call, AS_WRITTEN)
        if "compact" in call and "with" not in call:
            self._key((*path, "compact"), "`compact` says how `with` is written, and there is none")

    def _headers(self, path: Path, part: Mapping[str, Any]) -> None:
        """Header names and values that HTTP does not allow."""
        for name, value in _dict(_dict(part.get("error")).get("headers")).items():
            if wrong := header_name_mistake(str(name)):
                self._key((*path, "error", "headers", name), wrong)
            if isinstance(value, str) and (wrong := header_value_mistake(value)):
                self._value((*path, "error", "headers", name), wrong)
        content_type = _dict(part.get("sent")).get("content_type")
        if isinstance(content_type, str) and (wrong := header_value_mistake(content_type)):
            self._value((*path, "sent", "content_type"), wrong)

    def _pace(self, path: Path, holder: Mapping[str, Any]) -> None:
        timing = _dict(holder.get("timing"))
        if "gap" in timing and "tokens_per_second" in timing:
            message = "`tokens_per_second` cannot go with `gap`: both say how far apart tokens are"
            self._key((*path, "timing", "tokens_per_second"), message)

    def _faults(self, path: Path, holder: Mapping[str, Any], *allowed: str) -> None:
        """The names and parameters of faults; `allowed` are other words that may stand here."""
        places = [("fault",), *(("faults", index) for index in range(len(_list(holder.get("faults")))))]
        for place in places:
            value = self._tree.at((*path, *place)).plain() if place[0] in holder else None
            if not isinstance(value, str | dict) or value in allowed:
                continue
            try:
                specs_of(value)
            except UnknownFault as error:
                own = f"`fault: {AS_WRITTEN}` belongs to a call" if value == AS_WRITTEN else str(error)
                self._value((*path, *place), own)

    def _profile(self, data: Mapping[str, Any]) -> None:
        if isinstance(data.get("profile"), str):
            try:
                profile(data["profile"])
            except UnknownProfile as error:
                self._value(("profile",), str(error))

    def _provider(self, data: Mapping[str, Any]) -> None:
        if isinstance(data.get("provider"), str):
            try:
                known_provider(data["provider"])
            except UnknownProvider as error:
                self._value(("provider",), str(error))

    def _placeholders(self, path: Path, value: Any) -> None:
        if isinstance(value, str):
            for placeholder in paths(value):
                if wrong := mistake(placeholder):
                    self._value(path, wrong)
        elif isinstance(value, dict | list):
            for key, entry in value.items() if isinstance(value, dict) else enumerate(value):
                self._placeholders((*path, key), entry)

    def _patterns(self, path: Path, condition: Any) -> None:
        for key, value in condition.items() if isinstance(condition, dict) else enumerate(_list(condition)):
            if key == "has" and isinstance(value, dict):
                for place, part in value.items():
                    self._patterns((*path, key, place), part)
            elif key == "matches" and isinstance(value, str):
                try:
                    compiled(value)
                except ValueError as error:
                    self._value((*path, key), str(error))
            else:
                self._patterns((*path, key), value)

    def _value(self, path: Path, message: str) -> None:
        self._report.error(self._tree.at(path).mark, f"{written(path)}: {message}")

    def _key(self, path: Path, message: str) -> None:
        self._report.error(self._tree.key(path), f"{written(path)}: {message}")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
