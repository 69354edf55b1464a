"""The local engine: workers that die, hang or grow, tasks that fail, and stopping in the middle."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from corpuskit.config import BuildOptions, Config
from corpuskit.errors import ConfigError, CorpuskitError, DamagedError, LawError
from corpuskit.run import attempts
from corpuskit.run import engine as engines
from corpuskit.run.build import Plan, build, engine_of, plan_of
from corpuskit.run.engine import Alone, Engine, Local, Update, memory_share, run_tasks
from corpuskit.run.store import Marker, Store
from corpuskit.run.task import Task, from_outputs
from corpuskit.run.waiting import unsaid
from corpuskit.run.worker import Board
from corpuskit.tasks.spared import Spared

from . import misbehaving
from .test_build import digest

GB = 1 << 30


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    found = Store(tmp_path / "store")
    found.prepare()
    return found


@pytest.fixture
def engine(store: Store) -> Iterator[Local]:
    """Two workers."""
    with Local(store, 2, 2 * GB, 3600.0) as found:
        yield found


def task(store: Store, label: str, ids: Sequence[str], function: str = "copy", options: object = None) -> Task:
    """A task over documents with these ids."""
    path = misbehaving.shard(store.root / f"{label}.parquet", list(ids))
    return from_outputs("test", label, f"{misbehaving.__name__}:{function}", {"documents": [path]}, options, ())


def ids_of(store: Store, marker: object) -> list[str]:
    """The ids that a task wrote."""
    return store.path(marker.output("ids.txt")).read_text().split()  # type: ignore[attr-defined]


def children(pid: int) -> list[int]:
    """Processes whose parent is `pid`."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(") ")
        except OSError:
            continue
        if int(rest.split()[1]) == pid:
            found.append(int(name.split()[0]))
    return found


def test_a_worker_that_has_grown_serves_one_stage(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it holds of a stage it goes on in that stage; in the next one a new worker takes its place."""
    served: list[set[int]] = []
    with Local(store, 1, 2 * GB, 3600.0) as engine:
        for label, stage, grown in (("a", "one", 0), ("b", "one", 0), ("c", "two", 0), ("d", "three", 1 << 40)):
            monkeypatch.setattr(engines, "GROWN", grown)
            run_tasks(store, engine, [dataclasses.replace(task(store, label, [label]), stage=stage)])
            served.append({worker.pid for worker, _ in engine._idle})
    assert served[0] == served[1]
    assert served[1].isdisjoint(served[2])
    assert served[2] == served[3]


def test_results_come_in_the_order_of_the_tasks(store: Store, engine: Local) -> None:
    """Whoever finishes first, markers stand in the order of the tasks, and a second run does nothing."""
    tasks = [task(store, f"part {number}", [f"{number}-{row}" for row in range(9)]) for number in range(5)]
    markers = run_tasks(store, engine, tasks)
    assert [ids_of(store, one)[0] for one in markers] == [f"{number}-0" for number in range(5)]
    assert [one.documents for one in markers] == [9] * 5
    assert run_tasks(store, Local(store, 0, 0, 0), tasks) == markers


def test_a_worker_that_dies_once_costs_nothing_but_time(store: Store, engine: Local, tmp_path: Path) -> None:
    """A killed worker is replaced and its task done as if nothing had been."""
    ids = ["a", "b", "die-once", "c"]
    marker, other = run_tasks(
        store, engine, [task(store, "one", ids, options=str(tmp_path / "flag")), task(store, "two", ["z"])]
    )
    assert (ids_of(store, marker), ids_of(store, other)) == (ids, ["z"])
    assert not (store.root / "spared.json").exists()


def test_a_document_that_kills_is_spared_and_the_rest_goes_on(store: Store, engine: Local) -> None:
    """After three deaths on one document the task is done without it, here and in the next build, until --retry."""
    poisoned = task(store, "one", [f"a{n}" for n in range(6)] + ["die"] + [f"b{n}" for n in range(6)])
    marker, other = run_tasks(store, engine, [poisoned, task(store, "two", ["z"])])
    assert ids_of(store, marker) == [f"a{n}" for n in range(6)] + [f"b{n}" for n in range(6)]
    assert ids_of(store, other) == ["z"]
    (again,) = store.relieved([poisoned])
    assert again.spared == (Spared("die"),)
    assert run_tasks(store, engine, [again]) == [marker]
    assert poisoned.key != again.key
    store.spare_nothing()
    assert store.relieved([poisoned]) == [poisoned]


def test_a_stuck_worker_counts_as_dead(store: Store) -> None:
    """Without a sign of life for the patience that was set, a worker is ended and its document spared."""
    with Local(store, 1, 2 * GB, 2.5) as engine:
        (marker,) = run_tasks(store, engine, [task(store, "one", ["a", "hang", "b"])])
    assert ids_of(store, marker) == ["a", "b"]


def test_a_build_without_workers_that_is_stuck_ends(store: Store, tmp_path: Path) -> None:
    """Nothing can be replaced there: the error names the task, the document and the way out."""
    never = dataclasses.replace(task(store, "one", ["a", "b"], "stand", str(tmp_path / "go on")), stage="ingest")
    with pytest.raises(CorpuskitError, match=r"ingest, one: no sign of life on a for 0\.5 s, \[run\] patience; with -j 2"):
        run_tasks(store, Alone(store, 0.5), [never])
    (tmp_path / "go on").touch()
    (marker,) = run_tasks(store, Alone(store, 60.0), [never])
    assert marker.documents == 2


def test_memory_that_runs_out_is_told(store: Store) -> None:
    """In the process of the build, which a limit (`ulimit -v`) may meet; workers die of it, and are replaced."""
    hungry = task(store, "one", ["a", "starve", "b"])
    with pytest.raises(CorpuskitError, match="test, one: memory ran out on a or one of the documents behind it; give"):
        run_tasks(store, Alone(store), [hungry])
    with Local(store, 1, 2 * GB, 60.0) as engine:
        (marker,) = run_tasks(store, engine, [hungry])
    assert ids_of(store, marker) == ["a", "b"]


@pytest.mark.parametrize(("size", "workers", "kind"), [(4000, 0, Alone), (4000, 1, Alone), (4000, 2, Local), (5 << 20, 1, Local)])
def test_all_but_small_input_is_watched(store: Store, size: int, workers: int, kind: type) -> None:
    """From 4 MB on there is a worker, though it be one."""
    found = engine_of(Config(build=BuildOptions(workers=workers)), size, store, unsaid)
    assert type(found) is kind
    found.close()


def test_a_worker_that_grows_past_its_memory_counts_as_dead(store: Store) -> None:
    """The document that needs more memory than a worker may hold is spared."""
    with Local(store, 1, GB // 2, 3600.0) as engine:
        (marker,) = run_tasks(store, engine, [task(store, "one", ["a", "eat", "b"])])
    assert ids_of(store, marker) == ["a", "b"]


def test_a_task_that_kills_with_no_document_to_blame_is_an_error(store: Store, engine: Local) -> None:
    """The error names task, cause and input; no worker is left."""
    with pytest.raises(CorpuskitError, match=r"test, one: the worker died, 3 times on .*one\.parquet"):
        run_tasks(store, engine, [task(store, "one", ["a"], "die")])
    assert (engine._busy, engine._idle) == ({}, [])


def test_workers_that_do_nothing_but_die_are_an_error(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under `ulimit -v` they die of whichever document comes first: else all would be held, one after the other."""
    monkeypatch.setattr(engines, "_BARREN", 4)
    with Local(store, 1, 2 * GB, 60.0) as engine:
        (marker,) = run_tasks(store, engine, [task(store, "one", ["die1", "a", "die2", "b", "die3"])])
        assert ids_of(store, marker) == ["a", "b"]
        with pytest.raises(CorpuskitError, match=r"test, two: the worker died, 4 died one after the other .* more memory"):
            run_tasks(store, engine, [task(store, "two", ["a", "die1", "die2", "die3", "b"])])


def test_errors_of_tasks_keep_their_kind(store: Store, engine: Local) -> None:
    """A law that fails in a worker is a LawError here; of damaged outputs it is known which ones they are."""
    with pytest.raises(LawError, match="does not add up"):
        run_tasks(store, engine, [task(store, "one", ["a", "fail"])])
    with pytest.raises(DamagedError, match=r"s3://a/b\.bin: the bytes are not those") as raised:
        run_tasks(store, engine, [task(store, "one", ["a", "damaged"])])
    assert raised.value.files == ("b.bin",)


@pytest.fixture(params=["this process", "workers"])
def any_engine(store: Store, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each of the engines of this machine."""
    found: Engine = Alone(store) if request.param == "this process" else Local(store, 2, 2 * GB, 3600.0)
    yield found
    found.close()


def test_a_document_at_which_code_fails_is_spared_and_the_rest_goes_on(store: Store, any_engine: Engine) -> None:
    """It is blamed when it happens again one document at a time; what was raised, and where, stands beside it."""
    ids = ["a", "b", "crash-1", "c", "d", "e", "crash-2"]
    poisoned = task(store, "one", ids)
    marker, other = run_tasks(store, any_engine, [poisoned, task(store, "two", ["z"])])
    assert (ids_of(store, marker), ids_of(store, other)) == (["a", "b", "c", "d", "e"], ["z"])
    (again,) = store.relieved([poisoned])
    assert [one.what for one in again.spared] == ["crash-1", "crash-2"]
    assert again.spared[0].error.startswith("ZeroDivisionError: nobody expected this (misbehaving.py, line ")
    assert run_tasks(store, any_engine, [again]) == [marker]


def test_code_that_fails_at_no_document_is_an_error(store: Store, any_engine: Engine) -> None:
    """The error names the task and the input, and has the place where it was raised."""
    with pytest.raises(CorpuskitError, match=r"test, one: code failed on .*one\.parquet(.|\n)*misbehaving\.py"):
        run_tasks(store, any_engine, [task(store, "one", ["a"], "crash")])


def test_code_that_fails_at_many_documents_is_an_error(
    store: Store, any_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then nothing is published without them: it is the code's fault, and no document's."""
    monkeypatch.setattr(attempts, "_DEFECTS", 2)
    one = task(store, "one", ["a", *(f"crash-{number}" for number in range(4))])
    with pytest.raises(CorpuskitError, match=r"test, one: code failed on crash-2, and on 2 others before(.|\n)*nobody expected"):
        run_tasks(store, any_engine, [one])


def test_what_is_spared_already_is_not_to_blame() -> None:
    """A name that the task does not know is spared once: then the deaths are told, and do not go on for ever."""
    run = attempts.Attempts(Task("ingest", "one", "ingest:ingest", (), (), None, (), spared=(Spared("a"),)))
    for _ in range(11):
        run.died("a", "died")
    with pytest.raises(CorpuskitError, match=r"ingest, one: the worker died, 12 times on a"):
        run.died("a", "died")


def test_progress_counts_documents_within_tasks(store: Store, engine: Local) -> None:
    """Progress never goes back, ends with all documents, and is told of tasks under way."""
    told: list[tuple[int, int]] = []
    tasks = [task(store, f"part {number}", [f"{number}-{row}" for row in range(40)]) for number in range(4)]
    tasks = [dataclasses.replace(one, documents=40) for one in tasks]
    run_tasks(store, engine, tasks, lambda stage, done, total, documents, at: told.append((done, documents)))
    assert told[-1] == (160, 160)
    assert told == sorted(told)


def test_only_tasks_of_documents_tell_how_many_they_did(store: Store) -> None:
    """What a step of dedup returns are pairs: it tells how many of its tasks are done, and at which it is."""
    told: list[tuple[int, int, int, str]] = []
    steps = [task(store, f"propose {number}", ["a", "b"]) for number in (1, 2)]
    run_tasks(store, Alone(store), steps, lambda stage, *said: told.append(said))
    assert (told[0], told[-1][:3]) == ((0, 2, 0, "propose 1"), (2, 2, 0))


def test_progress_does_not_go_back_with_a_worker_that_dies(store: Store) -> None:
    """Nor do documents: what the worker had done is done again."""

    class Dying:
        """Tells of eight documents, then that nobody is at any, then that the task is done."""

        def run(self, tasks: Sequence[Task]) -> Iterator[Update]:
            (one,) = tasks
            yield Update(documents=8)
            yield Update(documents=0)
            yield Update(one.slot, Marker(one.key, (), 10))

        def close(self) -> None:
            """Nothing to end."""

    told: list[tuple[int, int]] = []
    known = dataclasses.replace(task(store, "one", ["a"]), documents=10)
    run_tasks(store, Dying(), [known], lambda stage, done, total, documents, at: told.append((done, documents)))
    assert told == [(0, 0), (8, 8), (8, 8), (10, 10)]


def test_one_process_tells_how_far_it_is_within_a_task(store: Store, tmp_path: Path) -> None:
    """Without workers, too: the source that it is at, and documents that are done before the task is."""
    flag = tmp_path / "go on"
    told: list[tuple[int, int, int, str]] = []

    def progress(stage: str, done: int, total: int, documents: int, at: str) -> None:
        told.append((done, total, documents, at))
        if documents == 1:
            flag.touch()

    known = dataclasses.replace(task(store, "one", ["a", "b", "c"], "wait", str(flag)), documents=3)
    run_tasks(store, Alone(store), [known], progress)
    assert (1, 3, 1, "the source") in told
    assert told[-1] == (3, 3, 3, "")


def test_a_task_that_nobody_waits_for_stops(store: Store, tmp_path: Path) -> None:
    """When the build is interrupted, the thread that works ends at its next sign of life and commits nothing."""
    one = task(store, "one", ["a", "b"], "wait", str(tmp_path / "never"))
    before = set(threading.enumerate())
    updates = Alone(store).run([one])
    assert next(updates).marker is None
    (thread,) = set(threading.enumerate()) - before
    updates.close()  # type: ignore[attr-defined]
    thread.join(60)
    assert not thread.is_alive()
    assert store.marker(one.key) is None
    assert list(store.work.iterdir()) == []


def test_what_is_left_is_told_in_documents_or_bytes(store: Store) -> None:
    """A task of 8 documents is twice as much as one of 4; of ingest only the bytes are known."""
    told: list[tuple[int, int]] = []
    tasks = [dataclasses.replace(task(store, f"{n}", ["x"] * n), documents=n) for n in (4, 8)]
    run_tasks(store, Alone(store), tasks, lambda stage, done, total, documents, at: told.append((done, total)))
    assert [one for number, one in enumerate(told) if one not in told[:number]] == [(0, 12), (4, 12), (12, 12)]
    told.clear()
    tasks = [dataclasses.replace(task(store, f"read {n}", ["x"]), bytes=n << 20) for n in (1, 3)]
    run_tasks(store, Alone(store), tasks, lambda stage, done, total, documents, at: told.append((done >> 20, total >> 20)))
    assert [one for number, one in enumerate(told) if one not in told[:number]] == [(0, 4), (1, 4), (4, 4)]


def test_a_task_without_inputs_is_named_by_what_it_reads() -> None:
    """Tasks that read the input folder have no files of the build among their inputs."""
    run = attempts.Attempts(Task("ingest", "bucket 1 of 8", "ingest:ingest", (), (("the file a/3.txt", "0"),), None, ()))
    run.died("", "died")
    run.died("", "died")
    with pytest.raises(CorpuskitError, match=r"bucket 1 of 8: the worker died, 3 times on the file a/3\.txt$"):
        run.died("", "died")


def test_a_board_holds_names_as_they_are() -> None:
    """A path with a line end in it is read as it was noted: no other name could be spared."""
    with tempfile.TemporaryFile() as page:
        page.truncate(4096)
        board = Board(page.fileno())
        board.note("a\nb.txt", "the source", 7)
        at = board.read()
        board.close()
    assert (at.what, at.source, at.done) == ("a\nb.txt", "the source", 7)


def test_memory_is_shared_out() -> None:
    """Workers together may hold less than the machine has."""
    assert 0 < memory_share(4) * 4 <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.mark.parametrize(
    ("groups", "limits"),
    [
        ("0::/slurm/job_7/step_1", {"slurm/job_7/memory.max": "1000", "slurm/memory.max": "max"}),
        ("0::/slurm/job_7/step_1", {"slurm/job_7/step_1/memory.max": "1000", "slurm/memory.max": "2000"}),
        ("0::/docker/1a2b", {"memory.max": "1000"}),  # the container's own group stands at the root
        ("5:cpu:/\n4:memory:/slurm/job_7", {"memory/slurm/job_7/memory.limit_in_bytes": "1000"}),
        ("", {"memory.max": "1"}),  # of no group of this process
        (None, {"memory.max": "1000"}),
    ],
)
def test_memory_is_what_the_groups_of_the_process_allow(
    tmp_path: Path, groups: str | None, limits: dict[str, str]
) -> None:
    """The least limit of the group and of those above it counts, wherever it lies below the root."""
    if groups is not None:
        (tmp_path / "proc/self").mkdir(parents=True)
        (tmp_path / "proc/self/cgroup").write_text(groups)
    for name, limit in limits.items():
        path = tmp_path / "sys/fs/cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(limit + "\n")
    assert memory_share(1, tmp_path) == (800 if groups != "" else memory_share(1, tmp_path / "nowhere"))


@pytest.mark.parametrize("key", ["memory = '10 MB'", "memory = 'much'", "patience = 0", "engine = 'ray'"])
def test_limits_that_cannot_be_are_refused(key: str) -> None:
    """`[run]` names the key and what is wanted."""
    from corpuskit.config import parse

    with pytest.raises(ConfigError, match=rf"\[run\] {key.split()[0]}"):
        parse(f"[run]\n{key}\n")


# ------------------------------------------------------------------------------------------ whole builds


def corpus(raw: Path, files: int) -> Path:
    """Texts enough to be at them for some seconds."""
    for number in range(files):
        path = raw / f"source-{number % 5}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"In the year {number + row} the ferry left at {row} past seven, and nobody waited for it." for row in range(40)]
        path.write_text("\n".join([*lines, "Article continues after ad", f"So it ended, number {number}."]) + "\n")
    return raw


@pytest.fixture(scope="module")
def peaceful(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder of texts, and the digest of the dataset that one process made of it."""
    raw = corpus(tmp_path_factory.mktemp("texts"), 60)
    return raw, digest(build(plan_for(raw, tmp_path_factory.mktemp("peace"), 1)).folder)


def plan_for(raw: Path, home: Path, workers: int) -> Plan:
    """A build of `raw` into `home`."""
    return plan_of(Config(build=BuildOptions(raw=str(raw), processed=str(home), workers=workers)), home)


def test_killed_workers_change_nothing_in_the_dataset(peaceful: tuple[Path, str], tmp_path: Path) -> None:
    """A build some of whose workers are killed in mid-task ends with the bytes of one that was left in peace."""
    raw, expected = peaceful
    killed: list[int] = []

    def kill(stage: str, done: int, total: int, documents: int, at: str) -> None:
        if at and len(killed) < {"ingest": 1, "clean": 2, "enrich": 3}.get(stage, 0):
            for child in children(os.getpid()):
                if b"corpuskit.run.worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                    os.kill(child, signal.SIGKILL)
                    killed.append(child)
                    break

    built = build(plan_for(raw, tmp_path / "two", 2), progress=kill)
    assert len(killed) >= 2
    assert digest(built.folder) == expected


def test_ctrl_c_leaves_no_process_and_a_state_to_go_on_from(peaceful: tuple[Path, str], tmp_path: Path) -> None:
    """SIGINT ends a build with one line and exit code 130, its workers with it; the next build goes on."""
    raw, expected = peaceful
    code = "from corpuskit.cli import main; main()"
    command = [sys.executable, "-c", code, "build", "--raw", str(raw), "--processed", str(tmp_path / "out"), "-j", "2"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    tasks = tmp_path / "out" / ".build" / "essays" / "tasks"
    while process.poll() is None and (not tasks.is_dir() or len(list(tasks.glob("*.json"))) < 2):
        time.sleep(0.02)
    workers = children(process.pid)
    assert workers
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes of the group
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said.strip()) == (130, "interrupted; the next run goes on where this one stopped")
    assert _left(workers) == []
    built = build(plan_for(raw, tmp_path / "out", 1))
    assert built.reused >= 2
    assert digest(built.folder) == expected


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_build_in_one_process_stops_where_it_is(
    peaceful: tuple[Path, str], tmp_path: Path, number: int, code: int
) -> None:
    """In the middle of a task, too, which the next build does again."""
    raw, expected = peaceful
    command = [sys.executable, "-m", "corpuskit", "build", "--raw", str(raw), "--processed", str(tmp_path / "out"), "-j", "1"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    tasks = tmp_path / "out" / ".build" / "essays" / "tasks"
    while process.poll() is None and (not tasks.is_dir() or len(list(tasks.glob("*.json"))) < 2):
        time.sleep(0.02)
    process.send_signal(number)
    assert process.wait(60) == code
    built = build(plan_for(raw, tmp_path / "out", 1))
    assert built.reused >= 2
    assert digest(built.folder) == expected


def test_workers_end_with_a_parent_that_is_killed(peaceful: tuple[Path, str], tmp_path: Path) -> None:
    """kill -9 of the build takes its workers with it."""
    raw, _ = peaceful
    code = "from corpuskit.cli import main; main()"
    command = [sys.executable, "-c", code, "build", "--raw", str(raw), "--processed", str(tmp_path / "out"), "-j", "2"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    tasks = tmp_path / "out" / ".build" / "essays" / "tasks"
    while process.poll() is None and (not tasks.is_dir() or not list(tasks.glob("*.json"))):
        time.sleep(0.02)
    workers = children(process.pid)
    process.kill()
    process.wait()
    assert _left(workers) == []


def _left(pids: list[int]) -> list[int]:
    """Which of these processes are left, when they had the time that ending takes."""
    for _ in range(1000):
        if not any(_alive(pid) for pid in pids):
            break
        time.sleep(0.02)
    return [pid for pid in pids if _alive(pid)]


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False
