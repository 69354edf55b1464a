"""Which files of a folder are input, and what their bytes are."""

from __future__ import annotations

import errno
import io
import os
import stat
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, cast

from corpuskit.errors import InputError, MissingError, plainly
from corpuskit.sources.declared import glob_matches
from corpuskit.sources.options import Options
from corpuskit.storage import Remote

__all__ = ["FORMATS", "InputFile", "Part", "Seen", "digest", "discover", "format_of", "opened", "require_unchanged", "seen"]

#: File name extension to format. `compressed` ones may also end in .gz or .zst.
FORMATS = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".json": "json",
    ".arrow": "arrow",
    ".warc": "warc",
    ".wet": "warc",
    ".epub": "epub",
    ".docx": "docx",
    ".pdf": "pdf",
    ".zip": "zip",
    ".tar": "tar",
    ".tgz": "tar",
}
_COMPRESSIONS = {".gz": "gz", ".zst": "zst", ".zstd": "zst"}
_UNPACKED_ONLY = ("parquet", "zip", "epub", "docx", "pdf")  # packed inside already
#: What `datasets.save_to_disk` writes beside the data.
_OF_DATASETS = ("dataset_info.json", "state.json", "dataset_dict.json")
_SAVED = frozenset({"state.json", "dataset_dict.json"})  # one of these marks such a folder
#: What lasts until somebody changes rights or links, so that it belongs to the input; all else that the system says may pass.
_LASTING = (errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
#: What is never opened. "again", links to files that are read anyway, is passed over; all else is quarantined: links that lead
#: outside or to themselves, names that are not UTF-8, names that another file has in another spelling of Unicode, pipes and
#: devices, what there is no right to read.
_NEVER_OPENED = ("again", "link", "loop", "name", "twin", "special", "unreadable")
_MISSING = (errno.ENOENT, errno.ENOTDIR)
_OWN_FILES = ("sources.toml", "corpuskit.toml", "card.toml", "README.md")  # at the root only


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a large file, cut between records: bytes of text, row groups of Parquet."""

    start: int
    stop: int
    before: int  #: records that stand before it: what the numbers of its own go on from


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file below the input root, or a part of it."""

    path: str  #: NFC, POSIX, relative to the root
    size: int  #: bytes on disk
    format: str  #: a value of `FORMATS`, or "unknown", or one of `_NEVER_OPENED`
    compression: str = ""  #: "", "gz" or "zst"
    on_disk: str = ""  #: the relative path as the file system spells it
    part: Part | None = None  #: what to read of it; None: all
    same_as: str = ""  #: of a link to a file that is read anyway: the path of that one


def format_of(name: str) -> tuple[str, str]:
    """Return format and compression of a file name, by its extensions alone; "unknown" where they say nothing."""
    stem, extension = os.path.splitext(name.lower())
    if extension == ".tgz":
        return "tar", "gz"
    compression = _COMPRESSIONS.get(extension, "")
    if compression:
        extension = os.path.splitext(stem)[1]
    kind = FORMATS.get(extension, "unknown")
    return ("unknown", "") if compression and kind in _UNPACKED_ONLY else (kind, compression)


def discover(root: Path | Remote, options: Options, without: Collection[str] = ()) -> list[InputFile]:
    """Return the input files below the folder `root`, or `root` itself when it is a local file, sorted by path.

    Folders `without`, relative to `root`, are left out. So are hidden files and folders, what describes the folder itself
    (sources.toml, corpuskit.toml, card.toml, README.md, at its root), the notes of `datasets` beside the data that it saves
    or caches, and what `options.ignore` matches. Links to files inside `root` that are listed themselves have the format "again",
    so that each is read once; other links to files inside are followed; links to folders inside add nothing and are skipped;
    links that lead outside are listed with the format "link", files and folders (ending in a slash)
    without the right to be read with the format "unreadable", and of files whose names are one in NFC all but the first with
    the format "twin", so that reading quarantines them. Raises `MissingError` when there is no `root`,
    `InputError` when it cannot be read, or when the disk fails.
    """
    if isinstance(root, Remote):
        return _discover_remote(root, options, without)
    try:
        if root.is_file():
            return [replace(_described(root.parent.resolve(), root.parent, root.name), same_as="")]
        resolved = root.resolve(strict=True)
        os.listdir(root)
    except OSError as error:
        kind = MissingError if error.errno in _MISSING else InputError
        raise kind(f"{root}: {error.strerror or error}; name a folder of texts, or one file") from error
    found: list[InputFile] = []

    def refuse(error: OSError) -> None:
        if error.errno not in _LASTING:
            raise _failed(str(error.filename), 0, error) from error
        folder = os.path.relpath(error.filename, root) + "/"
        found.append(replace(_described(resolved, root, folder), format="unreadable"))

    for folder, folders, names in os.walk(root, onerror=refuse):
        relative = os.path.relpath(folder, root)
        prefix = "" if relative == "." else relative + "/"
        folders[:] = [name for name in folders if prefix + name not in without]
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        folders[:] = sorted(name for name in folders if name not in links and not name.startswith("."))
        outside = [name for name in links if not _inside(resolved, Path(folder, name))]
        cached = "dataset_info.json" in names and any(name.endswith(".arrow") for name in names)
        saved = cached or not _SAVED.isdisjoint(names)
        for name in [*names, *outside]:
            if name.startswith(".") or (not prefix and name in _OWN_FILES):
                continue
            if saved and (name in _OF_DATASETS or (name.startswith("cache-") and name.endswith(".arrow"))):
                continue
            found.append(_described(resolved, root, prefix + name))
    return _wanted(found, options)


def _wanted(files: list[InputFile], options: Options) -> list[InputFile]:
    """Return the files that are not to be ignored, in order; of those that are one name in NFC, all but the first are "twin", and
    links to what is read are "again".
    """
    wanted = [file for file in files if not any(glob_matches(glob, file.path) for glob in options.ignore)]
    # "é.txt" as one letter comes before the same name as e and an accent, which other systems write
    wanted.sort(key=lambda file: (file.path, file.on_disk != file.path, file.on_disk))
    opened: set[str] = set()
    for at, file in enumerate(wanted):
        if file.format in _NEVER_OPENED:
            continue
        if file.path in opened:
            wanted[at] = replace(file, size=0, format="twin", compression="")
        opened.add(file.path)
    return _once(wanted) if any(file.same_as for file in wanted) else wanted


def _once(files: list[InputFile]) -> list[InputFile]:
    """Return `files` with the links to what is read under another name as "again", and no `same_as` for all others.

    A link to what is not read by itself (hidden, ignored, of no known format) is the name under which it is read.
    """
    read = {
        file.on_disk: file.path
        for file in files
        if not file.same_as and file.format != "unknown" and file.format not in _NEVER_OPENED
    }
    found: list[InputFile] = []
    for file in files:
        if file.same_as and file.format not in _NEVER_OPENED:
            first = read.get(file.same_as, "")
            if not first and file.format != "unknown":
                read[file.same_as] = file.path  # another link to it is read no second time
            file = replace(file, size=0, format="again", compression="", same_as=first) if first else replace(file, same_as="")
        found.append(file)
    return found


def _discover_remote(root: Remote, options: Options, without: Collection[str]) -> list[InputFile]:
    """The same for storage by URL, where there are no links and no hidden kinds of files."""
    sizes = root.sizes()
    own = tuple(f"{folder}/" for folder in without)
    folders = {name.rpartition("/")[0] for name in sizes if name.rpartition("/")[2] in _SAVED}
    found = []
    for name, size in sizes.items():
        folder, _, last = name.rpartition("/")
        if any(part.startswith(".") for part in name.split("/")) or name in _OWN_FILES:
            continue
        if name.startswith(own):
            continue
        if folder in folders and (last in _OF_DATASETS or (last.startswith("cache-") and last.endswith(".arrow"))):
            continue
        found.append(InputFile(unicodedata.normalize("NFC", name), size, *format_of(name), name))
    return _wanted(found, options)


def _inside(resolved: Path, path: Path) -> bool:
    try:
        return path.resolve().is_relative_to(resolved)
    except (OSError, RuntimeError):  # a loop of links
        return False


def _loops(path: Path) -> bool:
    try:
        path.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def _described(resolved: Path, root: Path, on_disk: str) -> InputFile:
    try:
        path = unicodedata.normalize("NFC", os.fsencode(on_disk).decode("utf-8"))
    except UnicodeDecodeError:
        # never opened; the bytes themselves ("bad-\\xff.txt") have no place in digests and messages, which are UTF-8
        return InputFile(os.fsencode(on_disk).decode("utf-8", "backslashreplace"), 0, "name")
    place = root / on_disk
    leads_to = ""
    try:
        if place.is_symlink():
            if not _inside(resolved, place):
                return InputFile(path, 0, "loop" if _loops(place) else "link", "", on_disk)
            leads_to = os.path.relpath(place.resolve(), resolved)
        status = place.stat()
    except OSError as error:
        if error.errno not in _LASTING:
            raise _failed(path, 0, error) from error
        # a link to itself; or gone, a link to nothing, or not ours to see
        return InputFile(path, 0, "loop" if error.errno == errno.ELOOP else "unreadable", "", on_disk)
    if not stat.S_ISREG(status.st_mode):  # a pipe or a device would block or never end
        return InputFile(path, 0, "special", "", on_disk)
    if not os.access(place, os.R_OK):
        return InputFile(path, 0, "unreadable", "", on_disk)
    return InputFile(path, status.st_size, *format_of(on_disk), on_disk, same_as=leads_to)


def digest(root: Path | Remote, file: InputFile) -> str:
    """Return the sha256 of the bytes of `file`, in hex; of its format's name for what is never opened.

    Raises `InputError` when it cannot be read.
    """
    if file.format in _NEVER_OPENED:
        return sha256(file.format.encode()).hexdigest()
    taken = sha256()
    with opened(root, file) as stream:
        while chunk := stream.read(1 << 20):
            taken.update(chunk)
    return taken.hexdigest()


@dataclass(frozen=True, slots=True)
class Seen:
    """An input file as it was when it was digested."""

    digest: str
    state: str  #: what the system said of it before that: size and times, or what storage by URL has for them


def seen(root: Path | Remote, file: InputFile) -> Seen:
    """Digest `file`, and note its state. Raises `InputError` when it cannot be read."""
    state = _state(root, file)  # first: a change while it is digested is one, too
    return Seen(digest(root, file), state)


def require_unchanged(root: Path | Remote, file: InputFile, was: Seen) -> None:
    """Raise `InputError` where the bytes of `file` are no longer those that were `seen`.

    They are digested again only where the state is another: somebody may have touched the file, and no more.
    """
    if _state(root, file) != was.state and digest(root, file) != was.digest:
        raise InputError(f"{file.path}: was changed while the build read it; run again when nobody writes to it")


def _state(root: Path | Remote, file: InputFile) -> str:
    if file.format in _NEVER_OPENED:
        return ""
    if isinstance(root, Remote):
        try:
            return root.state(file.on_disk or file.path)
        except OSError as error:
            raise _failed(file.path, 0, error) from error
    try:
        status = os.stat(root / (file.on_disk or file.path) if root.is_dir() else root)
    except OSError as error:
        raise _failed(file.path, 0, error) from error
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


def opened(root: Path | Remote, file: InputFile) -> BinaryIO:
    """Return `file` as a stream, for a `root` that is a folder or the file itself.

    Opening it and reading from it raise `InputError` for all that the system or the storage says.
    """
    if isinstance(root, Remote):
        return cast("BinaryIO", _Medium(file.path, root.open(file.on_disk or file.path, file.size)))
    try:
        stream = open(root / (file.on_disk or file.path) if root.is_dir() else root, "rb")  # noqa: SIM115  # the caller closes it
    except OSError as error:
        raise _failed(file.path, 0, error) from error
    return cast("BinaryIO", _Medium(file.path, stream))


class _Medium(io.RawIOBase):
    """An input file whose disk or network may fail. That is no damage of the data, and may have passed when it is read again: it
    ends the task as an `InputError`, which readers do not catch, instead of becoming a quarantine that stays.
    """

    def __init__(self, path: str, stream: BinaryIO) -> None:
        self._path = path
        self._stream = stream

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._stream.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position."""
        return self._stream.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        """Return the next `size` bytes, fewer at the end only."""
        try:
            return self._stream.read(size)
        except OSError as error:
            raise _failed(self._path, self._stream.tell(), error) from error
        except InputError as error:  # of storage by URL, which knows of no place in the file
            raise InputError(f"{self._path}, byte {self._stream.tell()}: {error}") from error

    def readinto(self, buffer: Any) -> int:
        """Read into `buffer`; return how many bytes."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()
        super().close()


def _failed(path: str, offset: int, error: OSError) -> InputError:
    why = error.strerror or plainly(error)
    return InputError(f"{path}, byte {offset}: cannot be read: {why}; run again when it can, or leave it out: [ingest] ignore")
