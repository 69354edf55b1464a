"""Run tasks on a Dask cluster: one that stands, or one started on this machine.

The scheduler hands out tasks; on the host of a Dask worker each task runs in a process of its own, under the same
watch as here: memory, signs of life, the document to blame. A Dask worker that is lost costs the tasks it had; a
scheduler that is lost costs the time until it is back. Nothing but tasks, markers and a word now and then of how
far a task is goes through the scheduler: files are brought and taken by the workers, from a folder that all see or from
storage by URL.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from corpuskit.errors import ConfigError, CorpuskitError
from corpuskit.run import digests
from corpuskit.run.engine import Local, Update, memory_share
from corpuskit.run.store import Marker, Store
from corpuskit.run.task import Task
from corpuskit.run.waiting import Say, unsaid, waiting
from corpuskit.storage import place_of
from corpuskit.tasks.spared import Spared

__all__ = ["Cluster"]

_TICK = 0.5  # seconds between two looks at what is finished
_AHEAD = 3  # tasks that wait at the scheduler for each thread of a worker: the rest of the queue stays here
_TRIES = 3  # times that workers may be lost under one task, each of them several workers to Dask
_ANSWER = 10.0  # seconds that a scheduler has to answer
_PAUSE = 1.0  # seconds before one that did not is asked again
_NEWS = 2.0  # seconds between two words of a worker on how far a task is
_PATIENCE = 600.0  # seconds for a scheduler to come back, and for a worker where there is none


class Cluster:
    """Runs tasks on the workers of a Dask scheduler."""

    def __init__(
        self, store: Store, engine: str, workers: int, memory: int, patience: float, say: Say = unsaid
    ) -> None:
        self._store = store
        self._engine = engine
        self._workers = workers
        self._limits = (memory, patience)
        self._say = say
        self._news: dict[str, tuple[int, str]] = {}  # slot of a task, documents done, source; the latest last
        self._cluster: Any = None
        self._client: Any = None

    def close(self) -> None:
        """Leave the cluster; end it when it was started here."""
        for one in (self._client, self._cluster):
            if one is not None:
                one.close()
        self._client = self._cluster = None

    def run(self, tasks: Sequence[Task]) -> Iterator[Update]:
        """Run all `tasks`. Raises `CorpuskitError` when no scheduler or worker is there or workers are lost again and again."""
        queue = deque(tasks)
        losses: dict[str, int] = {}
        running: dict[Any, Task] = {}
        try:
            while queue or running:
                if self._client is None or self._client.status != "running":
                    queue.extendleft(reversed(running.values()))
                    running.clear()
                    self._connect()
                threads = self._client.nthreads()
                if not threads:
                    self._await_worker()
                room = _AHEAD * max(1, sum(threads.values()))
                while queue and len(running) < room:
                    task = queue.popleft()
                    running[self._submit(task, losses.get(task.slot, 0))] = task
                for future in self._finished(running):
                    task = running.pop(future)
                    found = self._result(future, task)
                    self._news.pop(task.slot, None)
                    if found is None:
                        losses[task.slot] = losses.get(task.slot, 0) + 1
                        if losses[task.slot] > _TRIES:
                            raise CorpuskitError(f"{task.stage}, {task.label}: its workers were lost {_TRIES} times")
                        queue.appendleft(task)
                    else:
                        yield self._update(running, task.slot, *found)
                yield self._update(running)
        except BaseException:  # Ctrl-C too: what workers still do is committed or not, and does no harm
            for future in running:
                future.cancel()
            self.close()
            raise

    def _connect(self) -> None:
        """Connect to the scheduler, waiting for one that is being started again."""
        try:
            distributed = _distributed()
        except ImportError as error:
            raise ConfigError(f'[run] engine = {self._engine!r}: {error}; pip install "corpuskit[dask]"') from error
        if self._client is not None:
            self._client.close(timeout=1)
            self._client = None
        deadline = time.monotonic() + _PATIENCE
        with waiting(self._say, self._wanted(), _PATIENCE):
            while True:
                try:
                    if self._engine == "dask":
                        self._cluster = self._cluster or distributed.LocalCluster(
                            n_workers=self._workers, threads_per_worker=1, dashboard_address=None, memory_limit=0
                        )
                        self._client = distributed.Client(self._cluster, set_as_default=False)
                    else:
                        self._client = distributed.Client(self._address(), set_as_default=False, timeout=_ANSWER)
                    self._client.subscribe_topic(_topic(self._store.address), self._heard)
                    self._client.wait_for_workers(1, timeout=max(1.0, deadline - time.monotonic()))
                    return
                except (OSError, TimeoutError, ValueError, KeyError) as error:  # the last two: a file half written
                    if time.monotonic() > deadline:
                        raise CorpuskitError(f"{self._engine}: no scheduler with a worker answers: {error}") from error
                    time.sleep(_PAUSE)

    def _await_worker(self) -> None:
        """Wait where all workers are gone; the scheduler keeps the tasks that they had.

        Raises `CorpuskitError` when none has come in time.
        """
        with waiting(self._say, f"{self._engine}, a worker: the scheduler stands, and has none", _PATIENCE):
            try:
                self._client.wait_for_workers(1, timeout=_PATIENCE)
            except TimeoutError as error:
                raise CorpuskitError(f"{self._engine}: the scheduler has no worker left, and none has come") from error
            except OSError:  # it has gone, too: the next look finds that
                time.sleep(_PAUSE)

    def _file(self) -> Path | None:
        """Return the file in which the scheduler says where it listens, if that is how it is named."""
        return Path(self._engine.removeprefix("dask://")) if self._engine.endswith(".json") else None

    def _address(self) -> str:
        """Return where the scheduler listens. `distributed` would read its file, too, but wait for one for ever."""
        file = self._file()
        return json.loads(file.read_bytes())["address"] if file else "tcp://" + self._engine.removeprefix("dask://")

    def _wanted(self) -> str:
        """Say what must be there before tasks can run."""
        file = self._file()
        if file and not file.exists():
            return f"the file {file}, which `dask scheduler --scheduler-file` writes"
        return (
            "a Dask cluster of this machine" if self._engine == "dask" else f"{self._engine}, a scheduler with a worker"
        )

    def _heard(self, event: tuple[float, Any]) -> None:
        """Take what a worker tells of its task. This comes from a thread of the client."""
        slot, done, at = event[1]
        self._news.pop(slot, None)
        self._news[slot] = (done, at)

    def _update(
        self, running: Mapping[Any, Task], slot: str = "", marker: Marker | None = None, spared: tuple[Spared, ...] = ()
    ) -> Update:
        """Say how far the tasks under way are, as far as their workers have told."""
        news = dict(self._news)  # at once: the other thread may change it
        slots = {task.slot for task in running.values()}
        told = [news[slot] for slot in news if slot in slots]
        label = next((task.label for task in running.values()), "")
        return Update(slot, marker, spared, sum(done for done, _ in told), told[-1][1] if told else label)

    def _submit(self, task: Task, attempt: int) -> Any:
        return self._client.submit(
            perform_there,
            self._store.address,
            task,
            digests.of_everything(*_LIBRARIES),
            *self._limits,
            key=f"corpuskit-{task.key}-{attempt}",
            pure=False,
        )

    def _finished(self, running: dict[Any, Task]) -> list[Any]:
        distributed = _distributed()

        try:
            with self._client.as_current():
                distributed.wait(list(running), timeout=_TICK, return_when="FIRST_COMPLETED")
        except (TimeoutError, OSError, distributed.CancelledError):
            time.sleep(0.05)
        return [future for future in running if future.status != "pending"]

    def _result(self, future: Any, task: Task) -> tuple[Marker, tuple[Spared, ...]] | None:
        """Return what came of a task, None when it was lost with its worker or scheduler."""
        distributed = _distributed()

        try:
            found: tuple[Marker, tuple[Spared, ...]] = future.result(timeout=60)
        except (distributed.KilledWorker, distributed.CancelledError, TimeoutError, OSError):
            if marker := self._store.marker(task.key):  # it was done, only the news was lost
                return marker, task.spared
            return None
        finally:
            future.release()
        return found


def _topic(address: str) -> str:
    """Return what the scheduler knows the words of progress by that belong to the build at `address`."""
    return f"corpuskit {address}"


def _distributed() -> Any:
    import importlib

    return importlib.import_module("distributed")


#: Of these, worker and build must have the same versions: they make the bytes.
_LIBRARIES = (
    "pyarrow", "numpy", "orjson", "ftfy", "google-re2", "langdetect", "py3langid", "charset-normalizer", "zstandard",
)  # fmt: skip

_here = threading.local()


def perform_there(
    address: str, task: Task, digest: str, memory: int, patience: float
) -> tuple[Marker, tuple[Spared, ...]]:
    """Perform a task on the host of a Dask worker and tell the build how far it is; return its marker, and what had to be
    spared.

    Raises `CorpuskitError` when what is installed there is not what the build has: its bytes would be others.
    """
    if digests.of_everything(*_LIBRARIES) != digest:
        raise CorpuskitError(
            f"the Dask worker on {socket.gethostname()} has another corpuskit, Python or library than this build; "
            "install the same ones there"
        )
    engine: Local | None = getattr(_here, "engine", None)
    if engine is None or _here.address != address:
        if engine:
            engine.close()
        share = memory or memory_share(_threads())
        engine = _here.engine = Local(Store(place_of(address)), 1, share, patience)
        _here.address = address
    worker, due = _distributed().get_worker(), 0.0
    for update in engine.run([task]):
        if update.marker:
            found = update.marker, update.spared
        elif time.monotonic() >= due:
            worker.log_event(_topic(address), [task.slot, update.documents, update.at])
            due = time.monotonic() + _NEWS
    return found


def _threads() -> int:
    """Return how many tasks run beside each other on this host, as far as it knows."""
    import os

    return len(os.sched_getaffinity(0))
