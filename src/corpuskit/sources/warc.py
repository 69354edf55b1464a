"""WARC and WET: what crawlers keep, a record at a time, with the standard library alone.

Records of type response, resource and conversion that hold HTML or plain text are documents; requests, crawl notes,
images and error pages are not, and are passed over without a word.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from corpuskit.model import Candidate, Quarantined
from corpuskit.sources.decoding import Trouble, decode, escape
from corpuskit.sources.extras import missing
from corpuskit.sources.html import record_of_page, understood
from corpuskit.sources.options import Options
from corpuskit.sources.page import OPT_OUTS
from corpuskit.sources.rows import Record
from corpuskit.sources.streams import BrokenError, Entry, Feed, chunks

__all__ = ["read_warc"]

_LINE = 64 << 10  # bytes of one header line
_HEADERS = 1000  # lines
_STATUS = re.compile(rb"^HTTP/\d(?:\.\d)?\s+(\d{3})\b")
_CHARSET = re.compile(r"charset\s{0,5}=\s{0,5}\"?'?([\w.:-]{1,40})", re.IGNORECASE)
_PAGES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class _Content:
    """What a record holds: its media type, stated charset and bytes."""

    kind: str
    charset: str
    data: bytes
    opt_outs: tuple[Candidate, ...] = ()  #: reservations in the HTTP headers


def read_warc(entry: Entry, options: Options) -> Iterator[Record | Quarantined]:
    """Yield a record or quarantine entry per document; the number is that of the WARC record, from 1.

    Offsets are into the unpacked bytes. After a broken record header the rest of the file is one entry, since
    nothing tells where the next record begins.
    """
    feed = Feed(chunks(entry, options.limits))
    number = 0
    try:
        while (headers := _record_headers(feed)) is not None:
            number += 1
            at = feed.offset
            length = _length(headers, at)
            found = _document(feed, headers, length, entry.row(number), options)
            if feed.offset < at + length and feed.skip(at + length - feed.offset) + feed.offset < at + length:
                raise BrokenError(_cut(feed.offset))
            if isinstance(found, Trouble):
                yield entry.quarantine(found, entry.row(number), at)
            elif found:
                yield found
    except BrokenError as error:
        yield entry.quarantine(error.trouble)


def _cut(offset: int) -> Trouble:
    message = "The file ends inside a record."
    return Trouble("broken-archive", offset, message, "Fetch the file again; what stands before has been read.")


def _record_headers(feed: Feed) -> dict[str, str] | None:
    """Return the next record's headers, names in lower case; None at the end of the file."""
    at = feed.offset
    line = feed.line(_LINE)
    while line in (b"\r\n", b"\n"):
        at = feed.offset
        line = feed.line(_LINE)
    if not line:
        return None
    if not line.startswith(b"WARC/"):
        message = "No WARC record begins here."
        raise BrokenError(Trouble("bad-warc", at, message, "Fetch the file again.", escape(line[:60])))
    return _headers(feed)


def _headers(feed: Feed) -> dict[str, str]:
    """Return the header lines up to the blank one; of a repeated name the first counts, reservations add up."""
    found: dict[str, str] = {}
    for _ in range(_HEADERS):
        line = feed.line(_LINE)
        if not line.strip():
            return found
        name, _, value = line.decode("utf-8", "replace").partition(":")
        name, value = name.strip().lower(), value.strip()
        if name == "x-robots-tag" and name in found:
            found[name] += f", {value}"
        found.setdefault(name, value)
    raise BrokenError(Trouble("bad-warc", feed.offset, "A record has too many headers.", "Fetch the file again."))


def _length(headers: dict[str, str], at: int) -> int:
    length = headers.get("content-length", "")
    if not length.isascii() or not length.isdigit() or len(length) > 15:
        message = "A record does not say how long it is."
        raise BrokenError(Trouble("bad-warc", at, message, "Fetch the file again.", escape(length)))
    return int(length)


def _document(
    feed: Feed, headers: dict[str, str], length: int, record: str, options: Options
) -> Record | Trouble | None:
    """Return the document of one record, what is wrong with it, or None when it is none. Reads `length` at most."""
    kind = headers.get("warc-type", "").lower()
    stated = headers.get("content-type", "").lower()
    if kind not in ("response", "resource", "conversion") or (kind != "response" and not _is_text(stated)):
        return None
    if kind == "response" and not stated.startswith("application/http"):
        return None
    if length > options.limits.record_bytes:
        message = f"The record is longer than {options.limits.record_bytes} bytes, the limit for one record."
        return Trouble("too-large", 0, message, "Raise [ingest.limits] record_bytes.")
    data = feed.read(length)
    if len(data) < length:
        raise BrokenError(_cut(feed.offset))
    content = _response(data, options) if kind == "response" else _Content(stated, _charset(stated), data)
    if content is None or isinstance(content, Trouble):
        return content
    return _read(content, headers, record, options)


def _is_text(kind: str) -> bool:
    return kind.startswith(("text/plain", *_PAGES))


def _charset(kind: str) -> str:
    found = _CHARSET.search(kind)
    return understood(found.group(1)) if found else ""


def _response(data: bytes, options: Options) -> _Content | Trouble | None:
    """Return the body of an HTTP response that is a page or a text and was delivered as asked (status 200)."""
    status = _STATUS.match(data)
    if not status or status.group(1) != b"200":
        return None
    feed = Feed(iter([data]))
    feed.line(_LINE)
    headers = _headers(feed)
    kind = headers.get("content-type", "").lower()
    if not _is_text(kind):
        return None
    body = data[feed.offset :]
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _joined(body)
    return _decoded(headers, kind, body, options)


def _reserved(headers: dict[str, str]) -> tuple[Candidate, ...]:
    """Reservations that the HTTP headers state: X-Robots-Tag (noai, noimageai, noml) and tdm-reservation."""
    found = []
    for word in re.split(r"[,:\s]{1,20}", headers.get("x-robots-tag", "").lower())[:50]:
        if word in OPT_OUTS:
            found.append(Candidate("opt_out", OPT_OUTS[word], "page", f"X-Robots-Tag: {word}", "page.header.robots"))
    if headers.get("tdm-reservation", "").strip() == "1":
        found.append(Candidate("opt_out", "tdm-reservation", "page", "tdm-reservation: 1", "page.header.tdm"))
    return tuple(found)


def _decoded(headers: dict[str, str], kind: str, body: bytes, options: Options) -> _Content | Trouble:
    """Return the body of a response as it was before it was packed for the way."""
    reserved = _reserved(headers)
    coding = headers.get("content-encoding", "").lower().strip()
    if coding in ("gzip", "x-gzip", "deflate"):
        unpacked = _unpacked(body, kind, options.limits.record_bytes)
        return unpacked if isinstance(unpacked, Trouble) else replace(unpacked, opt_outs=reserved)
    if coding not in ("", "identity"):
        message = f"The page is packed with {escape(coding)}, which is not read."
        return Trouble("unknown-format", -1, message, "Fetch it again without content encoding.")
    return _Content(kind, _charset(kind), body, reserved)


def _joined(body: bytes) -> bytes:
    """Undo chunked transfer; what is not chunked (crawlers undo it and leave the header) stays as it is."""
    parts: list[bytes] = []
    at = 0
    while (end := body.find(b"\r\n", at, at + 200)) >= 0:
        size = body[at:end].split(b";", 1)[0].strip()
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}", size):
            return b"".join(parts) if parts else body
        length = int(size, 16)
        if length == 0:
            return b"".join(parts)
        parts.append(body[end + 2 : end + 2 + length])
        at = end + 4 + length
    return b"".join(parts) if parts else body


def _unpacked(body: bytes, kind: str, limit: int) -> _Content | Trouble:
    if not body.startswith(b"\x1f\x8b") and "<" in body[:1000].decode("latin-1"):
        return _Content(kind, _charset(kind), body)  # the crawler unpacked it and left the header
    for wbits in (47, -15):  # gzip or zlib by its header, else bare deflate
        unpacker = zlib.decompressobj(wbits=wbits)
        try:
            data = unpacker.decompress(body, limit)
        except zlib.error:
            continue
        if unpacker.unconsumed_tail:
            return Trouble("too-large", -1, f"The page unpacks to more than {limit} bytes.", "Leave it out.")
        return _Content(kind, _charset(kind), data)
    return Trouble("broken-archive", -1, "The page's packed body is damaged.", "Fetch it again.")


def _read(content: _Content, headers: dict[str, str], record: str, options: Options) -> Record | Trouble:
    url = headers.get("warc-target-uri", "").strip("<>")
    fields = [Candidate("url", url, "given", "WARC-Target-URI", "warc")] if url else []
    fields += content.opt_outs
    language = headers.get("warc-identified-content-language", "")
    if language:
        fields.append(
            Candidate("language", language, "given", "WARC-Identified-Content-Language", "warc", confidence=0.8)
        )
    if content.kind.startswith(_PAGES):
        if lacking := missing("html"):
            return lacking
        found = record_of_page(record, content.data, options.encoding, content.charset, url)
        return found if isinstance(found, Trouble) else replace(found, fields=(*fields, *found.fields))
    read = decode(content.data, options.encoding, content.charset)
    return read if isinstance(read, Trouble) else Record(record, read, "", "", url, tuple(fields))
