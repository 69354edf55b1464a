"""Engines run tasks: in this process, or on local worker processes. An engine knows nothing of stages.

A task is a plain function of named input files to files in a folder of its own. It is safe to run twice. Its key
says all that it depends on; a task whose marker is there is not run again.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path, PurePosixPath
from typing import Protocol, Self

from corpuskit.run.attempts import Attempts
from corpuskit.run.perform import DefectError, perform
from corpuskit.run.store import Marker, Store
from corpuskit.run.task import Task
from corpuskit.run.worker import At, Worker, resident
from corpuskit.tasks.spared import Spared

__all__ = ["Alone", "Engine", "Local", "Progress", "Update", "memory_share", "run_tasks", "silent"]

GROWN = 300 << 20  # bytes of a worker that is replaced when its next task is of another stage; a new one takes 0.4 s
_BARREN = 12  # deaths for each worker, and no document done between them: then it is the machine, and no document
_TICK = 0.2  # seconds between two looks at memory, signs of life and progress

#: Called with the stage, how much of a step of it is done and how much there is (of documents where their number is known,
#: else of bytes or tasks), documents so far (0 where the step does not count them), and the source or piece of work it is at.
#: Within a step nothing goes back: where `done` does, or `total` is another, a new step has begun.
Progress = Callable[[str, int, int, int, str], None]


def silent(stage: str, done: int, total: int, documents: int, at: str = "") -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True)
class Update:
    """What an engine yields while it runs: a finished task, or only how far the others are."""

    slot: str = ""  #: of the task that is done
    marker: Marker | None = None
    spared: tuple[Spared, ...] = ()  #: what the task left alone
    documents: int = 0  #: done within tasks under way
    at: str = ""  #: the source that is worked on, else the piece of work


class Engine(Protocol):
    """Runs tasks that do not depend on each other."""

    def run(self, tasks: Sequence[Task]) -> Iterator[Update]:
        """Run all `tasks`, in any order; yield an update for each that is done, and others now and then.

        Raises what a task raises.
        """

    def close(self) -> None:
        """Let go of workers."""


def run_tasks(store: Store, engine: Engine, tasks: Sequence[Task], progress: Progress = silent) -> list[Marker]:
    """Run those of `tasks` that are not done yet and return the markers of all, in the order of `tasks`.

    All tasks are of one stage and do not depend on each other. A marker's key is another than its task's when
    documents had to be spared. Raises `DamagedError` where what they read, and an earlier build made, is damaged.
    """
    keys = [task.key for task in tasks]
    done = {key: marker for key in keys if (marker := store.marker(key))}
    for key in done:
        store.used(key)
    waiting = {key: task for key, task in zip(keys, tasks, strict=True) if key not in done}
    if not waiting:
        return [done[key] for key in keys]
    store.require_sound(Path(path) for task in waiting.values() for _, paths in task.inputs for path in paths)
    stage = tasks[0].stage
    unit, sizes = _sizes(dict(zip(keys, tasks, strict=True)))
    total = sum(sizes.values())
    documents = sum(marker.documents for marker in done.values())
    finished = sum(sizes[key] for key in done)
    slots = {task.slot: key for key, task in waiting.items()}
    reached, seen = finished, documents if unit else 0  # what tasks of no known size return may be pairs, or nothing
    progress(stage, reached, total, seen, next(iter(waiting.values())).label)
    for update in engine.run([store.staged(task) for task in waiting.values()]):
        if update.marker:
            key = slots[update.slot]
            store.came(update.marker)
            if update.spared != waiting[key].spared:
                store.spare(waiting[key], update.spared)
            done[key] = update.marker
            documents += update.marker.documents
            finished += sizes[key]
        within = update.documents if unit == "documents" else 0
        reached = max(reached, min(finished + within, total))  # a worker that dies takes some back
        seen = max(seen, documents + update.documents) if unit else 0
        progress(stage, reached, total, seen, update.at)
    return [done[key] for key in keys]


def _sizes(tasks: Mapping[str, Task]) -> tuple[str, dict[str, int]]:
    """Return how large each task is, in documents or else in bytes, and in which; where neither is known, "" and one each."""
    for unit in ("documents", "bytes"):
        sizes = {key: getattr(task, unit) for key, task in tasks.items()}
        if any(sizes.values()):
            return unit, sizes
    return "", dict.fromkeys(tasks, 1)


class Alone:
    """Runs tasks in this process, one after the other: for small inputs, which workers would only slow down.

    A document at which code fails is spared, as `Local` does. One that kills takes the build with it, and one without a
    sign of life for `patience` seconds ends it: a thread cannot be replaced. Memory is not watched.

    Each runs on a thread of its own, so that this one can tell how far it is and stops at once at Ctrl-C. The other then
    stops at the next documents; what it has not committed does not count.
    """

    def __init__(self, store: Store, patience: float = math.inf) -> None:
        self._address = store.address
        self._patience = patience

    def run(self, tasks: Sequence[Task]) -> Iterator[Update]:
        """Run all `tasks`. Raises `CorpuskitError` when one comes to a halt, memory runs out, or code fails and no document is to
        blame.
        """
        for run in map(Attempts, tasks):
            marker = None
            while marker is None:
                work = _Aside(self._address, run)
                try:
                    while not work.done.wait(_TICK):
                        if time.monotonic() - work.since > self._patience:
                            run.halted(work.at.what, self._patience)
                        yield Update(documents=work.at.done, at=work.at.source or run.task.label)
                finally:
                    work.stopped = True
                try:
                    marker = work.result()
                except DefectError as error:
                    run.failed(work.at.what, error)
                except MemoryError:
                    run.starved(work.at.what)
            yield Update(run.task.slot, marker, run.task.spared)

    def close(self) -> None:
        """Do nothing: there are no workers."""


class _StoppedError(Exception):
    """Nobody waits for this task any more."""


class _Aside:
    """A task that a thread performs."""

    def __init__(self, address: str, run: Attempts) -> None:
        self.done = threading.Event()
        self.stopped = False
        self.at = At(0)
        self.since = time.monotonic()  #: when it began, or last gave a sign of life
        self._found: Marker | BaseException = _StoppedError()
        threading.Thread(target=self._perform, args=(address, run.task, run.careful), daemon=True).start()

    def _perform(self, address: str, task: Task, careful: bool) -> None:
        try:
            self._found = perform(address, task, self._note, careful)
        except BaseException as error:  # raised again where the result is asked for
            self._found = error
        finally:
            self.done.set()

    def _note(self, what: str, source: str, done: int) -> None:
        if self.stopped:
            raise _StoppedError
        self.at = At(0, what, source, done)
        self.since = time.monotonic()

    def result(self) -> Marker:
        """Return what came of it, once it is done; raise what it raised."""
        if isinstance(self._found, BaseException):
            raise self._found
        return self._found


@dataclass(slots=True)
class _Busy:
    run: Attempts
    since: float  #: when the task began, or the worker last gave a sign of life
    at: At


class Local:
    """Runs tasks on worker processes of this machine. Each has one task at a time; the queue stays here.

    A worker that dies, grows past `memory` bytes or gives no sign of life for `patience` seconds is replaced. Its task
    is tried again, one document at a time, as is one whose code fails; what is to blame (see `Attempts`) is spared: it is
    held (or, when its file cannot be read, quarantined), and the rest goes on. Where workers do nothing but die, for want of
    memory perhaps, the run ends: else it would hold all documents, one after the other.
    """

    def __init__(self, store: Store, workers: int, memory: int, patience: float) -> None:
        self._address = store.address
        self._count = workers
        self._memory = memory
        self._patience = patience
        self._idle: list[tuple[Worker, str]] = []  # with the stage of its last task
        self._busy: dict[Worker, _Busy] = {}
        self._barren = 0  # deaths since a document or a task was done

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all workers, at once."""
        for worker in [*(worker for worker, _ in self._idle), *self._busy]:
            worker.end()
        self._idle.clear()
        self._busy.clear()

    def run(self, tasks: Sequence[Task]) -> Iterator[Update]:
        """Run all `tasks`. Raises `CorpuskitError` when workers die of one, or its code fails, and no document is to blame, or
        when they die of each document that they meet.
        """
        queue = deque(map(Attempts, tasks))
        try:
            while queue or self._busy:
                while queue and len(self._busy) < self._count:
                    self._start(queue.popleft(), queue)
                ready = wait([worker.connection for worker in self._busy], _TICK)
                for worker in [worker for worker in self._busy if worker.connection in ready]:
                    run = self._busy[worker].run
                    if marker := self._finish(worker, queue):
                        yield self._update(run.task.slot, marker, run.task.spared)
                self._watch(queue)
                yield self._update()
        except BaseException:  # Ctrl-C too: what is not committed is lost, and nothing else
            self.close()
            raise

    def _start(self, run: Attempts, queue: deque[Attempts]) -> None:
        worker = self._rested(run.task.stage)
        try:
            worker.give(run.task, run.careful)
        except OSError:  # it died while it had nothing to do
            worker.end()
            queue.appendleft(run)
            return
        self._busy[worker] = _Busy(run, time.monotonic(), worker.board.read())

    def _rested(self, stage: str) -> Worker:
        """A worker for a task of `stage`. One that has grown in another stage makes room for a new one: the automata that it
        holds, hundreds of megabytes after cleaning, are of no use here."""
        if not self._idle:
            return Worker(self._address)
        worker, last = self._idle.pop()
        if last == stage or resident(worker.pid) <= GROWN:
            return worker
        worker.end()
        return Worker(self._address)

    def _finish(self, worker: Worker, queue: deque[Attempts]) -> Marker | None:
        """Take what came of a worker's task; the worker rests, or goes when it has grown."""
        try:
            found = worker.take()
        except (EOFError, OSError):
            self._died(worker, queue, "died")
            return None
        run, what = self._busy.pop(worker).run, worker.board.read().what
        if resident(worker.pid) > self._memory // 2:
            worker.end()
        else:
            self._idle.append((worker, run.task.stage))
        if isinstance(found, DefectError):
            run.failed(what, found)
            queue.append(run)
            return None
        if isinstance(found, BaseException):
            raise found
        self._barren = 0
        return found

    def _watch(self, queue: deque[Attempts]) -> None:
        """End workers that need too much memory or have come to a halt."""
        now = time.monotonic()
        for worker, busy in list(self._busy.items()):
            at = worker.board.read()
            if at.changes != busy.at.changes:
                busy.at, busy.since = at, now
            if (size := resident(worker.pid)) > self._memory:
                self._died(worker, queue, f"needed {size >> 20:,} MB, more than [run] memory = {self._memory >> 20:,} MB")
            elif now - busy.since > self._patience:
                self._died(worker, queue, f"gave no sign of life for {self._patience:g} s, [run] patience")

    def _died(self, worker: Worker, queue: deque[Attempts], cause: str) -> None:
        """Replace a worker and decide what becomes of its task."""
        at = worker.board.read()
        run = self._busy.pop(worker).run
        worker.end()
        self._barren = 0 if run.came_further(at.done) else self._barren + 1
        if self._barren >= _BARREN * self._count:
            run.hopeless(cause, self._barren)
        run.died(at.what, cause)
        queue.append(run)

    def _update(self, slot: str = "", marker: Marker | None = None, spared: tuple[Spared, ...] = ()) -> Update:
        if not self._busy:
            return Update(slot, marker, spared)
        latest = max(self._busy.values(), key=lambda busy: busy.since)
        documents = sum(busy.at.done for busy in self._busy.values())
        return Update(slot, marker, spared, documents, latest.at.source or latest.run.task.label)


def memory_share(workers: int, root: Path = Path("/")) -> int:
    """Return the bytes that each of `workers` may hold: four fifths of what there is, shared out.

    That is the machine's memory, or the least that a control group of this process allows. `root` is where `proc` and
    `sys` lie.
    """
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([total, *_limits(root)]) * 4 // 5 // workers


def _limits(root: Path) -> Iterator[int]:
    """Yield the limits of the groups of this process, its own and all above it: each of them binds.

    A job of Slurm or a unit of systemd has a group of its own deep below the root; a container often sees no other
    than the root, whatever the path says.
    """
    try:
        groups = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        groups = ["0::/", "1:memory:/"]
    for line in groups:
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        base, name = ("sys/fs/cgroup/memory", "memory.limit_in_bytes") if controllers else ("sys/fs/cgroup", "memory.max")
        own = PurePosixPath(path.lstrip("/"))
        for group in (own, *own.parents):
            with suppress(OSError, ValueError):  # no such file, or "max"
                yield int((root / base / group / name).read_text())
