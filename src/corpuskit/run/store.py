"""What a build keeps for itself: outputs named by their content, and one marker per finished task.

.build/<name>/objects/<digest><suffix>   an output file
.build/<name>/tasks/<key>.json           the marker: written last, it is the commit
.build/<name>/work/                      files being written; emptied at the start of a build
.build/<name>/lock                       held while a build runs
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from corpuskit.errors import CorpuskitError, OutputError
from corpuskit.run import digests

__all__ = ["Marker", "Store"]


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

    def commit(self, key: str, scratch: Path, documents: int) -> Marker:
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
            json.dumps({"outputs": outputs, "documents": documents}, sort_keys=True).encode(),
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

    def prune(self, keys: Iterable[str]) -> int:
        """Remove markers and outputs that none of the tasks `keys` made; return the bytes that were freed."""
        wanted = set(keys)
        files: set[str] = set()
        freed = 0
        for path in sorted(self.tasks.glob("*.json")):
            if path.stem not in wanted:
                path.unlink()
            elif marker := self.marker(path.stem):
                files.update(file for _, file in marker.outputs)
        for path in sorted(self.objects.iterdir()):
            if path.name not in files:
                freed += path.stat().st_size
                path.unlink()
        return freed
