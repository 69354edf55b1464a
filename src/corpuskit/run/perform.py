"""Perform one task in this process, whoever asked for it, and commit its outputs."""

from __future__ import annotations

import importlib
import os
import shutil
from pathlib import Path

from corpuskit.errors import CorpuskitError, OutputError
from corpuskit.run.store import Marker, Store
from corpuskit.run.task import Task
from corpuskit.tasks.job import Job, Note, nobody

__all__ = ["perform"]


def perform(root: Path, task: Task, note: Note = nobody, careful: bool = False) -> Marker:
    """Run `task` and commit its outputs to the store at `root`; safe to do twice, also at the same time.

    With `careful`, the task goes one document at a time, so that the note says which one it is at. Raises what the
    task raises; `OutputError` for what the system says about files.
    """
    store = Store(root)
    key = task.key
    scratch = store.work / f"{key}.{os.getpid()}"
    shutil.rmtree(scratch, ignore_errors=True)
    module, _, name = task.function.partition(":")
    function = getattr(importlib.import_module(module if "." in module else f"corpuskit.tasks.{module}"), name)
    try:
        scratch.mkdir(parents=True)
        inputs = {name: tuple(Path(path) for path in paths) for name, paths in task.inputs}
        documents = function(Job(inputs, scratch, task.options, note, careful, frozenset(task.spared)))
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
