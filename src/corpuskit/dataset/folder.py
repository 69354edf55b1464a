"""Where a dataset is built and how it takes its place.

A build writes into ``processed/.build/<name>/next`` and never into the dataset folder. Publishing moves the
old folder to ``.build/<name>/previous`` and the new one in. A file ``ready`` beside them says that ``next``
is complete and that the swap has begun; while it is there, `_swap` can be repeated from any point at which a
process may have died.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from corpuskit.errors import OutputError, UsageError

__all__ = ["Place", "is_ours", "place", "prepare", "publish", "refuse_strangers", "repair", "writing"]

#: Names that are safe as a folder, as the last part of a Hub id, and inside a glob.
_NAME = re.compile(r"[^\W_][\w.-]{0,95}")


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of one dataset."""

    target: Path  #: the dataset folder, ``processed/<name>``
    workshop: Path  #: what builds keep for themselves, ``processed/.build/<name>``

    @property
    def next(self) -> Path:
        """The folder in which the coming dataset is written."""
        return self.workshop / "next"

    @property
    def previous(self) -> Path:
        """The dataset that the last publishing replaced."""
        return self.workshop / "previous"

    @property
    def ready(self) -> Path:
        """The file that says: `next` is complete, the swap has begun."""
        return self.workshop / "ready"


def place(processed: Path, name: str) -> Place:
    """Return the folders of the dataset `name` below `processed`; nothing is made.

    Raises `UsageError` when the name cannot be a folder and a dataset's name, `OutputError` when the path has
    a square bracket in it: `datasets` takes the path for a glob then, and finds no files.
    """
    if not _NAME.fullmatch(name) or name.endswith("."):
        raise UsageError(
            f"{name!r} cannot name a dataset: use letters, digits, '-', '_' and '.', and begin with one of "
            "the first two"
        )
    root = processed.absolute()
    if "[" in str(root) or "]" in str(root):
        raise OutputError(
            f"{root}: a path with '[' or ']' cannot be loaded by datasets, which reads it as a pattern; "
            "rename the folder or choose another output"
        )
    return Place(root / name, root / ".build" / name)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system says about writing to `path` (full disk, no permission) into one `OutputError`."""
    try:
        yield
    except OSError as error:
        named = error.filename if isinstance(error.filename, str) else str(path)
        why = os.strerror(error.errno) if error.errno else str(error).splitlines()[0]
        raise OutputError(f"{named}: cannot be written: {why}") from error


def prepare(where: Place) -> Path:
    """Return an empty `where.next`, after finishing a swap that was interrupted.

    Raises `OutputError` when a folder cannot be made, or when something else than a dataset stands at the
    target.
    """
    with writing(where.target):
        where.workshop.mkdir(parents=True, exist_ok=True)
        repair(where)
        refuse_strangers(where.target)
        if where.next.exists():
            shutil.rmtree(where.next)
        where.next.mkdir()
    return where.next


def publish(where: Place) -> Path:
    """Put the finished dataset of `where.next` in its place and return the dataset folder.

    The files are on the disk before the swap begins. The dataset that stood there becomes `where.previous`.
    Raises `OutputError` when that fails; the next `prepare` or `repair` finishes the swap.
    """
    with writing(where.target):
        refuse_strangers(where.target)
        for folder, _, files in os.walk(where.next):
            for name in files:
                sync(Path(folder, name))
            sync(Path(folder))
        where.ready.write_bytes(b"")
        sync(where.ready)
        sync(where.workshop)
        _swap(where)
    return where.target


def repair(where: Place) -> bool:
    """Finish a swap that was interrupted; return whether there was one. Raises `OutputError`."""
    if not where.ready.exists():
        return False
    with writing(where.target):
        _swap(where)
    return True


def _swap(where: Place) -> None:
    """Move the target out and the new dataset in. Each step is skipped when an earlier try has done it."""
    if where.next.exists():
        if where.target.exists():
            if where.previous.exists():
                shutil.rmtree(where.previous)
            where.target.rename(where.previous)
        where.next.rename(where.target)
    sync(where.target.parent)
    sync(where.workshop)
    where.ready.unlink(missing_ok=True)


def refuse_strangers(target: Path) -> None:
    """Raise `OutputError` where what stands at `target` was not written by corpuskit, and is not to be moved away: a person's own
    folder may have the dataset's name.
    """
    if not target.exists():
        return
    card = target / "README.md"
    if not target.is_dir() or (any(target.iterdir()) and not (card.is_file() and is_ours(card.read_bytes()))):
        raise OutputError(
            f"{target}: is not a dataset folder that corpuskit wrote; move it away or choose another name"
        )


def is_ours(card: bytes) -> bool:
    """Say whether a card has the tag that every card of corpuskit has."""
    return b"\n- corpuskit\n" in card.replace(b"\r\n", b"\n")


def sync(path: Path) -> None:
    """Wait until `path`, a file or a folder, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
