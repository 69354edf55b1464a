"""Bytes to text, with an account of how, and back again.

The order is fixed: byte order mark, strict UTF-8, the configured encoding, strict Windows-1252, then one
detector (charset-normalizer). Two doubts stand between UTF-8 and Windows-1252, since every byte string without
five rare bytes *is* valid Windows-1252: a text that is UTF-8 but for a few bytes is broken UTF-8, and a text
whose letters are mostly high bytes ("Ïðèâåò" for "Привет") is another alphabet.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from corpuskit.model import Document, Provenance, Quarantined

__all__ = [
    "BOMS",
    "Decoded",
    "Trouble",
    "accept",
    "decode",
    "encode_back",
    "escape",
    "known_encoding",
    "looks_binary",
    "utf8_counts",
]

#: Longest first: the mark of UTF-32 little-endian begins with that of UTF-16 little-endian.
BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP, EPUB or DOCX"),
    (b"PK\x05\x06", "ZIP"),
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"RIFF", "RIFF"),
    (b"\x7fELF", "ELF"),
    (b"PAR1", "Parquet"),
    (b"SQLite format 3\x00", "SQLite"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office"),
)

#: Control bytes that no text has reason to hold; tab, newline, form feed, carriage return and escape have one.
_CONTROLS = bytes(c for c in range(32) if c not in (9, 10, 11, 12, 13, 27)) + b"\x7f"
_FIRST_CONTROL = re.compile(b"[" + re.escape(_CONTROLS) + b"]")

_UTF8_PAIRS = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = bytes(range(128, 256))
_ASCII_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_HIGH_LETTERS = b"\x8a\x8c\x8e\x9a\x9c\x9e\x9f" + bytes(c for c in range(0xC0, 0x100) if c not in (0xD7, 0xF7))
#: Symbols of Windows-1252 between two letters: "ca³y" is "cały" in Windows-1250. Apostrophes, dashes, the Catalan
#: middle dot, no-break spaces and ordinals stand there rightly.
_SYMBOL_IN_WORD = re.compile(
    rb"[A-Za-z\xc0-\xff][\x80\x82-\x84\x86-\x89\x8b\x98\x99\x9b\xa1-\xa9\xac\xae-\xb6\xb8\xb9\xbc-\xbf\xd7\xf7](?=[A-Za-z\xc0-\xff])"
)

#: What the detector may answer: encodings that text was ever published in. UTF-7, EBCDIC and the like are out,
#: because short ordinary text fits them too.
_DETECTABLE = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874",
    "iso8859_2", "iso8859_5", "iso8859_7", "koi8_r", "koi8_u", "cp866", "cp852", "mac_roman",
    "cp932", "euc_jp", "gb18030", "big5", "cp949",
]  # fmt: skip

_DETECTOR_SAMPLE = 256 << 10

Newline = Literal["lf", "crlf", "cr", "mixed", "none"]


@dataclass(frozen=True, slots=True)
class Decoded:
    """A raw text and how it was read; the fields are those of `Provenance`."""

    text: str
    encoding: str
    origin: str
    confidence: float
    bom: bool
    newline: Newline
    bytes_sha256: str
    lossy: bool = False

    def provenance(self, path: str, record: str) -> Provenance:
        """Return the provenance of this text, read at `record` of `path`."""
        return Provenance(
            path=path,
            record=record,
            encoding=self.encoding,
            encoding_origin=self.origin,
            encoding_confidence=self.confidence,
            bom=self.bom,
            newline=self.newline,
            bytes_sha256=self.bytes_sha256,
            lossy=self.lossy,
        )


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why some bytes are not a text; `at` makes it a `Quarantined`. `offset` counts from the start of the bytes."""

    reason: str
    offset: int
    message: str
    remedy: str
    excerpt: str = ""

    def at(self, path: str, record: str, base: int = 0) -> Quarantined:
        """Return the quarantine entry; `base` is where the bytes start in the file, -1 where that is unknown."""
        offset = self.offset + base if self.offset >= 0 and base >= 0 else -1
        return Quarantined(path, record, offset, self.reason, self.message, self.remedy, self.excerpt)


def escape(material: bytes | str) -> str:
    """Return at most 200 characters of `material`, with everything but printable ASCII escaped."""
    if isinstance(material, bytes):
        material = material[:200].decode("latin-1")
    return material[:200].encode("unicode_escape").decode("ascii")[:200]


def known_encoding(name: str) -> bool:
    """Say whether `name` is a text encoding Python knows (``rot13`` and ``base64`` are not)."""
    try:
        codecs.lookup(name)
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True


def looks_binary(data: bytes) -> Trouble | None:
    """Say whether `data` is no text at all: by its magic number, or by control bytes.

    At least 4 control bytes and 1 in 32 make it binary. A scraped text has a stray NUL now and then, which stays
    and is a matter for cleaning; random bytes have one control byte in 10, any bitmap or executable has more.
    """
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return _binary(data, 0, f"the file starts like {kind}, not like text")
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if controls < 4 or controls * 32 < len(data):
        return None
    first = _FIRST_CONTROL.search(data)
    return _binary(data, first.start() if first else 0, f"{controls} of {len(data)} bytes are control characters")


def _binary(data: bytes, offset: int, what: str) -> Trouble:
    remedy = "Remove it, or give it the file name extension of its format; for UTF-16 without a mark, configure it."
    return Trouble("binary", offset, f"This is not text: {what}.", remedy, escape(data[offset : offset + 60]))


def decode(data: bytes, configured: str = "", stated: str = "") -> Decoded | Trouble:
    """Return the text of `data`, or why there is none.

    `stated` is the encoding that the file or its server names, `configured` the one a person named, tried when the
    bytes are not strict UTF-8; one of 16 or 32 bits goes first, because its text without a mark is full of NULs.
    A text without anything but white space is `Trouble` ("empty").
    """
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return _strict(data, data[len(mark) :], encoding, "bom")
    wide = configured and codecs.lookup(configured).name in _WIDE
    if wide and (found := _try(data, configured, "configured", 1.0)):
        return found
    if trouble := looks_binary(data):
        return trouble
    if found := _try(data, "utf-8", "strict", 1.0):
        return found
    if configured and (found := _try(data, configured, "configured", 1.0)):
        return found
    if stated and stated != "utf-8" and (found := _try(data, stated, "given", 0.95)):
        return found
    if (valid := _broken_utf8(data)) > 0:
        return accept(data.decode("utf-8", "replace"), data, "utf-8", "detected", valid, lossy=True)
    western = _try(data, "cp1252", "cp1252", 0.9)
    if western and _plausible_western(data):
        return western
    if found := _detect(data):
        return found
    if western:
        return _try(data, "cp1252", "cp1252", 0.3) or western
    return _undecodable(data, "utf-8")


_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-16", "utf-32")


def _strict(data: bytes, body: bytes, encoding: str, origin: str) -> Decoded | Trouble:
    """Decode what follows a byte order mark: it says what the bytes are, so nothing else is tried."""
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8" and (valid := _broken_utf8(body)) > 0:
            return accept(body.decode("utf-8", "replace"), data, "utf-8", origin, valid, bom=True, lossy=True)
        skip = len(data) - len(body)
        return Trouble(
            "undecodable",
            error.start + skip,
            f"The byte order mark says {encoding}, but the bytes are not: {error.reason}.",
            "Save the file again in UTF-8.",
            escape(body[error.start : error.start + 60]),
        )
    return accept(text, data, encoding, origin, 1.0, bom=True)


def _try(data: bytes, encoding: str, origin: str, confidence: float) -> Decoded | Trouble | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return accept(text, data, encoding, origin, confidence)


def accept(
    text: str,
    data: bytes,
    encoding: str,
    origin: str,
    confidence: float,
    *,
    bom: bool = False,
    lossy: bool = False,
) -> Decoded | Trouble:
    """Return `text`, decoded from `data`, with uniform CRLF or CR newlines made ``\\n`` and the law 0 proof.

    Text that does not encode back to `data` (Shift JIS and GB 18030 have two spellings for some characters) is
    accepted as `lossy`. `Trouble` is for a text without anything but white space.
    """
    if not text or text.isspace():
        size = f"{len(data)} bytes of white space" if data else "0 bytes"
        return Trouble("empty", 0, f"There is no text: {size}.", "Remove it, or look at where its text went.")
    newline, text = _newlines(text)
    decoded = Decoded(text, encoding, origin, round(confidence, 3), bom, newline, sha256(data).hexdigest(), lossy)
    if encoding != "utf-8" and not lossy and not _encodes_back(decoded, data):
        return Decoded(text, encoding, origin, decoded.confidence, bom, newline, decoded.bytes_sha256, lossy=True)
    return decoded


def _newlines(text: str) -> tuple[Newline, str]:
    """Name the newlines of `text` and make uniform ones ``\\n``; a mixture stays as it is."""
    feeds = text.count("\n")
    returns = text.count("\r")
    if not returns:
        return ("lf" if feeds else "none"), text
    if not feeds:
        return "cr", text.replace("\r", "\n")
    if feeds == returns == text.count("\r\n"):
        return "crlf", text.replace("\r\n", "\n")
    return "mixed", text


def _encodes_back(decoded: Decoded, data: bytes) -> bool:
    try:
        return _encode(decoded.text, decoded.encoding, decoded.bom, decoded.newline) == data
    except UnicodeEncodeError:
        return False


def _encode(text: str, encoding: str, bom: bool, newline: Newline) -> bytes:
    if newline == "crlf":
        text = text.replace("\n", "\r\n")
    elif newline == "cr":
        text = text.replace("\n", "\r")
    mark = next(mark for mark, name in BOMS if name == encoding) if bom else b""
    return mark + text.encode(encoding)


def encode_back(document: Document) -> bytes:
    """Return the bytes that the raw text of `document` was decoded from (law 0).

    Their sha256 is `provenance.bytes_sha256`, unless the document says `lossy`. Raises `UnicodeEncodeError` only
    for lossy documents.
    """
    read = document.provenance
    return _encode(document.text, read.encoding, read.bom, read.newline)


def utf8_counts(data: bytes) -> tuple[int, int]:
    """Return how many well-formed UTF-8 sequences of two bytes or more `data` holds, and how many stray high bytes."""
    stray = _UTF8_PAIRS.sub(b"", data)
    return len(_UTF8_PAIRS.findall(data)), len(stray) - len(stray.translate(None, _HIGH))


def _broken_utf8(data: bytes) -> float:
    """Return the share of well-formed sequences when `data` is UTF-8 but for a few bytes, else 0.

    Four whole sequences to one broken byte: text cut at a byte count ends in half a character, and a page glued
    from two encodings has a stray quote. Sequences of legacy encodings look like UTF-8 by chance only, far less
    often than not.
    """
    whole, broken = utf8_counts(data)
    return whole / (whole + broken) if whole and whole >= 4 * broken else 0.0


def _plausible_western(data: bytes) -> bool:
    """Say whether `data` as Windows-1252 reads like a language of western Europe.

    Icelandic, the extreme, has one accented letter in eight; Cyrillic, Greek or Chinese bytes are nearly all
    high. A symbol inside a word once in 20 high bytes betrays central Europe, and so do letters that no western
    language has side by side.
    """
    ascii_letters = len(data) - len(data.translate(None, _ASCII_LETTERS))
    high_letters = len(data) - len(data.translate(None, _HIGH_LETTERS))
    if high_letters * 3 > ascii_letters:
        return False
    high = len(data) - len(data.translate(None, _HIGH))
    return len(_SYMBOL_IN_WORD.findall(data)) * 20 <= high and not _eastern_letters(data)


def _eastern_letters(data: bytes) -> bool:
    """Say whether letters of `data`, read as Windows-1252, are those of Czech, Turkish, Hungarian or Croatian.

    "øeky" and "kteøí" with "ìžely" is Czech (ø without ì is Danish, ì without ø Italian); "kýyýsýnda" is Turkish
    (ý, ð and þ are Icelandic only among á, í, ó, ú, æ); õ and û among á, é, ö, ü are Hungarian ő and ű (Portuguese
    has ã, Estonian no á); "kuæa" and "uèenje" with š and ž is Croatian or Slovene.
    """

    def count(letters: bytes) -> int:
        return sum(data.count(letters[at : at + 1]) for at in range(len(letters)))

    czech = min(count(b"\xec"), count(b"\xf8")) >= 2
    turkish = min(count(b"\xfd\xdd"), count(b"\xf0\xfe\xd0\xde")) >= 2 and 4 * count(b"\xe1\xed\xf3\xfa\xe6") < count(
        b"\xfd\xf0\xfe"
    )
    hungarian = min(count(b"\xf5\xfb"), count(b"\xf6\xfc")) >= 2 and count(b"\xe1\xe9") >= 3 and not count(b"\xe3\xe5")
    high = len(data) - len(data.translate(None, _HIGH))
    croatian = min(count(b"\xe8"), count(b"\x9a\x9e")) >= 2 and 2 * count(b"\xe8\xe6\xf0\x9a\x9e") >= high
    return czech or turkish or hungarian or croatian


def _detect(data: bytes) -> Decoded | Trouble | None:
    """Ask the one detector, on a bounded sample, and believe it only when the whole text decodes strictly."""
    import logging

    from charset_normalizer import from_bytes

    logging.getLogger("charset_normalizer").setLevel(logging.ERROR)
    best = from_bytes(data[:_DETECTOR_SAMPLE], cp_isolation=_DETECTABLE, preemptive_behaviour=False).best()
    if best is None:
        return None
    confidence = max(0.0, min(0.9, (1.0 - best.chaos) * 0.9))
    return _try(data, codecs.lookup(best.encoding).name, "detected", confidence)


def _undecodable(data: bytes, encoding: str) -> Trouble:
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        offset, why = error.start, error.reason
    else:
        offset, why = 0, "no encoding fits"
    return Trouble(
        "undecodable",
        offset,
        f"The bytes are no {encoding}: {why}; no other encoding fits them either.",
        'Name the encoding: [ingest] encoding = "…", or save the file again in UTF-8.',
        escape(data[offset : offset + 60]),
    )
