"""Commands `record` and `replay`."""

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.cli.options import OK, PROBLEMS, WRONG_USAGE, access_of, add_server_options, settings_of

if TYPE_CHECKING:
    from mockserver.recording.recording_file import RecordingFile
    from mockserver.redaction import Sanitiser
    from mockserver.scenario import Play

_SALT = "MOCKSERVER_PSEUDONYM_SALT"
_SHOWN_UNPLAYED = 10


def add_record(parser: argparse.ArgumentParser) -> None:
    """`mockserver record --upstream URL --to FILE`."""
    add = parser.add_argument
    add("--upstream", required=True, metavar="URL", help="base URL of the real API, including /v1")
    add("--to", required=True, type=Path, metavar="FILE", help="recording to write (a scenario file)")
    add(
        "--mode",
        choices=("new", "all"),
        default="new",
        help="new: replay what FILE holds, record the rest; all: record everything (default: new)",
    )
    add("--pseudonyms", action="store_true", help=f"invent personal data anew (salt: variable {_SALT})")
    add(
        "--prune",
        action="store_true",
        help="at the end, remove the exchanges of FILE that no request of this run asked for",
    )
    add_secret_options(parser)
    _add_ignore(parser)
    add_server_options(parser, proxy=True)
    parser.set_defaults(run=_record)


def add_replay(parser: argparse.ArgumentParser) -> None:
    """`mockserver replay FILE …`."""
    parser.add_argument("recordings", nargs="+", metavar="FILE", help="recordings, or folders of recordings, in order")
    add_secret_options(parser)
    _add_ignore(parser)
    add_server_options(parser)
    parser.set_defaults(run=_replay)


def _add_ignore(parser: argparse.ArgumentParser) -> None:
    text = "part of requests not to compare: a path as a miss prints it, or /RE2/; repeatable"
    parser.add_argument("--ignore", action="append", default=[], type=_ignored_item, metavar="ITEM", help=text)


def _ignored_item(text: str) -> str:
    from mockserver.scenario.ignored_parts import checked_item

    try:
        return checked_item(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def add_secret_options(parser: argparse.ArgumentParser) -> None:
    """What commands take that compare or write what was recorded."""
    text = "environment variable with a secret, to redact everywhere; repeatable"
    parser.add_argument("--secret-env", action="append", default=[], metavar="NAME", help=text)


def sanitiser_of(options: argparse.Namespace) -> "Sanitiser":
    """What takes the secrets out.

    Raises:
        LookupError: a variable that is named is not set.
    """
    from mockserver.redaction import Pseudonyms, Sanitiser

    missing = [name for name in options.secret_env if not os.environ.get(name)]
    if missing:
        raise LookupError(f"--secret-env {missing[0]}: the variable is not set, or empty")
    pseudonyms = Pseudonyms(os.environ.get(_SALT, "")) if getattr(options, "pseudonyms", False) else None
    return Sanitiser([os.environ[name] for name in options.secret_env], pseudonyms)


def _record(options: argparse.Namespace) -> int:
    from mockserver.engine import Engine
    from mockserver.journal import Journal
    from mockserver.recording.forwarding import WrongUpstream
    from mockserver.recording.recorder import Recorder
    from mockserver.recording.recording_file import RecordingFile, RecordingWriter
    from mockserver.recording.upstream import Upstream
    from mockserver.redaction import client_secrets
    from mockserver.scenario import Play, ScenarioErrors
    from mockserver.scenario.ignored_parts import ignoring
    from mockserver.server.app import CannotListen
    from mockserver.server.pipeline import Pipeline
    from mockserver.server.proxy import Proxy
    from mockserver.server.request_context import UnknownProvider
    from mockserver.server.run import Service, serve
    from mockserver.server.workers import WorkerDied

    if meaningless := _meaningless(options):
        print(f"mockserver: {meaningless}", file=sys.stderr)
        return WRONG_USAGE
    try:
        sanitiser = sanitiser_of(options)
        upstream = Upstream(options.upstream)
        sanitiser = sanitiser.with_keys(client_secrets({}, upstream.query))
        file = RecordingFile(options.to, sanitiser, upstream=upstream.printable_url, anew=options.mode == "all")
        known = file.at_start if options.mode == "new" else None
        plays = [Play(ignoring(known, options.ignore), sanitiser=sanitiser)] if known is not None else []
        writer = RecordingWriter(file)
        recorder = Recorder(upstream, writer, sanitiser)
        engine = Engine(settings_of(options, "error"), plays)
        journal, access = Journal(options.journal), access_of(options)
        count = len(known.turns) if known is not None else 0
        note = f" ({exchanges(count)} known; all else goes to {upstream.printable_url} and into {options.to})"
        pipeline = partial(Pipeline, source=Proxy(recorder))
        where = (options.host, options.port, None, options.workers)
        serve(Service(engine, journal, access, *where, pipeline=pipeline, around=recorder, note=note))
        if options.workers == 1:
            print(f"mockserver: {exchanges(writer.written)} recorded into {options.to}", file=sys.stderr)
        if options.prune:
            print(f"mockserver: {_prune(file, plays, writer.written)}", file=sys.stderr)
    except ScenarioErrors as errors:
        print(sanitiser.text(str(errors)), file=sys.stderr)
        return PROBLEMS
    except (WrongUpstream, UnknownProvider, LookupError, CannotListen, WorkerDied, OSError) as error:
        print(f"mockserver: {error}", file=sys.stderr)
        return WRONG_USAGE
    return OK


def _prune(file: "RecordingFile", plays: "Sequence[Play]", written: int) -> str:
    """Remove from the file what no request of this run asked for; what was done."""
    unplayed = [turn for play in plays for turn in play.unplayed()]
    known = sum(len(play.scenario.turns) for play in plays)
    if not written and len(unplayed) == known:
        return "nothing was asked for, so nothing is removed"
    if unplayed:
        file.remove(unplayed)
    return f"{exchanges(len(unplayed))} removed, as no request asked for them"


def _meaningless(options: argparse.Namespace) -> str | None:
    """Which of the options of a server has no meaning for a recorder, and why; None where each has."""
    if options.fallback is not None:
        return "record takes no --fallback: what FILE does not answer, the upstream does; leave the option out"
    if options.watch:
        return (
            "record takes no --watch: FILE is what this command writes, and what it held at the start is played; leave "
            "the option out, or use `mockserver replay FILE --watch`"
        )
    if options.prune and options.workers > 1:
        return "record takes no --prune with --workers: each process knows only the requests that it answered"
    return None


def _replay(options: argparse.Namespace) -> int:
    from mockserver.engine import Engine
    from mockserver.journal import Journal
    from mockserver.scenario import Files, Play, ScenarioErrors, UnknownScenario, load
    from mockserver.scenario.ignored_parts import ignoring
    from mockserver.server.app import CannotListen
    from mockserver.server.request_context import UnknownProvider
    from mockserver.server.run import Service, serve
    from mockserver.server.workers import WorkerDied

    try:
        sanitiser = sanitiser_of(options)
        files = Files(
            options.recordings,
            lambda path: ignoring(load(path), options.ignore),
            partial(Play, sanitiser=sanitiser),
        )
        plays = files.read()
        engine = Engine(settings_of(options, options.fallback or "error"), plays)
        where = (options.host, options.port, files if options.watch else None, options.workers)
        serve(Service(engine, Journal(options.journal), access_of(options), *where))
        if options.workers == 1:
            tell_unplayed(engine.plays, sanitiser)
    except ScenarioErrors as errors:
        print(sanitiser.text(str(errors)), file=sys.stderr)
        return PROBLEMS
    except (UnknownScenario, UnknownProvider, LookupError, CannotListen, WorkerDied, OSError) as error:
        print(f"mockserver: {error}", file=sys.stderr)
        return WRONG_USAGE
    return OK


def tell_unplayed(plays: "Sequence[Play]", sanitiser: "Sanitiser") -> None:
    """Say which exchanges nobody asked for."""
    for play in plays:
        unplayed = play.unplayed()
        if not unplayed:
            continue
        print(f"mockserver: {len(unplayed)} of {exchanges(len(play.scenario.turns))} never asked for:", file=sys.stderr)
        for turn in unplayed[:_SHOWN_UNPLAYED]:
            print(f"  {turn.place}: {sanitiser.text(turn.name or 'a turn')}", file=sys.stderr)
        if len(unplayed) > _SHOWN_UNPLAYED:
            print(f"  … and {len(unplayed) - _SHOWN_UNPLAYED} more", file=sys.stderr)


def exchanges(count: int) -> str:
    """So many of them, in words."""
    return "1 exchange" if count == 1 else f"{count} exchanges"
