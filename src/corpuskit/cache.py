"""The folder of this machine for what can be made again, and arrays in it that processes share.

Arrays that take long to make (a model that has to be unpacked) are kept as one file that each process maps into its
memory: they are there at once, and once for all processes. The name of a file says what it was made from, and its first
bytes are the check sum of all others (by xxHash: SHA-256 took 0.06 s of each start). What does not fit is made again, and
a folder that cannot be written to costs time and nothing else: no result depends on what lies there.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

__all__ = ["Arrays", "arrays", "folder"]

Arrays = Mapping[str, NDArray[Any]]

_DIGEST = 16  # bytes; behind them stands the length of the list of arrays, in eight bytes
_FORMAT = b"xxh3"  # of these files: another name for another one
_ALIGNED = 64  # arrays begin at multiples of this
_UNUSED = 30 * 86400.0  # seconds after which a file of other contents goes


def folder() -> Path:
    """Return the folder; it may not be there. Raises `RuntimeError` where nobody has a home."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "corpuskit")


def arrays(name: str, made_from: bytes, make: Callable[[], Arrays]) -> Arrays:
    """Return what `make` makes out of `made_from`, from the file of that name in the cache. Not to be written to.

    Where there is no such file, or a damaged one, `make` is called and the file written for the next process.
    """
    try:
        path = folder() / f"{name}-{hashlib.sha256(_FORMAT + made_from).hexdigest()[:32]}.arrays"
    except RuntimeError:
        return make()
    with suppress(OSError, ValueError):
        return _read(path)
    made = make()
    with suppress(OSError):
        _write(path, made)
        for other in path.parent.glob(f"{name}-*"):
            if time.time() - other.stat().st_mtime > _UNUSED:
                other.unlink()
    return made


def _read(path: Path) -> Arrays:
    with path.open("rb") as stream:
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    data = memoryview(mapped)
    if xxhash.xxh3_128_digest(data[_DIGEST:]) != data[:_DIGEST]:
        raise ValueError(f"{path}: damaged")
    mapped.madvise(mmap.MADV_DONTNEED)  # what was read for the digest alone is not this process's memory
    with suppress(OSError):  # of use just now
        os.utime(path)
    start = _DIGEST + 8
    first = start + int.from_bytes(data[_DIGEST:start], "little")
    return {
        name: np.frombuffer(data, dtype, int(np.prod(shape, dtype=np.int64)), first + at).reshape(shape)
        for name, dtype, shape, at in json.loads(bytes(data[start:first]))
    }


def _write(path: Path, made: Arrays) -> None:
    listed = []
    blocks: list[memoryview | bytes] = []
    at = 0
    for name, array in made.items():
        listed.append([name, array.dtype.str, array.shape, at])
        blocks += [np.ascontiguousarray(array).reshape(-1).view(np.uint8).data, bytes(-array.nbytes % _ALIGNED)]
        at += array.nbytes + len(blocks[-1])
    said = json.dumps(listed).encode()
    said += b" " * (-(_DIGEST + 8 + len(said)) % _ALIGNED)
    blocks = [len(said).to_bytes(8, "little"), said, *blocks]
    digest = xxhash.xxh3_128()
    for block in blocks:
        digest.update(block)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, waiting = tempfile.mkstemp(prefix=f"{path.stem}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines([digest.digest(), *blocks])
        os.replace(waiting, path)
    except BaseException:
        os.unlink(waiting)
        raise
