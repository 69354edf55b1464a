"""Storage by URL: whatever fsspec reaches (``s3://``, ``gs://``, ``az://``, ``hf://`` …), with retries.

Credentials and endpoints are the environment's business (AWS_ENDPOINT_URL, FSSPEC_S3_KEY and the like); none is taken
from a configuration file or written anywhere. ``file://`` is a path like others.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from corpuskit.errors import ConfigError, InputError, OutputError, plainly

__all__ = ["Remote", "RemoteFile", "is_url", "place_of"]

T = TypeVar("T")

_TRIES = 5
_PAUSE = 0.25  # seconds before the second try; doubled before each further one
_BLOCK = 8 << 20  # bytes that are read at a time
#: How storages say that the bytes of a file are others than before, the best first.
_MARKS = ("ETag", "etag", "md5Hash", "blob_id", "LastModified", "last_modified", "updated", "mtime", "created")
#: What another try does not mend.
_FINAL = (FileNotFoundError, IsADirectoryError, NotADirectoryError, NotImplementedError, ValueError)


def is_url(text: str) -> bool:
    """Say whether `text` is a URL of some storage, rather than a path."""
    return "://" in text and not text.startswith("file://")


def place_of(text: str, home: Path = Path()) -> Path | Remote:
    """Return the place that `text` names: a path, relative to `home`, or storage by URL."""
    return Remote(text.rstrip("/")) if is_url(text) else home / text.removeprefix("file://")


@lru_cache(maxsize=16)
def _opened(url: str) -> tuple[Any, str]:
    import fsspec

    try:
        fs, base = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        remedy = 'pip install "corpuskit[s3]"' if url.startswith("s3://") else "install what fsspec asks for"
        raise ConfigError(f"{url}: {error}; {remedy}") from error
    return fs, base.rstrip("/")


@dataclass(frozen=True, slots=True)
class Remote:
    """A folder by URL. Names are relative to it, POSIX. Every call is tried again when the network fails.

    Raises `FileNotFoundError` for what is not there to be read, `OutputError` where nothing can be put, `InputError` when
    access is refused or all tries failed.
    """

    url: str

    def __str__(self) -> str:
        return self.url

    @property
    def name(self) -> str:
        """The last part of the URL."""
        return self.url.rpartition("/")[2]

    def __truediv__(self, name: str) -> Remote:
        return Remote(f"{self.url}/{name}")

    def local_to_this_process(self) -> bool:
        """Say whether no other process sees what is there."""
        return self.url.startswith("memory://")

    def _at(self, name: str) -> tuple[Any, str]:
        fs, base = _opened(self.url)
        return fs, f"{base}/{name}" if name else base

    def _again(self, what: str, call: Callable[[], T]) -> T:
        place = f"{self.url}/{what}" if what else self.url
        for number in range(_TRIES):
            try:
                return call()
            except PermissionError as error:  # those of s3fs name no file
                raise InputError(f"{place}: {plainly(error)}; look at the credentials in the environment") from error
            except _FINAL:
                raise
            except Exception as error:  # each storage has its own errors for a network that fails
                if number + 1 == _TRIES:
                    why = str(error).split("\n", 1)[0]
                    raise InputError(
                        f"{place}: failed {_TRIES} times: {type(error).__name__}: {why}; run again when it answers"
                    ) from error
                time.sleep(_PAUSE * 2**number)
        raise AssertionError("unreachable")

    def read(self, name: str) -> bytes:
        """Return the bytes of a small file."""
        fs, path = self._at(name)
        data: bytes = self._again(name, lambda: fs.cat_file(path))
        return data

    def write(self, name: str, data: bytes) -> None:
        """Write a small file, whole or not at all as far as the storage does."""
        self._put(name, lambda fs, place: fs.pipe_file(place, data))

    def download(self, name: str, path: Path) -> None:
        """Bring a file to `path`, which has the old content or the new, never a part."""
        fs, place = self._at(name)
        waiting = path.with_name(path.name + ".coming")
        self._again(name, lambda: fs.get_file(place, str(waiting)))
        waiting.replace(path)

    def upload(self, path: Path, name: str) -> None:
        """Bring a local file here."""
        self._put(name, lambda fs, place: fs.put_file(str(path), place))

    def _put(self, name: str, call: Callable[[Any, str], None]) -> None:
        fs, place = self._at(name)

        def put() -> None:
            _make_parents(fs, place)
            call(fs, place)

        try:
            self._again(name, put)
        except FileNotFoundError as error:
            raise OutputError(
                f"{self.url}/{name}: cannot be written: {plainly(error)}; make the bucket or folder, or name another"
            ) from error

    def exists(self, name: str) -> bool:
        """Say whether a file is here."""
        fs, path = self._at(name)
        return bool(self._again(name, lambda: fs.isfile(path)))

    def state(self, name: str) -> str:
        """Return what the storage says of a file without reading it: another text when its bytes are others, as far as the
        storage marks that.
        """
        fs, path = self._at(name)

        def asked() -> dict[str, Any]:
            fs.invalidate_cache(path)  # else the listing in which it was found answers
            found: dict[str, Any] = fs.info(path)
            return found

        info = self._again(name, asked)
        return f"{info.get('size')} {next((info[mark] for mark in _MARKS if info.get(mark)), '')}"

    def missing(self) -> str:
        """Return what the storage says when there is no folder or file of this URL, nothing when there is one."""
        fs, path = self._at("")
        try:
            self._again("", lambda: fs.info(path))
        except FileNotFoundError as error:
            return plainly(error)
        return ""

    def sizes(self, name: str = "", deep: bool = True) -> dict[str, int]:
        """Return the files below folder `name` ("" for all), relative to it, with their bytes; empty when it is not there."""
        fs, path = self._at(name)

        def listed() -> dict[str, Any]:
            fs.invalidate_cache()
            try:
                found: dict[str, Any] = fs.find(path, maxdepth=None if deep else 1, detail=True)
            except FileNotFoundError:
                return {}
            return found

        found = self._again(name, listed)
        return {key[len(path) :].lstrip("/"): int(info["size"] or 0) for key, info in sorted(found.items()) if key != path}

    def remove(self, names: Iterable[str]) -> None:
        """Remove files; those that are gone already are no error."""
        for name in names:
            fs, path = self._at(name)
            with suppress(FileNotFoundError):
                self._again(name, partial(fs.rm_file, path))

    def open(self, name: str, size: int) -> BinaryIO:
        """Return a file of `size` bytes as a stream that can be read in any order, a few megabytes in memory."""
        return cast("BinaryIO", _Stream(lambda start, stop: self._range(name, start, stop), size))

    def file(self, name: str) -> RemoteFile:
        """Return a file that is to be read here and there, a little at a time; it is not looked for."""
        return RemoteFile(self, name)

    def _range(self, name: str, start: int, stop: int) -> bytes:
        fs, path = self._at(name)
        data: bytes = self._again(name, lambda: fs.cat_file(path, start=start, end=stop))
        return data


def _make_parents(fs: Any, path: str) -> None:
    """Make the folders of a path where the storage has any."""
    parent = path.rpartition("/")[0]
    if parent and "s3" not in fs.protocol:  # there, a folder's parent is taken for a bucket to be made
        fs.makedirs(parent, exist_ok=True)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of which only some stretches are wanted: each is one request, and nothing else is brought."""

    remote: Remote
    name: str

    def __str__(self) -> str:
        return f"{self.remote}/{self.name}"

    def open(self, mode: str = "rb") -> BinaryIO:
        """Return the file as a stream to be read at known places. Raises `ValueError` for another mode."""
        if mode != "rb":
            raise ValueError(f"mode {mode!r}: it can only be read")
        return cast("BinaryIO", _Stream(partial(self.remote._range, self.name), sys.maxsize, block=0))


class _Stream(io.RawIOBase):
    """A file read in blocks, so that a connection that breaks costs one block."""

    def __init__(self, fetch: Callable[[int, int], bytes], size: int, block: int = _BLOCK) -> None:
        self._fetch = fetch
        self._block = block
        self._size = size
        self._at = 0
        self._start = 0
        self._held = b""

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Return the next `size` bytes, fewer at the end only."""
        stop = self._size if size < 0 else min(self._size, self._at + size)
        parts: list[bytes] = []
        while self._at < stop:
            if not self._start <= self._at < self._start + len(self._held):
                self._start = self._at
                self._held = self._fetch(self._at, min(self._size, max(stop, self._at + self._block)))
                if not self._held:
                    raise OSError(f"the file ended at byte {self._at}, of {self._size} that it should have")
            part = self._held[self._at - self._start : stop - self._start]
            parts.append(part)
            self._at += len(part)
        return b"".join(parts)

    def readinto(self, buffer: Any) -> int:
        """Read into `buffer`; return how many bytes."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
