"""Engines run tasks: in this process, or on local worker processes. An engine knows nothing of stages.

A task is a plain function of named input files to files in a folder of its own. It is safe to run twice. Its key
says all that it depends on; a task whose marker is there is not run again.
"""

from __future__ import annotations

import dataclasses
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from pathlib import Path
from typing import Protocol, Self

from corpuskit.errors import CorpuskitError
from corpuskit.run.perform import perform
from corpuskit.run.store import Marker, Store
from corpuskit.run.task import Task
from corpuskit.run.worker import At, Worker, resident

__all__ = ["Alone", "Engine", "Local", "Progress", "Update", "memory_share", "run_tasks", "silent"]

_TRIES = 3  # deaths under one task, or on one document, before it is given up
_MOST = 12  # deaths under one task in all: then it is the machine, or no document in particular
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
    spared: tuple[str, ...] = ()  #: what the task left alone
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
    documents had to be spared.
    """
    keys = [task.key for task in tasks]
    done = {key: marker for key in keys if (marker := store.marker(key))}
    for key in done:
        store.used(key)
    waiting = {key: task for key, task in zip(keys, tasks, strict=True) if key not in done}
    if not waiting:
        return [done[key] for key in keys]
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

    Each runs on a thread of its own, so that this one can tell how far it is and stops at once at Ctrl-C. The other then
    stops at the next documents; what it has not committed does not count.
    """

    def __init__(self, store: Store) -> None:
        self._address = store.address

    def run(self, tasks: Sequence[Task]) -> Iterator[Update]:
        """Run all `tasks`."""
        for task in tasks:
            work = _Aside(self._address, task)
            try:
                while not work.done.wait(_TICK):
                    yield Update(documents=work.at.done, at=work.at.source or task.label)
            finally:
                work.stopped = True
            yield Update(task.slot, work.result(), task.spared)

    def close(self) -> None:
        """Do nothing: there are no workers."""


class _StoppedError(Exception):
    """Nobody waits for this task any more."""


class _Aside:
    """A task that a thread performs."""

    def __init__(self, address: str, task: Task) -> None:
        self.done = threading.Event()
        self.stopped = False
        self.at = At(0)
        self._found: Marker | BaseException = _StoppedError()
        threading.Thread(target=self._perform, args=(address, task), daemon=True).start()

    def _perform(self, address: str, task: Task) -> None:
        try:
            self._found = perform(address, task, self._note)
        except BaseException as error:  # raised again where the result is asked for
            self._found = error
        finally:
            self.done.set()

    def _note(self, what: str, source: str, done: int) -> None:
        if self.stopped:
            raise _StoppedError
        self.at = At(0, what, source, done)

    def result(self) -> Marker:
        """Return what came of it, once it is done; raise what it raised."""
        if isinstance(self._found, BaseException):
            raise self._found
        return self._found


@dataclass(slots=True)
class _Run:
    """A task that is not done: what happened to it so far."""

    task: Task
    deaths: list[str] = field(default_factory=list)  #: what the workers were at when they died; "" unknown
    causes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Busy:
    run: _Run
    since: float  #: when the task began, or the worker last gave a sign of life
    at: At


class Local:
    """Runs tasks on worker processes of this machine. Each has one task at a time; the queue stays here.

    A worker that dies, grows past `memory` bytes or gives no sign of life for `patience` seconds is replaced. Its task
    is tried again, one document at a time; a document on which workers die `_TRIES` times is spared: it is
    held (or, when its file cannot be read, quarantined), and the rest goes on.
    """

    def __init__(self, store: Store, workers: int, memory: int, patience: float) -> None:
        self._address = store.address
        self._count = workers
        self._memory = memory
        self._patience = patience
        self._idle: list[Worker] = []
        self._busy: dict[Worker, _Busy] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all workers, at once."""
        for worker in [*self._idle, *self._busy]:
            worker.end()
        self._idle.clear()
        self._busy.clear()

    def run(self, tasks: Sequence[Task]) -> Iterator[Update]:
        """Run all `tasks`. Raises `CorpuskitError` when workers die of a task and no document can be blamed."""
        queue = deque(_Run(task) for task in tasks)
        try:
            while queue or self._busy:
                while queue and len(self._busy) < self._count:
                    self._start(queue.popleft(), queue)
                ready = wait([worker.connection for worker in self._busy], _TICK)
                for worker in [worker for worker in self._busy if worker.connection in ready]:
                    task = self._busy[worker].run.task
                    if marker := self._finish(worker, queue):
                        yield self._update(task.slot, marker, task.spared)
                self._watch(queue)
                yield self._update()
        except BaseException:  # Ctrl-C too: what is not committed is lost, and nothing else
            self.close()
            raise

    def _start(self, run: _Run, queue: deque[_Run]) -> None:
        worker = self._idle.pop() if self._idle else Worker(self._address)
        try:
            worker.give(run.task, bool(run.deaths))
        except OSError:  # it died while it had nothing to do
            worker.end()
            queue.appendleft(run)
            return
        self._busy[worker] = _Busy(run, time.monotonic(), worker.board.read())

    def _finish(self, worker: Worker, queue: deque[_Run]) -> Marker | None:
        """Take what came of a worker's task; the worker rests, or goes when it has grown."""
        try:
            found = worker.take()
        except (EOFError, OSError):
            self._died(worker, queue, "died")
            return None
        self._busy.pop(worker)
        if resident(worker.pid) > self._memory // 2:
            worker.end()
        else:
            self._idle.append(worker)
        if isinstance(found, BaseException):
            raise found
        return found

    def _watch(self, queue: deque[_Run]) -> None:
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

    def _died(self, worker: Worker, queue: deque[_Run], cause: str) -> None:
        """Replace a worker and decide what becomes of its task."""
        at = worker.board.read()
        run = self._busy.pop(worker).run
        worker.end()
        careful = bool(run.deaths) or run.task.function == "ingest:ingest"  # else the note names a batch, not one
        run.deaths.append(at.what if careful else "")
        run.causes.append(cause)
        if careful and at.what and run.deaths.count(at.what) + run.deaths.count("") >= _TRIES:
            task = dataclasses.replace(run.task, spared=tuple(sorted({*run.task.spared, at.what})))
            queue.append(_Run(task))
        elif len(run.deaths) >= (_MOST if any(run.deaths) else _TRIES):
            named = ", ".join(path for _, paths in run.task.inputs for path in paths[:3])
            why = "; ".join(dict.fromkeys(run.causes))
            raise CorpuskitError(
                f"{run.task.stage}, {run.task.label}: the worker {why}, {len(run.deaths)} times, on {named}"
            )
        else:
            queue.append(run)

    def _update(self, slot: str = "", marker: Marker | None = None, spared: tuple[str, ...] = ()) -> Update:
        if not self._busy:
            return Update(slot, marker, spared)
        latest = max(self._busy.values(), key=lambda busy: busy.since)
        documents = sum(busy.at.done for busy in self._busy.values())
        return Update(slot, marker, spared, documents, latest.at.source or latest.run.task.label)


def memory_share(workers: int) -> int:
    """Return the bytes that each of `workers` may hold: four fifths of the machine's memory, shared out."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            total = min(total, int(Path(name).read_text()))
        except (OSError, ValueError):  # no such group, or "max"
            continue
    return total * 4 // 5 // workers
