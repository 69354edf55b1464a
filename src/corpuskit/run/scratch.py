"""Folders for the files of one task in the temporary folder of this machine.

A process that is killed leaves its own behind. Each folder is locked for as long as its process lives, so that every
other can tell what is left over, and removes it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["scratch", "sweep"]

_PREFIX = "corpuskit-task-"


@contextmanager
def scratch(name: str) -> Iterator[Path]:
    """Give a folder with `name` in its own name, and remove it with all that is left in it, and what killed processes left."""
    sweep()
    made = Path(tempfile.mkdtemp(prefix=f"corpuskit-new-{name}-"))  # a name that nobody sweeps before it is locked
    handle = os.open(made, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks: nothing is swept there
            fcntl.flock(handle, fcntl.LOCK_EX)
        folder = made.rename(made.with_name(made.name.replace("corpuskit-new-", _PREFIX, 1)))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)


def sweep() -> None:
    """Remove the folders of processes that are no more."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # in use, gone by now, or another user's
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path)
            finally:
                os.close(handle)
