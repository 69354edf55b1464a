"""What a build keeps for itself: outputs named by their content, and one marker per finished task.

.build/<name>/objects/<digest><suffix>   an output file
.build/<name>/tasks/<key>.json           the marker: written last, it is the commit
.build/<name>/last.json                  which task filled each slot in the last build
.build/<name>/spared.json                what a task failed at, and leaves alone until asked for
.build/<name>/work/                      files being written; emptied at the start of a build
.build/<name>/lock                       held while a build runs

By URL, the same files lie in the storage, except for work/ and lock. The build keeps a copy of the small ones and of
outputs that it reads itself in a folder of this machine; tasks bring their inputs and take their outputs each by
themselves, by way of the temporary folder, so that workers share no folder. Names by content are checked when a file is
brought.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from corpuskit import cache
from corpuskit.dataset.folder import writing
from corpuskit.errors import ConfigError, DamagedError, OutputError
from corpuskit.run import digests
from corpuskit.run.lock import locked
from corpuskit.run.scratch import scratch, sweep
from corpuskit.run.task import Account, Task
from corpuskit.run.waiting import Say, unsaid
from corpuskit.storage import Remote, RemoteFile
from corpuskit.tasks.spared import Spared

__all__ = ["Freed", "Marker", "Store", "mirror"]


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


#: The files of each input of a task.
Files = dict[str, tuple[Path, ...]]


class Store:
    """The folder of one build, here or by URL."""

    def __init__(self, root: Path | Remote) -> None:
        self.remote = root if isinstance(root, Remote) else None
        self.root = mirror(root) if isinstance(root, Remote) else root  #: on this machine
        self.objects = self.root / "objects"
        self.tasks = self.root / "tasks"
        self.work = self.root / "work"
        self._sparing = True
        self._there: dict[str, int] = {}  # what lies in the storage, with its bytes
        self._sound: set[str] = set()  # file names of outputs on this machine that were made just now, or looked at

    @property
    def address(self) -> str:
        """Path or URL, for other processes."""
        return self.remote.url if self.remote else str(self.root.absolute())

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
        self.refresh()

    def refresh(self) -> None:
        """Bring what the last build left in the storage by URL; here nothing is to do for a folder."""
        if self.remote is None:
            return
        self.root.mkdir(parents=True, exist_ok=True)
        self._there = self.remote.sizes()
        for path in [*self.root.glob("*.*"), self.root / "buckets", self.root / "part"]:
            if path.is_file() and path.name not in self._there:
                path.unlink()
        for name in self._there:
            if "/" not in name:
                self.remote.download(name, self.root / name)

    def fetch(self, path: Path) -> Path:
        """Return `path`, a file of this store, after bringing it here when it lies in storage by URL.

        Where there is no such file, nothing happens. Raises `DamagedError` when what comes, or stands there, is not what its
        name says.
        """
        if self.remote is None:
            self.require_sound([path])
        elif not path.exists() or not self._is_sound(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                self._bring(path.relative_to(self.root).as_posix(), path)
        return path

    def _is_sound(self, path: Path) -> bool:
        """Say whether a copy that stands here is whole: a process that was killed while it brought one may have left less."""
        if path.parent == self.objects and path.name not in self._sound:
            if not _is_whole(path):
                return False
            self._sound.add(path.name)
        return True

    def require_sound(self, paths: Iterable[Path]) -> None:
        """Raise `DamagedError` when one of `paths` is an output that an earlier build left in a folder, and whose bytes are
        not those that its name promises: a page that still unpacks would be read, and change the dataset.

        Each is looked at once. By URL, that is done when a file is brought.
        """
        if self.remote:
            return
        news = {path.name: path for path in paths if path.parent == self.objects and path.name not in self._sound}
        if not news:
            return
        with ThreadPoolExecutor(min(8, len(os.sched_getaffinity(0)))) as pool:  # hashing lets other threads run
            whole = dict(zip(news, pool.map(_is_whole, news.values()), strict=True))
        if damaged := sorted(name for name in news if not whole[name]):
            raise DamagedError(str(news[damaged[0]]), tuple(damaged))
        self._sound.update(news)

    def discard(self, files: Iterable[str]) -> None:
        """Remove outputs, named as they are below objects/: the tasks that made them are due again."""
        for file in files:
            self._sound.discard(file)
            self.forget(self.objects / file)

    def _bring(self, name: str, path: Path) -> None:
        assert self.remote is not None  # noqa: S101  # asked by the callers
        self.remote.download(name, path)
        if name.startswith("objects/") and not _is_whole(path):
            path.unlink()
            raise DamagedError(f"{self.remote}/{name}", (path.name,))
        if path.parent == self.objects:
            self._sound.add(path.name)

    @contextmanager
    def scratch(self, key: str) -> Iterator[Path]:
        """Give a folder for one run of a task, and remove it with all that is left in it."""
        if self.remote:
            with scratch(key[:16]) as folder:
                yield folder
            return
        self.work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"{key[:16]}-", dir=self.work, ignore_cleanup_errors=True) as name:
            yield Path(name)

    def sweep(self) -> None:
        """Remove what killed workers have left on this machine; in a folder of its own, the next build does that."""
        if self.remote:
            sweep()

    def inputs(self, task: Task, scratch: Path) -> tuple[Files, dict[str, tuple[RemoteFile, ...]]]:
        """Return where a task's inputs lie, after bringing them to `scratch` from storage by URL, and those that stay
        there because the task seeks in them.
        """
        found = {name: tuple(Path(path) for path in paths) for name, paths in task.inputs}
        if self.remote is None:
            return found, {}
        remote = self.remote
        afar = {name: tuple(remote.file(f"objects/{path.name}") for path in found.pop(name)) for name in task.sought}
        folder = scratch / "in"
        folder.mkdir()
        for name in {path.name for paths in found.values() for path in paths}:
            self._bring(f"objects/{name}", folder / name)
        return {name: tuple(folder / path.name for path in paths) for name, paths in found.items()}, afar

    def staged(self, task: Task) -> Task:
        """Return `task` with inputs that every worker sees: a file of this machine is put into storage by URL.

        Raises `ConfigError` for a folder, which cannot be put there.
        """
        if self.remote is None:
            return task
        return replace(task, inputs=tuple((name, tuple(map(self._stage, paths))) for name, paths in task.inputs))

    def _stage(self, text: str) -> str:
        path = Path(text)
        if path.parent == self.objects:
            return text
        if path.is_dir():
            raise ConfigError(f"{path}: with storage by URL, name single files: workers do not see this folder")
        name = digests.of_file(path) + path.suffix
        self._put(f"objects/{name}", path)
        return str(self.objects / name)

    def _put(self, name: str, path: Path) -> None:
        if self.remote and name not in self._there:
            self.remote.upload(path, name)
            self._there[name] = path.stat().st_size

    @contextmanager
    def locked(self, patience: float = 3600.0, say: Say = unsaid) -> Iterator[None]:
        """Hold the lock of this build; see `lock.locked`."""
        with locked(self.root, patience, say):
            yield

    def marker(self, key: str) -> Marker | None:
        """Return the marker of a task that is done and whose outputs are all there, else None."""
        try:
            said = json.loads(self._marker(key).read_bytes())
            marker = Marker(key, tuple((n, f) for n, f in said["outputs"]), said["documents"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return marker if all(self._has(file) for _, file in marker.outputs) else None

    def _marker(self, key: str) -> Path:
        path = self.tasks / f"{key}.json"
        return self.fetch(path) if self.remote and f"tasks/{path.name}" in self._there else path

    def _has(self, file: str) -> bool:
        if self.remote is None:
            return (self.objects / file).is_file()
        return f"objects/{file}" in self._there

    def came(self, marker: Marker) -> None:
        """Take note that a worker has committed `marker`."""
        if self.remote is None:
            self._sound.update(file for _, file in marker.outputs)
        else:
            self._there[f"tasks/{marker.key}.json"] = 0
            self._there.update((f"objects/{file}", 0) for _, file in marker.outputs)

    def account(self, key: str) -> Account | None:
        """Return what the key of a finished task covered, or None when nothing is known of it."""
        try:
            found: Account = json.loads(self._marker(key).read_bytes())["of"]
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
        """Return `tasks` with what each is to spare, after it failed at that in an earlier build or now."""
        said = self._spared()
        if not said:
            return list(tasks)
        names = [said.get(replace(task, spared=()).key, ()) for task in tasks]
        return [replace(task, spared=tuple(sorted({*task.spared, *more}))) for task, more in zip(tasks, names, strict=True)]

    def spare(self, task: Task, what: Collection[Spared]) -> None:
        """Remember that `task` is to leave `what` alone from now on."""
        said = {**self._spared(), replace(task, spared=()).key: sorted(what)}
        listed = {key: [[one.what, one.error] for one in spared] for key, spared in said.items()}
        self.write(self.root / "spared.json", json.dumps(listed, sort_keys=True, indent=0).encode())

    def spare_nothing(self, forget: bool = True) -> None:
        """Forget what was to be left alone: the next build tries again. Without `forget`, for a plan, nothing is written."""
        if forget:
            self.forget(self.root / "spared.json")
        else:
            self._sparing = False

    def _spared(self) -> dict[str, list[Spared]]:
        if not self._sparing:
            return {}
        try:
            said = json.loads((self.root / "spared.json").read_bytes())
            return {key: [Spared(what, error) for what, error in listed] for key, listed in said.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def commit(self, key: str, scratch: Path, documents: int, account: Account) -> Marker:
        """Move the files of `scratch` to their names by content, then write the marker.

        Moving is by rename on one file system, or into the storage by URL; doing it twice does no harm.
        """
        outputs: list[tuple[str, str]] = []
        for path in sorted(scratch.iterdir()):
            name = digests.of_file(path) + path.suffix
            if self.remote:
                self.remote.upload(path, f"objects/{name}")
            else:
                os.replace(path, self.objects / name)
            outputs.append((path.name, name))
        marker = Marker(key, tuple(outputs), documents)
        self.write(
            self.tasks / f"{key}.json",
            json.dumps({"outputs": outputs, "documents": documents, "of": account}, sort_keys=True).encode(),
        )
        return marker

    def write(self, path: Path, data: bytes) -> None:
        """Write a small file so that a reader sees the old content or the new, never a part of it.

        Raises `OutputError` when it cannot be written.
        """
        waiting = path.with_name(path.name + f".{os.getpid()}.tmp")
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with waiting.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(waiting, path)
        if self.remote:
            name = path.relative_to(self.root).as_posix()
            self.remote.write(name, data)
            self._there[name] = len(data)

    def forget(self, path: Path) -> None:
        """Remove a file of this store, if it is there."""
        path.unlink(missing_ok=True)
        if self.remote:
            name = path.relative_to(self.root).as_posix()
            self.remote.remove([name])
            self._there.pop(name, None)

    def path(self, file: str) -> Path:
        """Return where the output with that file name lies."""
        return self.objects / file

    def passes(self, limit: int) -> bool:
        """Say whether the outputs in a folder are more than `limit` bytes; False by URL, where asking takes a listing."""
        return self.remote is None and sum(self._sizes().values()) > limit

    def trim(self, keep: Collection[str], limit: int) -> Freed:
        """Remove outputs until all together are at most `limit` bytes, those least recently of use first.

        What the tasks `keep` made is never removed, whatever the limit. The lock must be held: an output without
        a marker is taken for the rest of a build that was stopped.
        """
        for folder in (self.root, self.tasks):
            for path in folder.glob("*.tmp"):  # of a process that was killed while it wrote a small file
                path.unlink()
        if self.remote:
            self._there = self.remote.sizes()
            for name in self._there:
                if name.startswith("tasks/"):
                    self.fetch(self.root / name)
            for path in self.objects.iterdir():  # copies of what was read here
                path.unlink()
        wanted: dict[str, int] = {}  # output and how many markers name it
        spare: list[tuple[float, Path, list[str]]] = []
        for path in sorted(self.tasks.glob("*.json")):
            outputs = _outputs(path)
            if path.stem not in keep:
                spare.append((path.stat().st_mtime, path, outputs))
            for file in outputs:
                wanted[file] = wanted.get(file, 0) + 1
        sizes = self._sizes()
        total = sum(sizes.values())
        gone = sorted(set(sizes) - set(wanted))
        left = total - sum(sizes[file] for file in gone)
        markers: list[Path] = []
        for _, path, outputs in sorted(spare):
            if left <= limit:
                break
            markers.append(path)
            for file in outputs:
                wanted[file] -= 1
                if not wanted[file] and file in sizes:
                    gone.append(file)
                    left -= sizes[file]
        for path in [*markers, *(self.objects / file for file in gone)]:
            self.forget(path)
        return Freed(len(gone), total - left, left)

    def _sizes(self) -> dict[str, int]:
        """Return all outputs with their bytes."""
        if self.remote is None:
            return {path.name: path.stat().st_size for path in self.objects.iterdir()}
        return {
            name.removeprefix("objects/"): size for name, size in self._there.items() if name.startswith("objects/")
        }


def mirror(remote: Remote) -> Path:
    """Return the folder of this machine in which the build keeps its copy of what lies at a URL."""
    return cache.folder() / digests.of_value(remote.url)[:16]


def _is_whole(path: Path) -> bool:
    """Say whether an output has the bytes that its name promises; one that is not there is another's business."""
    try:
        return digests.of_file(path) == path.name.partition(".")[0]
    except FileNotFoundError:
        return True
    except OSError:  # what the disk does not give back is lost
        return False


def _outputs(marker: Path) -> list[str]:
    try:
        return [file for _, file in json.loads(marker.read_bytes())["outputs"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
