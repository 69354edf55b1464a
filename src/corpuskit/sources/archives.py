"""ZIP and tar, read in place: nothing is unpacked to disk, and no path is built from a member's name."""

from __future__ import annotations

import re
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator

from corpuskit.model import Quarantined
from corpuskit.sources.declared import glob_matches
from corpuskit.sources.decoding import Trouble, escape
from corpuskit.sources.discovery import format_of
from corpuskit.sources.options import Options
from corpuskit.sources.streams import BrokenError, Entry, Feed, chunks, seekable

__all__ = ["members"]

_TWICE = Trouble(
    "same-name",
    -1,
    "An earlier member of the archive has the same name, and was read.",
    "Pack it again with a name of its own for each text.",
)
#: What could be taken for a member of an archive inside: `a.zip!/x.txt` is a name that a folder `a.zip!` gives, too.
_LIKE_NESTED = re.compile(r"(?i)(?<=\.zip|\.tar|\.tgz|r\.gz|\.zst|zstd)!(?=/)")
_HARMLESS = 16 << 20  # bytes: no archive is a bomb before it unpacks to more


def members(entry: Entry, options: Options) -> Iterator[Entry | Quarantined]:
    """Yield the files of an archive, in its order; each must be read before the next is asked for.

    Folders, links, devices and hidden members are no input. Where a name stands twice, the first is read and each further
    one is a quarantine entry: its documents would have the ids of the first one's. A member of a ZIP that alone passes
    `limits.ratio` is one quarantine entry; past `limits.members`, `limits.ratio` or `limits.unpacked_bytes` of all together
    the rest is.
    """
    if entry.depth >= options.limits.nesting:
        message = f"Archives within archives, more than {options.limits.nesting} deep."
        yield entry.quarantine(Trouble("too-nested", -1, message, "Unpack it, or raise [ingest.limits] nesting."))
        return
    reading = _zip(entry, options) if entry.format == "zip" else _tar(entry, options)
    try:
        names: set[str] = set()
        for number, member in enumerate(reading):
            if number >= options.limits.members:
                raise _too_many(f"more than {options.limits.members} members", "members")
            if isinstance(member, Entry) and member.member in names:
                yield member.quarantine(_TWICE, base=-1)
                continue
            if isinstance(member, Entry):
                names.add(member.member)
            yield member
    except BrokenError as error:
        yield entry.quarantine(error.trouble)


def _too_many(what: str, limit: str) -> BrokenError:
    remedy = f"Unpack it if it is what it should be, or raise [ingest.limits] {limit}."
    return BrokenError(Trouble("too-large", -1, f"The archive holds {what}.", remedy))


def _label(entry: Entry, name: str) -> str:
    """Return the member path for records: NFC, what is no character or no printable one escaped, as is what would look nested."""
    clean = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    clean = "".join(c if c.isprintable() else escape(c) for c in unicodedata.normalize("NFC", clean))
    clean = _LIKE_NESTED.sub(r"\\x21", clean)
    return f"{entry.member}!/{clean}" if entry.member else clean


def _hidden(name: str) -> bool:
    return any((part.startswith(".") and part not in (".", "..")) or part == "__MACOSX" for part in name.split("/"))


def _ignored(entry: Entry, label: str, options: Options) -> bool:
    return any(glob_matches(glob, f"{entry.path}!/{label}") for glob in options.ignore)


def _zip(entry: Entry, options: Options) -> Iterator[Entry | Quarantined]:
    try:
        with seekable(entry, options.limits) as stream, zipfile.ZipFile(stream) as archive:
            unpacked = 0
            for info in archive.infolist():
                label = _label(entry, info.filename)
                if info.is_dir() or _hidden(info.filename) or _ignored(entry, label, options):
                    continue
                if info.flag_bits & 1:
                    message = "The member is encrypted; corpuskit asks for no passwords."
                    yield entry.quarantine(Trouble("password", -1, message, "Unpack it yourself."), label)
                    continue
                if info.file_size > max(_HARMLESS, info.compress_size * options.limits.ratio):
                    trouble = _too_many(f"{info.file_size} bytes of this member in {info.compress_size}", "ratio").trouble
                    yield entry.quarantine(trouble, label)  # the others may be texts
                    continue
                unpacked += info.file_size
                if unpacked > max(_HARMLESS, entry.size * options.limits.ratio):
                    raise _too_many(f"{unpacked} bytes in {entry.size}", "ratio")
                if unpacked > options.limits.unpacked_bytes:
                    raise _too_many(f"more than {options.limits.unpacked_bytes} bytes", "unpacked_bytes")
                yield _member(entry, label, info.compress_size, lambda info=info: archive.open(info))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, EOFError, OSError) as error:
        message = f"The archive is damaged: {escape(str(error))}."
        raise BrokenError(Trouble("broken-archive", -1, message, "Fetch the file again.")) from error


def _tar(entry: Entry, options: Options) -> Iterator[Entry | Quarantined]:
    feed = Feed(chunks(entry, options.limits))
    try:
        with tarfile.open(fileobj=feed, mode="r|", bufsize=1 << 16) as archive:
            for info in archive:
                archive.members = []  # type: ignore[attr-defined]  # else the list of all members stays in memory
                label = _label(entry, info.name)
                if not info.isfile() or _hidden(info.name) or _ignored(entry, label, options):
                    continue
                content = archive.extractfile(info)
                if content:
                    yield _member(entry, label, info.size, lambda content=content: content)
    except (tarfile.TarError, ValueError, EOFError, OSError) as error:
        message = f"The archive is damaged after {feed.offset} bytes: {escape(str(error))}."
        trouble = Trouble("broken-archive", feed.offset, message, "Fetch the file again; what stands before was read.")
        raise BrokenError(trouble) from error


def _member(entry: Entry, label: str, size: int, opened: object) -> Entry:
    kind, compression = format_of(label)
    return Entry(entry.path, label, size, opened, kind, compression, entry.depth + 1)  # type: ignore[arg-type]
