"""The lock that keeps two builds of one dataset apart: a file in the folder in which they work."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from corpuskit.errors import CorpuskitError, OutputError
from corpuskit.run.waiting import Say, waiting

__all__ = ["locked"]

_NAME = "lock"
_TICK = 0.05  # seconds between two tries


@contextmanager
def locked(root: Path, patience: float, say: Say) -> Iterator[None]:
    """Hold the lock of folder `root`, which is made, after waiting for another build there to finish, which is said.

    `make -j4 clean enrich` starts two builds that need the same stages: the second finds them done. Where the block fails and
    has left no file, the folders that were made for it go again: a slip of the pen in a path leaves nothing behind.

    Raises `CorpuskitError` when `patience` seconds were not enough, `OutputError` when the folder cannot be made.
    """
    made = [folder for folder in (root, *root.parents) if not folder.exists()]
    handle = _taken(root, patience, say)
    try:
        yield
    except BaseException:
        if made and not any(path.is_file() for path in root.rglob("*") if path.name != _NAME):
            shutil.rmtree(root, ignore_errors=True)
            with suppress(OSError):  # another dataset is built beside this one by now
                for folder in made[1:]:
                    folder.rmdir()
        raise
    finally:
        os.close(handle)


def _taken(root: Path, patience: float, say: Say) -> int:
    """Return the open file that holds the lock."""
    handle = _opened(root)
    if _tried(handle, root, say):
        return handle
    try:
        with waiting(say, f"another build that works in {root}", patience):
            deadline = time.monotonic() + patience
            while time.monotonic() < deadline:
                time.sleep(_TICK)
                if not _stands(handle, root):  # whoever held it has left nothing behind
                    os.close(handle)
                    handle = _opened(root)
                if _tried(handle, root, say):
                    return handle
        raise CorpuskitError(f"another build works in {root}; try again when it is done")
    except BaseException:
        os.close(handle)
        raise


def _opened(root: Path) -> int:
    try:
        root.mkdir(parents=True, exist_ok=True)
        return os.open(root / _NAME, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise OutputError(f"{root}: cannot be written: {error.strerror}") from error


def _stands(handle: int, root: Path) -> bool:
    """Say whether an open lock is the one that others would open: a build that failed may have removed it."""
    try:
        return os.path.samestat(os.fstat(handle), os.stat(root / _NAME))
    except FileNotFoundError:
        return False


def _tried(lock: int, root: Path, say: Say) -> bool:
    """Take a lock, unless another process has it or it is gone. On a file system without locks (Lustre as it is usually mounted)
    that is said, and nobody waits an hour for a build that there is not.
    """
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        say(f"the output folder cannot be locked ({error.strerror}): start no second build of this dataset")
        return True
    return _stands(lock, root)
