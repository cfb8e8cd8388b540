"""What a scenario may be called by, where a request asks for it by name."""

from pathlib import PurePath

from mockserver.scenario.values import Scenario


def names_of(scenario: Scenario) -> frozenset[str]:
    """What a scenario may be called by: its name, as it is or as a header can hold it, and its file's name."""
    names = {scenario.name, ascii_name(scenario.name)}
    if scenario.place is not None and scenario.place.file is not None:
        file = PurePath(scenario.place.file)
        names |= {file.stem, file.name}
    return frozenset(names)


def ascii_name(name: str) -> str:
    """A name that fits in a header: what is not printable ASCII is percent-encoded."""
    return "".join(
        letter if " " <= letter <= "~" else "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "replace"))
        for letter in name
    )
