"""Byte streams in bounded memory: unpacking, and records ended by a newline."""

from __future__ import annotations

import codecs
import io
import lzma
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

from corpuskit.model import Quarantined
from corpuskit.sources.decoding import BOMS, Trouble
from corpuskit.sources.discovery import Part
from corpuskit.sources.options import Limits

__all__ = [
    "CHUNK",
    "BrokenError",
    "Entry",
    "Feed",
    "Line",
    "chunks",
    "head_and_rest",
    "read_lines",
    "read_whole",
    "seekable",
    "transcoded",
]

CHUNK = 1 << 20
#: What reading a member of a damaged archive raises; `OSError` is how bz2 says it, for a disk that fails is an `InputError`.
_DAMAGE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, OSError)
_PREFIX = 200  # what is kept of a line that passes the limit, as an excerpt
_RATIO_FROM = 16 << 20  # a ratio is looked at past this size: small files of one repeated line are harmless


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, or one archive member, as a format reads it."""

    path: str  #: of the file, NFC, POSIX, relative
    member: str  #: path inside archives, joined by ``!/``; empty for the file itself
    size: int  #: packed bytes, for ratios
    open: Callable[[], BinaryIO | io.RawIOBase]
    format: str = ""  #: a value of `discovery.FORMATS`
    compression: str = ""  #: "", "gz" or "zst"
    depth: int = 0  #: archives around it
    part: Part | None = None  #: what to read of a file that is not packed; None: all

    def row(self, number: int | str) -> str:
        """Return the record key of a row: ``member:number``, or the number alone."""
        return f"{self.member}:{number}" if self.member else str(number)

    def quarantine(self, trouble: Trouble, record: str | None = None, base: int = 0) -> Quarantined:
        """Return `trouble` as found at `record` of this entry (the entry itself where it is None)."""
        return trouble.at(self.path, self.member if record is None else record, base)


@dataclass(frozen=True, slots=True)
class Line:
    """The bytes up to and including one line end. `data` is a prefix when the line passed the limit."""

    number: int  #: from 1
    offset: int  #: of the first byte, in the unpacked file
    data: bytes
    complete: bool = True


class BrokenError(Exception):
    """The stream ends here, before its end; carries the `Trouble`. Never leaves this package."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.message)
        self.trouble = trouble


def _truncated(offset: int, why: str) -> BrokenError:
    remedy = "Fetch the file again; what stands before the break has been read."
    return BrokenError(Trouble("broken-archive", offset, f"The packed data breaks off or is damaged: {why}.", remedy))


def chunks(entry: Entry, limits: Limits) -> Iterator[bytes]:
    """Yield the unpacked bytes of `entry` in pieces of at most about 32 MB, mostly 1 MB.

    Raises `BrokenError` where the packed data is damaged or ends early, and where it passes `limits.ratio` or
    `limits.unpacked_bytes`; all that could be unpacked before is yielded first. `InputError` when the disk or the storage
    fails.
    """
    done = 0
    try:
        with entry.open() as stream:
            pieces = _stretch(stream, entry.part) if entry.part else _UNPACKERS[entry.compression](stream)
            for chunk in pieces:
                done += len(chunk)
                packed = entry.compression or entry.depth
                if packed and done > _RATIO_FROM and done > entry.size * limits.ratio:
                    raise _bomb(done, f"more than {limits.ratio} times its packed size")
                if done > limits.unpacked_bytes:
                    raise _bomb(done, f"more than {limits.unpacked_bytes} bytes")
                yield chunk
    except _DAMAGE as error:
        raise _truncated(done, str(error)) from error


def _bomb(offset: int, what: str) -> BrokenError:
    message = f"It unpacks to {what}."
    return BrokenError(
        Trouble("too-large", offset, message, "If that is meant, raise [ingest.limits] ratio or unpacked_bytes.")
    )


_Stream = BinaryIO | io.RawIOBase


def _plain(stream: _Stream) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def _stretch(stream: _Stream, part: Part) -> Iterator[bytes]:
    stream.seek(part.start)
    left = part.stop - part.start
    while left and (chunk := stream.read(min(CHUNK, left))):
        left -= len(chunk)
        yield chunk


def _gzip(stream: _Stream) -> Iterator[bytes]:
    """Unpack gzip, member after member, with output bounded per step; `gzip.GzipFile` would drop the last block."""
    done = 0
    unpacker = zlib.decompressobj(wbits=31)
    pending = b""
    ended = 0  # members unpacked to their end
    fresh = True  # at the start of a member
    while packed := pending or stream.read(CHUNK >> 2):
        try:
            out = unpacker.decompress(packed, CHUNK)
        except zlib.error as error:
            if fresh and ended and not packed.strip(b"\x00"):
                pending = b""  # zero padding after the last member, as tape tools leave it
                continue
            raise _truncated(done, str(error)) from error
        fresh = False
        done += len(out)
        if out:
            yield out
        if unpacker.eof:
            pending = unpacker.unused_data
            unpacker = zlib.decompressobj(wbits=31)
            fresh = True
            ended += 1
        else:
            pending = unpacker.unconsumed_tail
    if not fresh or not ended:
        raise _truncated(done, "end of file inside gzip data")


def _zstd(stream: _Stream) -> Iterator[bytes]:
    """Unpack zstd, frame after frame; 2 KB in bound what comes out, since a 4-byte block can hold 128 KB."""
    import zstandard

    done = 0
    context = zstandard.ZstdDecompressor(max_window_size=1 << 27)
    unpacker = context.decompressobj()
    ended = 0
    fresh = True
    out: list[bytes] = []
    held = 0
    source = io.BufferedReader(stream, CHUNK) if isinstance(stream, io.RawIOBase) else stream
    pending = b""
    while packed := pending or source.read(2048):
        try:
            piece = unpacker.decompress(packed)
        except zstandard.ZstdError as error:
            if out:
                yield b"".join(out)
            raise _truncated(done, str(error)) from error
        fresh = False
        pending = b""
        if piece:
            done += len(piece)
            held += len(piece)
            out.append(piece)
            if held >= CHUNK:
                yield b"".join(out)
                out, held = [], 0
        if unpacker.eof:
            pending = unpacker.unused_data
            unpacker = context.decompressobj()
            fresh = True
            ended += 1
    if out:
        yield b"".join(out)
    if not fresh or not ended:
        raise _truncated(done, "end of file inside zstd data")


_UNPACKERS: dict[str, Callable[[_Stream], Iterator[bytes]]] = {"": _plain, "gz": _gzip, "zst": _zstd}


def read_whole(entry: Entry, limits: Limits) -> bytes:
    """Return all bytes of `entry`; raise `BrokenError` when there are more than `limits.document_bytes`."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks(entry, limits):
        size += len(chunk)
        if size > limits.document_bytes:
            message = f"It holds more than {limits.document_bytes} bytes, the limit for one document."
            raise BrokenError(
                Trouble(
                    "too-large",
                    limits.document_bytes,
                    message,
                    "Split it, or raise [ingest.limits] document_bytes.",
                )
            )
        parts.append(chunk)
    return b"".join(parts)


def head_and_rest(pieces: Iterator[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    """Return the first bytes of a stream (at least `size` where there are as many), and the whole stream."""
    seen: list[bytes] = []
    length = 0
    failed: BrokenError | None = None
    while length < size:
        try:
            piece = next(pieces, b"")
        except BrokenError as error:  # the head is still good; the break is met again when the rest is read
            failed = error
            break
        if not piece:
            break
        seen.append(piece)
        length += len(piece)

    def whole() -> Iterator[bytes]:
        yield from seen
        if failed:
            raise failed
        yield from pieces

    return b"".join(seen), whole()


def transcoded(pieces: Iterator[bytes], configured: str) -> tuple[Iterator[bytes], str, int]:
    """Strip the byte order mark of a stream of rows; turn UTF-16 and UTF-32 into UTF-8.

    Returns the stream, the encoding that the mark (or, for 16 and 32 bits, the configuration) names, else "", and
    how many bytes the mark took. A lone surrogate becomes bytes that are no UTF-8, so that the row it stands in is
    the only one it spoils.
    """
    head, pieces = head_and_rest(pieces, 4)
    for mark, encoding in BOMS:
        if head.startswith(mark):
            rest = _without(pieces, len(mark))
            return (rest if encoding == "utf-8" else _widened(rest, encoding)), encoding, len(mark)
    if configured and (encoding := codecs.lookup(configured).name).startswith(("utf-16-", "utf-32-")):
        return _widened(pieces, encoding), encoding, 0
    return pieces, "", 0


def _without(pieces: Iterator[bytes], count: int) -> Iterator[bytes]:
    for piece in pieces:
        yield piece[count:]
        count = max(0, count - len(piece))


def _widened(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    done = 0
    try:
        for piece in pieces:
            yield decoder.decode(piece).encode("utf-8", "surrogatepass")
            done += len(piece)
        yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:  # half a character at the end, or a number beyond Unicode in UTF-32
        message = f"The bytes are no {encoding} from here on: {error.reason}."
        raise BrokenError(Trouble("undecodable", done, message, "Save the file again in UTF-8.")) from error


def seekable(entry: Entry, limits: Limits) -> BinaryIO:
    """Return `entry` as a stream that can be read in any order: the file itself, or a bounded copy in memory.

    Raises `BrokenError`.
    """
    if entry.depth or entry.compression:
        return io.BytesIO(read_whole(entry, limits))
    return cast("BinaryIO", entry.open())  # a file of its own


class Feed(io.RawIOBase):
    """Pieces of bytes as a stream read forward: what WARC records and tar members are cut from."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = b""
        self._at = 0  # in what is held
        self.offset = 0  #: bytes read so far
        self._broken: BrokenError | None = None

    def readable(self) -> bool:
        """Say yes."""
        return True

    def _more(self) -> bool:
        """Hold at least one unread byte, if there is one."""
        while self._at >= len(self._held):
            if self._broken:  # a broken stream stays broken: it must not look like one that ended
                raise self._broken
            try:
                piece = next(self._pieces, None)
            except BrokenError as error:
                self._broken = error
                raise
            if piece is None:
                return False
            self._held, self._at = piece, 0
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next `size` bytes, fewer at the end only."""
        parts: list[bytes] = []
        left = size if size >= 0 else sys.maxsize
        while left and self._more():
            part = self._held[self._at : self._at + left]
            parts.append(part)
            self._at += len(part)
            left -= len(part)
        found = b"".join(parts)
        self.offset += len(found)
        return found

    def line(self, limit: int) -> bytes:
        """Return the bytes up to and including the next newline, at most `limit`."""
        parts: list[bytes] = []
        left = limit
        while left and self._more():
            end = self._held.find(b"\n", self._at, self._at + left) + 1
            part = self._held[self._at : end or self._at + left]
            parts.append(part)
            self._at += len(part)
            left -= len(part)
            if end:
                break
        found = b"".join(parts)
        self.offset += len(found)
        return found

    def skip(self, size: int) -> int:
        """Pass over the next `size` bytes; return how many there were."""
        left = size
        while left and self._more():
            step = min(left, len(self._held) - self._at)
            self._at += step
            left -= step
        self.offset += size - left
        return size - left


def read_lines(pieces: Iterator[bytes], limit: int, offset: int = 0, end: bytes = b"\n") -> Iterator[Line]:
    """Yield the lines of a stream, each with its `end`; of a line longer than `limit` only the first bytes are kept.

    The last line may have no line end. Memory is bounded by `limit` plus one piece. When the stream is `BrokenError`
    the lines before it have been yielded, the unfinished last one is not.
    """
    number = 1
    held: list[bytes] = []
    size = 0  # of the line so far
    over = False
    for piece in pieces:
        start = 0
        while (at := piece.find(end, start)) >= 0:
            part = piece[start : at + 1]
            start = at + 1
            if size:
                size += len(part)
                if not over:
                    held.append(part)
                part = b"".join(held)
            else:
                size = len(part)
            over = over or size > limit
            yield Line(number, offset, part[:_PREFIX] if over else part, not over)
            number += 1
            offset += size
            held, size, over = [], 0, False
        if start < len(piece):
            part = piece[start:]
            size += len(part)
            if not over:
                held.append(part)
                if size > limit:
                    over = True
                    held = [b"".join(held)[:_PREFIX]]
    if size:
        yield Line(number, offset, b"".join(held), not over)
