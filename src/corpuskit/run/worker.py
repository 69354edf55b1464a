"""A worker process: takes one task at a time, says what it is at in shared memory, and ends with its parent."""

from __future__ import annotations

import json
import mmap
import os
import signal
import struct
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from corpuskit.errors import CorpuskitError
from corpuskit.process import ALONE, settle
from corpuskit.run.store import Marker
from corpuskit.run.task import Task

__all__ = ["At", "Board", "Worker", "resident", "serve"]

_BOARD = 4096
_HEAD = struct.Struct("<QQI")  # changes (odd while one is written), documents done, bytes of text behind


@dataclass(frozen=True, slots=True)
class At:
    """What a worker is at."""

    changes: int  #: counts up; as long as it stays, nothing was noted
    what: str = ""  #: id or path; empty when nothing whole stands there
    source: str = ""
    done: int = 0  #: documents of the task that are done


class Board:
    """A page of an open file that a worker writes and its parent reads. It outlives the worker, however that ends."""

    def __init__(self, descriptor: int) -> None:
        self._page = mmap.mmap(descriptor, _BOARD)
        self._changes = 0

    def note(self, what: str, source: str, done: int) -> None:
        """Write what is worked on."""
        text = f"{what}\0{source}".encode()[: _BOARD - _HEAD.size]
        self._changes += 2
        _HEAD.pack_into(self._page, 0, self._changes - 1, done, len(text))
        self._page[_HEAD.size : _HEAD.size + len(text)] = text
        _HEAD.pack_into(self._page, 0, self._changes, done, len(text))

    def read(self) -> At:
        """Return what stands there."""
        changes, done, size = _HEAD.unpack_from(self._page)
        text = self._page[_HEAD.size : _HEAD.size + size].decode("utf-8", "replace")
        if changes % 2:
            return At(changes)
        what, _, source = text.partition("\0")
        return At(changes, what, source, done)

    def close(self) -> None:
        """Let go of the page."""
        self._page.close()


#: What the new process runs: nothing of the parent's main module, only this package from where the parent has it.
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from corpuskit.run.worker import serve; serve(*sys.argv[2:])"


class Worker:
    """The parent's end of a worker process."""

    def __init__(self, address: str) -> None:
        self.connection, theirs = Pipe()
        watched, self._life = os.pipe()  # the other end sees it closed when this process is no more
        with tempfile.TemporaryFile() as page:
            page.truncate(_BOARD)
            self.board = Board(page.fileno())
            shared = (theirs.fileno(), watched, page.fileno())
            arguments = [json.dumps(sys.path), address, *map(str, shared)]
            self.process = subprocess.Popen(  # noqa: S603  # this interpreter, with arguments of our own
                [sys.executable, "-c", _START, *arguments], pass_fds=shared, stdin=subprocess.DEVNULL, env={**ALONE, **os.environ}
            )
        theirs.close()
        os.close(watched)

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid

    def give(self, task: Task, careful: bool) -> None:
        """Hand over a task. Raises `OSError` when the worker is no more."""
        self.connection.send((task, careful))

    def take(self) -> Marker | BaseException:
        """Return what came of the task; raise `EOFError` or `OSError` when the worker died under it."""
        found: Marker | BaseException = self.connection.recv()
        return found

    def end(self) -> None:
        """End the process at once, wherever it is: what it has not committed does not count."""
        self.process.kill()
        self.process.wait()
        self.connection.close()
        os.close(self._life)
        self.board.close()


def serve(address: str, channel: str, watched: str, board: str) -> None:
    """Perform tasks until the parent is gone. The arguments are a store's address and three file descriptors."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    settle()
    sys.meta_path.insert(0, _NoPandas())
    threading.Thread(target=_follow, args=(int(watched),), daemon=True).start()
    from corpuskit.run.perform import perform

    connection: Connection[Any, Any] = Connection(int(channel))
    page = Board(int(board))
    while True:
        try:
            task, careful = connection.recv()
        except (EOFError, OSError):
            return
        page.note("", "", 0)
        try:
            found: Marker | BaseException = perform(address, task, page.note, careful)
        except MemoryError:
            os._exit(1)  # as if it had been killed for it: the parent tries again, one document at a time
        except Exception as error:  # told to the parent, who raises it
            found = _portable(error)
        connection.send(found)


class _NoPandas(MetaPathFinder):
    """Finds no pandas: pyarrow imports it at its first list, to ask whether that is one of its columns. No task has any,
    and each worker would spend 0.3 s and 50 MB on it.
    """

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        del path, target
        if fullname == "pandas":
            raise ModuleNotFoundError(f"no {fullname} in workers", name=fullname)


def _follow(watched: int) -> None:
    """End this process when its parent has ended, even if that was by kill -9."""
    os.read(watched, 1)
    os._exit(1)


def _portable(error: Exception) -> BaseException:
    """Return an error that survives the way to another process, with the place where it was raised."""
    import pickle
    import traceback

    try:
        again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own error, never what was read
    except Exception:
        again = None
    if type(again) is type(error) and isinstance(error, CorpuskitError):
        return error
    return CorpuskitError("a task failed in a worker process:\n" + "".join(traceback.format_exception(error)))


def resident(pid: int) -> int:
    """Return the bytes of memory that a process holds, 0 where the system does not say."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * mmap.PAGESIZE
