"""The plan of a build: which tasks would run and why, with nothing run.

The stages are walked as a build walks them. A task that would run leaves no outputs yet, so what stands behind it
gets a name that no task has made: such tasks are due too, unless the outputs come out as they are. What no build has
done yet is due for certain, wherever it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpuskit.run.store import Marker, Store
from corpuskit.run.task import Account, Task, differences

__all__ = ["Due", "Planned", "Planner", "reasons"]

_NEVER = "it has never run"  # the reason of a task whose slot no build has filled
_UNKNOWN = "?"  # begins the file name of an output that is not there yet; a digest never does


@dataclass(frozen=True, slots=True)
class Due:
    """A task that would run."""

    stage: str
    label: str
    why: tuple[str, ...]  #: what has changed since the last build; empty when it waits for another task alone
    certain: bool  #: False: it runs only if the tasks before it come out otherwise than last time


@dataclass(frozen=True, slots=True)
class Planned:
    """What a build would do."""

    name: str
    stage: str  #: the last stage that was asked for
    due: tuple[Due, ...]
    reused: int  #: tasks whose outputs are there
    gone: tuple[str, ...] = ()  #: what the last build read in buckets that have no file any more

    @property
    def counted(self) -> bool:
        """Whether the number of tasks is known: it depends on how many texts there are, in files that were never read."""
        return not any(one.stage == "ingest" and _NEVER in one.why for one in self.due)


@dataclass(frozen=True, slots=True)
class _Unknown(Marker):
    """The marker of a task that has not run: every output has a name that says so."""

    def output(self, name: str) -> str:
        return f"{_UNKNOWN}{self.key}-{name}"

    def names(self, prefix: str) -> tuple[str, ...]:
        return tuple(name for name, _ in self.outputs if name.startswith(prefix)) or (prefix,)


class Planner:
    """Stands in for an engine: takes tasks, runs none, and notes which are due."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last = store.last()
        self._met: set[str] = set()
        self.due: list[Due] = []
        self.reused = 0

    def run(self, tasks: Sequence[Task]) -> list[Marker]:
        """Return the markers of `tasks`: the real ones of those that are done, and stand-ins."""
        return [self._of(task) for task in self._store.relieved(tasks)]

    def gone(self) -> tuple[str, ...]:
        """Return what the last build read in slots that no task fills now."""
        slots = [slot for slot in self._last if slot.startswith("ingest/") and slot not in self._met]
        accounts = [self._store.account(self._last[slot]) or {} for slot in sorted(slots)]
        return tuple(f"{name} is gone" for account in accounts for name in account.get("inputs", {}))

    def _of(self, task: Task) -> Marker:
        key = task.key
        self._met.add(task.slot)
        if marker := self._store.marker(key):
            self.reused += 1
            return marker
        waits = any(path.rpartition("/")[2].startswith(_UNKNOWN) for _, paths in task.inputs for path in paths)
        before = self._last.get(task.slot)
        account = self._store.account(before) if before else None
        why = reasons(account, task, waits) if account or not before else ["its outputs are no longer kept"]
        self.due.append(Due(task.stage, task.label, tuple(why), bool(why) or not waits))
        old = self._store.marker(before) if before else None
        return _Unknown(key, old.outputs if old else (), old.documents if old else 0)


def reasons(before: Account | None, task: Task, waits: bool = False) -> list[str]:
    """Return why `task` is not done although its slot was filled by one with the account `before`, None for never.

    With `waits`, changed inputs are not said again: they are the outputs of tasks that are due themselves.
    """
    if before is None:
        return [_NEVER]
    now = {**task.account, "inputs": before.get("inputs", {})} if waits else task.account
    return differences(before, now) or ([] if waits else ["its outputs are no longer kept"])
