"""Run tasks: in this process, or on local worker processes. An engine knows nothing of stages.

A task is a plain function of named input files to files in a folder of its own. It is safe to run twice. Its key
says all that it depends on; a task whose marker is there is not run again.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from corpuskit.errors import CorpuskitError, OutputError
from corpuskit.run.store import Marker, Store
from corpuskit.run.task import Task
from corpuskit.tasks.job import Job

__all__ = ["Progress", "run_tasks", "silent"]

_TRIES = 3  # a worker that dies under one task three times in a row dies of that task


#: Called with the stage, tasks done, tasks in all, and documents so far.
Progress = Callable[[str, int, int, int], None]


def silent(stage: str, done: int, total: int, documents: int) -> None:
    """Report nothing."""


def run_tasks(store: Store, tasks: Sequence[Task], workers: int, progress: Progress = silent) -> list[Marker]:
    """Run those of `tasks` that are not done yet and return the markers of all, in the order of `tasks`.

    All tasks are of one stage and do not depend on each other. Raises what a task raises; a worker process that
    dies costs its task one of three tries.
    """
    keys = [task.key for task in tasks]
    done = {key: marker for key in keys if (marker := store.marker(key))}
    for key in done:
        store.used(key)
    waiting = [(key, task) for key, task in zip(keys, tasks, strict=True) if key not in done]
    waiting = list({key: (key, task) for key, task in waiting}.values())
    stage = tasks[0].stage if tasks else ""
    documents = sum(marker.documents for marker in done.values())

    def finished(marker: Marker) -> None:
        nonlocal documents
        done[marker.key] = marker
        documents += marker.documents
        progress(stage, len(done), len(set(keys)), documents)

    if waiting:
        progress(stage, len(done), len(set(keys)), documents)
        if workers <= 1 or len(waiting) == 1:
            for key, task in waiting:
                finished(_perform(store.root, key, task))
        else:
            _pool(store, waiting, workers, finished)
    return [done[key] for key in keys]


def _pool(store: Store, waiting: list[tuple[str, Task]], workers: int, finished: Callable[[Marker], None]) -> None:
    failures: dict[str, int] = {}
    left = dict(waiting)
    context = multiprocessing.get_context("spawn")
    while left:
        pool = ProcessPoolExecutor(min(workers, len(left)), mp_context=context, initializer=_quiet)
        running: dict[Future[Marker], str] = {}
        try:
            queue = list(left.items())
            broken = False
            while queue or running:
                while queue and len(running) < 2 * workers and not broken:
                    key, task = queue.pop(0)
                    running[pool.submit(_perform, store.root, key, task)] = key
                over, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in over:
                    key = running.pop(future)
                    try:
                        finished(future.result())
                        del left[key]
                    except BrokenProcessPool:
                        broken = True
                        failures[key] = failures.get(key, 0) + 1
                if broken and not running:
                    break
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list((pool._processes or {}).values()):
                process.terminate()
            raise
        pool.shutdown(wait=True)
        for key, count in failures.items():
            if key in left and count >= _TRIES:
                task = left[key]
                named = ", ".join(path for _, paths in task.inputs for path in paths[:3])
                raise CorpuskitError(f"{task.stage}, {task.label}: the worker died {count} times on {named}")


def _quiet() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business


def _perform(root: Path, key: str, task: Task) -> Marker:
    """Run one task in this process and commit its outputs."""
    store = Store(root)
    scratch = store.work / f"{key}.{os.getpid()}"
    shutil.rmtree(scratch, ignore_errors=True)
    module, _, name = task.function.partition(":")
    function = getattr(importlib.import_module(f"corpuskit.tasks.{module}"), name)
    try:
        scratch.mkdir(parents=True)
        inputs = {name: tuple(Path(path) for path in paths) for name, paths in task.inputs}
        documents = function(Job(inputs, scratch, task.options))
        missing = [name for name in task.outputs if not (scratch / name).exists()]
        if missing:
            raise CorpuskitError(f"{task.stage}, {task.label}: made no {', '.join(missing)}")
        return store.commit(key, scratch, documents, task.account)
    except OSError as error:
        if error.errno is None:
            raise
        raise OutputError(f"{error.filename or scratch}: {error.strerror}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)

