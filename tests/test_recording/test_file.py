"""The recording's file: several writers, killed writers, and order that does not depend on who came first."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from filelock import FileLock

from mockserver.chat import ChatRequest, Message, Reply, ToolCall
from mockserver.recording.ordering import ordered_scenario
from mockserver.recording.recording_file import RecordingFile
from mockserver.recording.upstream_response import NotRecorded
from mockserver.redaction import Sanitiser
from mockserver.scenario import Recording, Turn, dump, load
from tests.planted import KNOWN

WRITER = """
import sys
from pathlib import Path
from mockserver.chat import ChatRequest, Message, Reply
from mockserver.recording.recording_file import RecordingFile
from mockserver.redaction import Sanitiser
from mockserver.scenario import Turn

path, name, count, each = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
file = RecordingFile(path, Sanitiser())
print("ready", flush=True)
sys.stdin.readline()
turns = [
    Turn(Reply(f"Answer {number}."), heard=ChatRequest("m", (Message("user", f"{name} asks {number}"),)))
    for number in range(count)
]
for start in range(0, count, each):
    file.add(turns[start : start + each])
    print(start, flush=True)
"""


KILLED = """
import os, signal, sys, time
from pathlib import Path
from mockserver.chat import ChatRequest, Message, Reply
from mockserver.recording.recording_file import RecordingFile
from mockserver.redaction import Sanitiser
from mockserver.scenario import Turn, load

path = Path(sys.argv[1])
turns = [Turn(Reply("a"), heard=ChatRequest("m", (Message("user", text),))) for text in ("a", "b")]
RecordingFile(path, Sanitiser()).add(turns[:1])
begun = time.perf_counter()
RecordingFile(path, Sanitiser()).add(turns[1:])
lasts = time.perf_counter() - begun
for number in range(200):
    child = os.fork()
    if child == 0:
        heard = ChatRequest("m", (Message("user", f"writer {number % 5}" * 100),))
        RecordingFile(path, Sanitiser(), anew=True).add([Turn(Reply("x" * 2000), heard=heard)])
        os._exit(0)
    time.sleep(lasts * (number % 40) / 30)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    load(path)
"""


def writer(path: Path, name: str, count: int, each: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), name, str(count), str(each)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def turn(text: str, said: str = "Yes.") -> Turn:
    return Turn(Reply(said), heard=ChatRequest("m", (Message("user", text),)))


def test_eight_processes_with_fifty_exchanges_each_keep_all_of_them(tmp_path: Path) -> None:
    path = tmp_path / "session.yaml"
    writers = [writer(path, f"writer {name}", 50, 25) for name in range(8)]
    for each in writers:
        assert each.stdout is not None
        each.stdout.readline()
    for each in writers:
        each.communicate("go\n")

    heard = {turn.heard.messages[0].content for turn in load(path).turns if turn.heard is not None}

    assert heard == {f"writer {name} asks {number}" for name in range(8) for number in range(50)}


def test_two_hundred_killed_writers_leave_a_file_that_loads(tmp_path: Path) -> None:
    path = tmp_path / "session.yaml"
    RecordingFile(path, Sanitiser()).add([turn("before")])

    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=True)

    assert load(path).turns
    left = {entry.name for entry in tmp_path.iterdir()}
    assert "session.yaml" in left
    assert left <= {"session.yaml", ".session.yaml.tmp", ".session.yaml.lock"}


def test_another_program_that_holds_the_lock_file_is_waited_for(tmp_path: Path) -> None:
    path, added = tmp_path / "session.yaml", threading.Event()

    def add() -> None:
        RecordingFile(path, Sanitiser()).add([turn("Oslo?")])
        added.set()

    with FileLock(tmp_path / ".session.yaml.lock"):
        writing = threading.Thread(target=add)
        writing.start()
        held_back = not added.wait(0.3)
    writing.join(10)

    assert held_back
    assert [entry.name for entry in tmp_path.iterdir()] == ["session.yaml"]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_the_order_of_coming_in_does_not_matter(order: tuple[int, ...], tmp_path: Path) -> None:
    made = Reply(calls=[ToolCall("look_up", "{}", "id-b"), ToolCall("look_up", "{}", "id-a")])
    question, history = Message("user", "Oslo?"), Message("assistant", None, tuple(made.calls))
    results = tuple(Message("tool", "7", tool_call_id=call.id) for call in reversed(made.calls))
    turns = [
        Turn(made, heard=ChatRequest("m", (question,))),
        Turn(Reply("Cold."), heard=ChatRequest("m", (question, history, *results))),
        turn("Paris?"),
        turn("Rome?"),
    ]
    file = RecordingFile(tmp_path / "session.yaml", Sanitiser())

    for place in order:
        file.add([turns[place]])

    expected = dump(ordered_scenario("session", Recording(), turns)).split("\n", 2)[2]
    assert (tmp_path / "session.yaml").read_text().split("\n", 2)[2] == expected
    assert "of: call_1" in expected


def test_what_others_added_stays_when_all_is_recorded_anew(tmp_path: Path) -> None:
    path = tmp_path / "session.yaml"
    RecordingFile(path, Sanitiser()).add([turn("old")])
    anew, other = RecordingFile(path, Sanitiser(), anew=True), RecordingFile(path, Sanitiser())
    other.add([turn("from another")])

    anew.add([turn("new")])
    anew.add([turn("newer")])

    heard = [each.heard.messages[0].content for each in load(path).turns if each.heard is not None]
    assert heard == ["from another", "new", "newer"]


def test_two_who_record_anew_replace_the_same_once(tmp_path: Path) -> None:
    path = tmp_path / "session.yaml"
    RecordingFile(path, Sanitiser()).add([turn("same")])
    first, second = (RecordingFile(path, Sanitiser(), anew=True) for _ in range(2))

    first.add([turn("same")])
    second.add([turn("another")])

    assert len(load(path).turns) == 2


def test_a_secret_that_would_reach_the_file_stops_the_write(tmp_path: Path) -> None:
    path = tmp_path / "session.yaml"
    file = RecordingFile(path, Sanitiser())

    with pytest.raises(NotRecorded, match="nothing was written") as unkept:
        file.add([turn(f"It is {KNOWN}")], Sanitiser([KNOWN]))

    assert KNOWN not in str(unkept.value)
    assert list(tmp_path.iterdir()) == []


def test_rules_that_a_person_added_stay(tmp_path: Path) -> None:
    path = tmp_path / "session.yaml"
    RecordingFile(path, Sanitiser()).add([turn("one")])
    path.write_text(path.read_text() + "rules:\n  - when: {user_says: thanks}\n    text: You are welcome.\n")

    RecordingFile(path, Sanitiser()).add([turn("two")])

    assert len(load(path).turns) == 2
    assert len(load(path).rules) == 1
