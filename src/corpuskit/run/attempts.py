"""What becomes of a task under which workers die or code fails: it is tried again, goes on without a document, or fails."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import NoReturn

from corpuskit.errors import CorpuskitError
from corpuskit.run.perform import DefectError
from corpuskit.run.task import Task
from corpuskit.tasks.spared import Spared

__all__ = ["Attempts"]

_TRIES = 3  # deaths under one task, or on one document, before it is given up
_MOST = 12  # deaths under one task in all: then it is the machine, or no document in particular
_DEFECTS = 30  # documents of one task at which code fails: then it is the code, and no document in particular


@dataclass(slots=True)
class Attempts:
    """A task that is not done, and what happened when it was tried."""

    task: Task  #: as it is to be tried next: what is to blame is spared
    careful: bool = False  #: one document at a time, so that the last sign of life names the one to blame
    deaths: list[str] = field(default_factory=list)  #: what workers were at when they died; "" unknown
    causes: list[str] = field(default_factory=list)
    defects: int = 0  #: documents at which code failed
    reached: int = 0  #: documents, the most that were done before a worker died

    @property
    def names_one(self) -> bool:
        """Whether the last sign of life names one document or file, and not the first of a batch."""
        return self.careful or self.task.stage == "ingest"

    def died(self, what: str, cause: str) -> None:
        """Note that a worker died while it was at `what` ("" for nothing in particular).

        A document on which workers died `_TRIES` times is spared from now on. Raises `CorpuskitError` when none can
        be blamed.
        """
        self.deaths.append(what if self.names_one else "")
        self.causes.append(cause)
        self.careful = True
        last = self.deaths[-1]
        if self._may_be_spared(last) and self.deaths.count(last) + self.deaths.count("") >= _TRIES:
            self._spare(Spared(last))
        elif len(self.deaths) >= (_MOST if any(self.deaths) else _TRIES):
            why = "; ".join(dict.fromkeys(self.causes))
            raise CorpuskitError(f"{self._named}: the worker {why}, {len(self.deaths)} times{self._on(what)}")

    def came_further(self, done: int) -> bool:
        """Note that a worker died behind `done` documents of the task; say whether any was done for the first time. One that was
        spared after the last death counts as done, and is none.
        """
        further = done > self.reached + 1
        self.reached = max(self.reached, done)
        return further

    def hopeless(self, cause: str, deaths: int) -> NoReturn:
        """Raise `CorpuskitError`: a worker died of `cause`, and so did others, `deaths` in all, with nothing done in between."""
        raise CorpuskitError(
            f"{self._named}: the worker {cause}, {deaths} died one after the other and no document was done in between, so none "
            "is to blame; give them more memory (that of the machine, ulimit -v, [run] memory), or use fewer with -j"
        )

    def halted(self, what: str, patience: float) -> NoReturn:
        """Raise `CorpuskitError`: the task has given no sign of life for `patience` seconds, and cannot be ended."""
        raise CorpuskitError(
            f"{self._named}: no sign of life{self._near(what)} for {patience:g} s, [run] patience; "
            "with -j 2, worker processes do the work: they can be ended, and what they hang on is left alone"
        )

    def starved(self, what: str) -> NoReturn:
        """Raise `CorpuskitError`: memory ran out under the task, in the process of the build itself."""
        raise CorpuskitError(
            f"{self._named}: memory ran out{self._near(what)}; give the process more, or use -j 2: worker processes do the "
            "work then, and what they die of is left alone"
        )

    def failed(self, what: str, error: DefectError) -> None:
        """Note that code raised `error` while it was at `what`.

        A document at which it does so when the task is tried a second time is spared from now on. Raises
        `CorpuskitError` when none can be blamed, or too many would be.
        """
        if not self.careful:
            self.careful = True
        elif self._may_be_spared(what) and self.defects < _DEFECTS:
            self.defects += 1
            self._spare(Spared(what, error.line))
        else:
            more = f", and on {self.defects} others before" if self.defects else ""
            raise CorpuskitError(
                f"{self._named}: code failed{self._on(what)}{more}: a defect of corpuskit, please report it\n{error.trace}"
            ) from error

    @property
    def _named(self) -> str:
        return f"{self.task.stage}, {self.task.label}"

    def _on(self, what: str) -> str:
        """Name what the task was at, else its inputs, as far as they have names."""
        paths = [path for _, listed in self.task.inputs for path in listed[:3]]
        named = what or ", ".join(paths or [name for name, _ in self.task.digests[:3]])
        return f" on {named}" if named else ""

    def _near(self, what: str) -> str:
        """Name what the task was at, as the first of its batch where it goes through more than one document at a time."""
        return self._on(what) + ("" if self.names_one or not what else " or one of the documents behind it")

    def _may_be_spared(self, what: str) -> bool:
        return bool(what) and all(one.what != what for one in self.task.spared)

    def _spare(self, one: Spared) -> None:
        self.task = dataclasses.replace(self.task, spared=tuple(sorted({*self.task.spared, one})))
        self.deaths.clear()
        self.causes.clear()
