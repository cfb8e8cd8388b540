"""Commands on recordings: `generalise`, `diff`, `scan`, `drift` and `import`."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.cli.options import OK, PROBLEMS, WRONG_USAGE, amount
from mockserver.cli.record_replay import add_secret_options, exchanges, sanitiser_of

if TYPE_CHECKING:
    from mockserver.recording.compare import Change
    from mockserver.redaction import Sanitiser
    from mockserver.scenario import Scenario

Command = Callable[[argparse.Namespace, "Sanitiser"], int]
Run = Callable[[argparse.Namespace], int]


def add_generalise(parser: argparse.ArgumentParser) -> None:
    """`mockserver generalise FILE`."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a recording")
    parser.add_argument("--to", type=Path, metavar="FILE", help="scenario file to write (default: standard output)")
    add_secret_options(parser)
    parser.set_defaults(run=_told(_generalise))


def add_diff(parser: argparse.ArgumentParser) -> None:
    """`mockserver diff A B`."""
    parser.add_argument("old", type=Path, metavar="A", help="a recording")
    parser.add_argument("new", type=Path, metavar="B", help="another recording, usually newer")
    add_secret_options(parser)
    parser.set_defaults(run=_told(_diff))


def add_scan(parser: argparse.ArgumentParser) -> None:
    """`mockserver scan FILE …`."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="files of any kind")
    add_secret_options(parser)
    parser.set_defaults(run=_told(_scan))


def add_drift(parser: argparse.ArgumentParser) -> None:
    """`mockserver drift FILE --upstream URL`."""
    add = parser.add_argument
    add("file", type=Path, metavar="FILE", help="a recording")
    add("--upstream", required=True, metavar="URL", help="base URL of the real API, including /v1")
    add("--max-requests", type=amount, default=5, metavar="N", help="maximum number of requests (default: 5)")
    add("--seed", default="0", help="seed of the sample of exchanges (default: 0)")
    add(
        "--key-env",
        default="OPENAI_API_KEY",
        metavar="NAME",
        help="environment variable with the API key (default: OPENAI_API_KEY)",
    )
    add_secret_options(parser)
    parser.set_defaults(run=_told(_drift))


def add_import(parser: argparse.ArgumentParser) -> None:
    """`mockserver import FILE … --to FILE`."""
    add = parser.add_argument
    add("files", nargs="+", type=Path, metavar="FILE", help="JSON, JSON Lines, or a VCR.py cassette")
    add("--to", required=True, type=Path, metavar="FILE", help="recording to append to")
    add("--model", default="gpt-4o", help="model of conversations without one (default: gpt-4o)")
    add_secret_options(parser)
    parser.set_defaults(run=_told(_import))


def _told(command: Command) -> Run:
    """The command, with what goes wrong told in a sentence that holds no secret."""

    def run(options: argparse.Namespace) -> int:
        from mockserver.recording.imports import NotImportable
        from mockserver.recording.upstream_response import NotRecorded
        from mockserver.scenario import ScenarioErrors

        try:
            sanitiser = sanitiser_of(options)
        except LookupError as error:
            print(f"mockserver: {error}", file=sys.stderr)
            return WRONG_USAGE
        try:
            return command(options, sanitiser)
        except ScenarioErrors as errors:
            print(sanitiser.text(str(errors)), file=sys.stderr)
        except (NotImportable, NotRecorded) as error:
            print(sanitiser.text(f"mockserver: {error}"), file=sys.stderr)
        except (ValueError, LookupError, OSError) as error:
            print(sanitiser.text(f"mockserver: {error}"), file=sys.stderr)
            return WRONG_USAGE
        return PROBLEMS

    return run


def _generalise(options: argparse.Namespace, sanitiser: "Sanitiser") -> int:
    from mockserver.recording.atomic_file import file_lock, target, write_atomically
    from mockserver.recording.generalise import generalise
    from mockserver.recording.redact import redact_recording
    from mockserver.scenario import dump

    found = generalise(redact_recording(_recording(options.file), sanitiser))
    text = sanitiser.text(dump(found.scenario))
    if options.to is None:
        print(text, end="")
    else:
        file = target(options.to)
        with file_lock(file):
            write_atomically(file, text.encode("utf-8"))
    for note in found.notes:
        print(sanitiser.text(note), file=sys.stderr)
    return OK


def _diff(options: argparse.Namespace, sanitiser: "Sanitiser") -> int:
    from mockserver.recording.compare import compare
    from mockserver.recording.redact import redact_recording

    old, new = (redact_recording(_recording(file), sanitiser) for file in (options.old, options.new))
    changes = compare(old, new)
    for change in changes:
        print(sanitiser.text(_change(change)))
    return PROBLEMS if changes else OK


def _change(change: "Change") -> str:
    head = {
        "added": "new, was not there before",
        "removed": "is not there any more",
        "request": "the request differs",
        "answer": "the answer differs",
    }[change.what]
    lines = [f"{change.turn.place}: {change.turn.name}: {head}"]
    for each in change.differences:
        lines += [f"  {each.path}", f"    - {each.recorded!r}", f"    + {each.asked!r}"]
    return "\n".join(lines)


def _scan(options: argparse.Namespace, sanitiser: "Sanitiser") -> int:
    from mockserver.redaction.sanitiser import scan

    certain = False
    for file in options.files:
        for found in scan(file.read_text(encoding="utf-8", errors="replace"), sanitiser):
            kind = "" if found.certain else "warning: "
            print(f"{file}:{found.line}:{found.column}: {kind}{found.message}")
            certain = certain or found.certain
    return PROBLEMS if certain else OK


def _drift(options: argparse.Namespace, sanitiser: "Sanitiser") -> int:
    from mockserver.recording.drift import drift_report, sampled
    from mockserver.recording.upstream import Upstream

    recording = _recording(options.file)
    turns = sampled(recording, options.max_requests, options.seed)
    if not turns:
        raise ValueError(f"{options.file}: no exchange of it can be asked again")
    key = os.environ.get(options.key_env, "")
    sanitiser = sanitiser.with_key(key)
    lines = drift_report(turns, Upstream(options.upstream), key)
    for line in lines:
        print(sanitiser.text(line))
    print(f"{len(turns)} of {len(recording.turns)} exchanges asked again", file=sys.stderr)
    return PROBLEMS if any(line.startswith("breaks") for line in lines) else OK


def _import(options: argparse.Namespace, sanitiser: "Sanitiser") -> int:
    from mockserver.recording.imports import import_turns
    from mockserver.recording.recording_file import RecordingFile

    recording = RecordingFile(options.to, sanitiser)
    turns = []
    for file in options.files:
        turns += import_turns(file.read_text(encoding="utf-8"), sanitiser, model=options.model)
    recording.add(turns)
    print(f"{exchanges(len(turns))} imported into {options.to}", file=sys.stderr)
    return OK


def _recording(file: Path) -> "Scenario":
    from mockserver.scenario import load

    scenario = load(file)
    if scenario.recording is None:
        raise ValueError(f"{file} is not a recording: it lacks the key `recording:`")
    return scenario
