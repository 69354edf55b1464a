"""Perform one task in this process, whoever asked for it, and commit its outputs."""

from __future__ import annotations

import importlib

from corpuskit.errors import CorpuskitError, OutputError, plainly
from corpuskit.process import give_back
from corpuskit.run.store import Marker, Store
from corpuskit.run.task import Task
from corpuskit.storage import place_of
from corpuskit.tasks.job import Job, Note, nobody

__all__ = ["perform"]

_MANY = 100  # documents of a task behind which memory is given back: some milliseconds
_LARGE = 1 << 20  # bytes that a task has written behind which it is, too: of a few long ones


def perform(address: str, task: Task, note: Note = nobody, careful: bool = False) -> Marker:
    """Run `task` and commit its outputs to the store at `address`; safe to do twice, also at the same time.

    With `careful`, the task goes one document at a time, so that the note says which one it is at. Raises what the
    task raises; `OutputError` for what the system says about files.
    """
    store = Store(place_of(address))
    module, _, name = task.function.partition(":")
    function = getattr(importlib.import_module(module if "." in module else f"corpuskit.tasks.{module}"), name)
    try:
        with store.scratch(task.key) as scratch:
            out = scratch / "out"
            out.mkdir()
            inputs, afar = store.inputs(task, scratch)
            spared = frozenset(task.spared)
            job = Job(inputs, out, task.options, place_of(task.root), afar, note, careful, spared)
            documents = function(job)
            missing = [name for name in task.outputs if not (out / name).exists()]
            if missing:
                raise CorpuskitError(f"{task.stage}, {task.label}: made no {', '.join(missing)}")
            large = documents >= _MANY or sum(path.stat().st_size for path in out.iterdir()) > _LARGE
            marker = store.commit(task.key, out, documents, task.account)
    except OSError as error:
        raise OutputError(plainly(error) if error.filename else f"{store.address}: {plainly(error)}") from error
    if large:
        give_back()
    return marker
