"""What a build keeps for itself: outputs named by their content, and one marker per finished task.

.build/<name>/objects/<digest><suffix>   an output file
.build/<name>/tasks/<key>.json           the marker: written last, it is the commit
.build/<name>/last.json                  which task filled each slot in the last build
.build/<name>/spared.json                what made workers die under a task, and is left alone until asked for
.build/<name>/work/                      files being written; emptied at the start of a build
.build/<name>/lock                       held while a build runs
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from corpuskit.errors import CorpuskitError, OutputError
from corpuskit.run import digests
from corpuskit.run.task import Account, Task

__all__ = ["Freed", "Marker", "Store"]


@dataclass(frozen=True, slots=True)
class Marker:
    """A task that is done: where its outputs are, and how many documents it saw."""

    key: str
    outputs: tuple[tuple[str, str], ...]  #: output name, file name below objects/
    documents: int

    def output(self, name: str) -> str:
        """Return the file name of output `name` below objects/, which holds its digest."""
        for known, file in self.outputs:
            if known == name:
                return file
        raise KeyError(name)

    def names(self, prefix: str) -> tuple[str, ...]:
        """Return the names of the outputs that begin with `prefix`, in order."""
        return tuple(name for name, _ in self.outputs if name.startswith(prefix))


@dataclass(frozen=True, slots=True)
class Freed:
    """What was removed from a store, and what is left."""

    files: int
    bytes: int
    kept: int  #: bytes of outputs that are left


class Store:
    """The folder of one build."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.objects = root / "objects"
        self.tasks = root / "tasks"
        self.work = root / "work"

    def prepare(self) -> None:
        """Make the folders, and empty the one for files being written.

        Raises `OutputError` when they cannot be made.
        """
        try:
            shutil.rmtree(self.work, ignore_errors=True)
            for folder in (self.objects, self.tasks, self.work):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{error.filename or self.root}: cannot be written: {error.strerror}") from error

    @contextmanager
    def locked(self, patience: float = 3600.0) -> Iterator[None]:
        """Hold the build's lock, after waiting for another build of the same dataset to finish.

        `make -j4 clean enrich` starts two that need the same stages: the second finds them done. Raises
        `CorpuskitError` when `patience` seconds were not enough.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise OutputError(f"{self.root}: cannot be written: {error.strerror}") from error
        try:
            deadline = time.monotonic() + patience
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    if time.monotonic() >= deadline:
                        raise CorpuskitError(f"another build works in {self.root}; try again when it is done") from None
                    time.sleep(0.05)
            yield
        finally:
            os.close(handle)

    def marker(self, key: str) -> Marker | None:
        """Return the marker of a task that is done and whose outputs are all there, else None."""
        try:
            said = json.loads((self.tasks / f"{key}.json").read_bytes())
            marker = Marker(key, tuple((n, f) for n, f in said["outputs"]), said["documents"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return marker if all((self.objects / file).is_file() for _, file in marker.outputs) else None

    def account(self, key: str) -> Account | None:
        """Return what the key of a finished task covered, or None when nothing is known of it."""
        try:
            found: Account = json.loads((self.tasks / f"{key}.json").read_bytes())["of"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return found

    def used(self, key: str) -> None:
        """Note that a finished task was of use just now: what was not for the longest time is removed first."""
        with suppress(OSError):
            os.utime(self.tasks / f"{key}.json")

    def last(self) -> dict[str, str]:
        """Return the key of the task that filled each slot in the last build."""
        try:
            said = json.loads((self.root / "last.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return said if isinstance(said, dict) else {}

    def keep_last(self, slots: Mapping[str, str]) -> None:
        """Remember `slots` as those of the last build."""
        if self.last() != slots:
            self.write(self.root / "last.json", json.dumps(slots, sort_keys=True, indent=0).encode())

    def relieved(self, tasks: Sequence[Task]) -> list[Task]:
        """Return `tasks` with what each is to spare, after workers died on it in an earlier build or now."""
        said = self._spared()
        if not said:
            return list(tasks)
        names = [said.get(replace(task, spared=()).key, ()) for task in tasks]
        return [replace(task, spared=tuple(sorted({*task.spared, *more}))) for task, more in zip(tasks, names, strict=True)]

    def spare(self, task: Task, what: Collection[str]) -> None:
        """Remember that `task` is to leave `what` alone from now on."""
        said = {**self._spared(), replace(task, spared=()).key: sorted(what)}
        self.write(self.root / "spared.json", json.dumps(said, sort_keys=True, indent=0).encode())

    def spare_nothing(self) -> None:
        """Forget what was to be left alone: the next build tries again."""
        (self.root / "spared.json").unlink(missing_ok=True)

    def _spared(self) -> dict[str, list[str]]:
        try:
            said = json.loads((self.root / "spared.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return said if isinstance(said, dict) else {}

    def commit(self, key: str, scratch: Path, documents: int, account: Account) -> Marker:
        """Move the files of `scratch` to their names by content, then write the marker.

        Moving is by rename on one file system; doing it twice does no harm.
        """
        outputs: list[tuple[str, str]] = []
        for path in sorted(scratch.iterdir()):
            name = digests.of_file(path) + path.suffix
            os.replace(path, self.objects / name)
            outputs.append((path.name, name))
        scratch.rmdir()
        marker = Marker(key, tuple(outputs), documents)
        self.write(
            self.tasks / f"{key}.json",
            json.dumps({"outputs": outputs, "documents": documents, "of": account}, sort_keys=True).encode(),
        )
        return marker

    def write(self, path: Path, data: bytes) -> None:
        """Write a small file so that a reader sees the old content or the new, never a part of it."""
        waiting = path.with_name(path.name + f".{os.getpid()}.tmp")
        with waiting.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(waiting, path)

    def path(self, file: str) -> Path:
        """Return where the output with that file name lies."""
        return self.objects / file

    def trim(self, keep: Collection[str], limit: int) -> Freed:
        """Remove outputs until all together are at most `limit` bytes, those least recently of use first.

        What the tasks `keep` made is never removed, whatever the limit. The lock must be held: an output without
        a marker is taken for the rest of a build that was stopped.
        """
        wanted: dict[str, int] = {}  # output and how many markers name it
        spare: list[tuple[float, Path, list[str]]] = []
        for path in sorted(self.tasks.glob("*.json")):
            outputs = _outputs(path)
            if path.stem not in keep:
                spare.append((path.stat().st_mtime, path, outputs))
            for file in outputs:
                wanted[file] = wanted.get(file, 0) + 1
        sizes = {path.name: path.stat().st_size for path in self.objects.iterdir()}
        total = sum(sizes.values())
        files = freed = 0

        def remove(names: Iterable[str]) -> None:
            nonlocal files, freed
            for name in names:
                (self.objects / name).unlink(missing_ok=True)
                files += 1
                freed += sizes.pop(name, 0)

        remove(sorted(set(sizes) - set(wanted)))
        for _, path, outputs in sorted(spare):
            if total - freed <= limit:
                break
            path.unlink()
            for file in outputs:
                wanted[file] -= 1
            remove(file for file in outputs if not wanted[file] and file in sizes)
        return Freed(files, freed, total - freed)


def _outputs(marker: Path) -> list[str]:
    try:
        return [file for _, file in json.loads(marker.read_bytes())["outputs"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
