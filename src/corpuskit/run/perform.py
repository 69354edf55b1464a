"""Perform one task in this process, whoever asked for it, and commit its outputs."""

from __future__ import annotations

import importlib
import re
import traceback
from pathlib import Path
from typing import Self

from corpuskit.errors import CorpuskitError, OutputError, plainly
from corpuskit.process import give_back
from corpuskit.run.store import Marker, Store
from corpuskit.run.task import Task
from corpuskit.sources.decoding import escape
from corpuskit.storage import place_of
from corpuskit.tasks.job import Job, Note, nobody

__all__ = ["DefectError", "perform"]

_MANY = 100  # documents of a task behind which memory is given back: some milliseconds
_LARGE = 1 << 20  # bytes that a task has written behind which it is, too: of a few long ones


class DefectError(CorpuskitError):
    """Code of a task raised what nobody expected. Never leaves this package: it is blamed on a document, or told whole."""

    def __init__(self, line: str, trace: str) -> None:
        super().__init__(line, trace)
        self.line = line  #: for the account: what was raised, and where
        self.trace = trace  #: for whoever mends it

    @classmethod
    def of(cls, error: Exception) -> Self:
        """Return what there is to say of `error`."""
        place = traceback.extract_tb(error.__traceback__)[-1]
        said = re.sub(r" at 0x[0-9a-f]+", "", f"{type(error).__name__}: {error}")  # where it lay is another each time
        line = f"{escape(' '.join(said.split()))} ({Path(place.filename).name}, line {place.lineno})"
        return cls(line, "".join(traceback.format_exception(error)))


def perform(address: str, task: Task, note: Note = nobody, careful: bool = False) -> Marker:
    """Run `task` and commit its outputs to the store at `address`; safe to do twice, also at the same time.

    With `careful`, the task goes one document at a time, so that the note says which one it is at. Raises what the
    task raises and corpuskit knows; `OutputError` for what the system says about files; `DefectError` for all else.
    """
    store = Store(place_of(address))
    module, _, name = task.function.partition(":")
    function = getattr(importlib.import_module(module if "." in module else f"corpuskit.tasks.{module}"), name)
    try:
        with store.scratch(task.key) as scratch:
            out = scratch / "out"
            out.mkdir()
            inputs, afar = store.inputs(task, scratch)
            spared = {one.what: one for one in task.spared}
            job = Job(inputs, out, task.options, place_of(task.root), afar, note, careful, spared, task.seen)
            documents = function(job)
            note("", "", documents)  # what fails from here on is the fault of no document
            missing = [name for name in task.outputs if not (out / name).exists()]
            if missing:
                raise CorpuskitError(f"{task.stage}, {task.label}: made no {', '.join(missing)}")
            large = documents >= _MANY or sum(path.stat().st_size for path in out.iterdir()) > _LARGE
            marker = store.commit(task.key, out, documents, task.account)
    except (CorpuskitError, MemoryError):
        raise
    except OSError as error:
        raise OutputError(plainly(error) if error.filename else f"{store.address}: {plainly(error)}") from error
    except Exception as error:
        raise DefectError.of(error) from error
    if large:
        give_back()
    return marker
