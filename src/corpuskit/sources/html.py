"""HTML pages: the main text by trafilatura, and what the page says of itself."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from hashlib import sha256

from corpuskit.model import Candidate, Quarantined
from corpuskit.patterns import without_escapes
from corpuskit.sources.decoding import Decoded, Trouble, decode
from corpuskit.sources.extras import missing
from corpuskit.sources.options import Options
from corpuskit.sources.page import page_fields, page_url
from corpuskit.sources.page_dates import SURE_DATE
from corpuskit.sources.rows import Record
from corpuskit.sources.streams import BrokenError, Entry, read_whole

__all__ = ["PAGE_BYTES", "read_html", "record_of_page"]

PAGE_BYTES = 8 << 20  # parsing takes some 20 times the memory, and extraction a minute; no article is longer
_SEARCHED = 0.7  # htmldate is right on three pages in four of those that state nothing
_CHANGED = 0.4  # below what metadata takes a candidate for
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s{0,10}=\s{0,10}["']?\s{0,10}([\w.:-]{1,40})""", re.IGNORECASE)

#: What browsers make of a name (WHATWG Encoding Standard): pages say Latin-1 and mean Windows-1252.
_BROWSERS = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}


def read_html(entry: Entry, options: Options) -> Iterator[Record | Quarantined]:
    """Yield the one record of a page."""
    if lacking := missing("html"):
        yield entry.quarantine(lacking)
        return
    try:
        found = record_of_page(entry.member, read_whole(entry, options.limits), options.encoding)
    except BrokenError as error:
        found = error.trouble
    yield entry.quarantine(found) if isinstance(found, Trouble) else found


def record_of_page(record: str, data: bytes, configured: str, stated: str = "", url: str = "") -> Record | Trouble:
    """Return the main text and fields of a page.

    `stated` is the encoding that the server named, `url` the address it was fetched from. The raw text is what
    the extractor made of the page, so it is `lossy`; `bytes_sha256` is that of the page.
    """
    if len(data) > PAGE_BYTES:
        return Trouble("too-large", PAGE_BYTES, f"The page is longer than {PAGE_BYTES} bytes.", "Leave it out.")
    read = decode(data, configured, stated or _meta_charset(data))
    if isinstance(read, Trouble):
        return read
    from lxml import etree, html

    # the parser drops ESC alone, and "[31m" would stay in the text for good
    page = without_escapes(read.text)
    try:
        root = html.document_fromstring(
            page.encode("utf-8"), parser=html.HTMLParser(encoding="utf-8", remove_comments=True)
        )
        text = _main_text(page)
    except (
        etree.LxmlError,
        ValueError,
        RecursionError,
        AssertionError,
        TypeError,
        AttributeError,
        LookupError,
    ) as error:
        message = f"The page cannot be parsed: {type(error).__name__}."
        return Trouble("broken-html", -1, message, "Look at the page in a browser; leave it out if it is broken.")
    if not text.strip():
        return Trouble("no-text", -1, "The page has no main text.", "Leave it out; it may be a list or need scripts.")
    address = url or page_url(root)
    fields = page_fields(root)
    if address and not url:
        fields += (Candidate("url", address, "page", "canonical link or og:url", "page.canonical", confidence=0.95),)
    if not any(one.field == "date_published" and one.confidence >= SURE_DATE for one in fields):
        changed = {one.value[:10] for one in fields if one.field == "date_modified"}
        fields += _searched_date(page, address, changed)
    decoded = Decoded(
        text=text,
        encoding=read.encoding,
        origin=read.origin,
        confidence=read.confidence,
        bom=read.bom,
        newline="lf" if "\n" in text else "none",
        bytes_sha256=sha256(data).hexdigest(),
        lossy=True,
    )
    return Record(record, decoded, "", "", address, fields)


def _main_text(page: str) -> str:
    """Return the article's text, a line per block. Comments are left out; repeated text stays, for cleaning to judge.

    Of the well-kept extractors trafilatura loses least on news pages of 100 publishers while taking in little
    else; its duplicate cache, which would make a page's text depend on the pages before it, stays off.
    """
    import logging

    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    if "<html" not in page[:5000].lower():
        page = f"<html><body>{page}</body></html>"  # a saved fragment, which the extractor would not take for HTML
    text = trafilatura.extract(page, include_comments=False, include_tables=True, deduplicate=False)
    return text or ""


def _searched_date(page: str, url: str, changed: AbstractSet[str]) -> tuple[Candidate, ...]:
    """Return the date that htmldate finds in a page that states none; its limit of today would be a clock.

    Where it finds nothing better it gives a day of change, one of `changed`, which is no day of publication.
    """
    import logging

    import htmldate

    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    try:
        found = htmldate.find_date(
            page,
            extensive_search=False,
            original_date=True,
            url=url or None,
            min_date="1995-01-01",
            max_date="2099-12-31",
        )
    except (ValueError, OverflowError, TypeError, AttributeError, LookupError):  # a page made to break it
        found = None
    if not found:
        return ()
    confidence = _CHANGED if found in changed else _SEARCHED
    return (Candidate("date_published", found, "page", "htmldate", "page.htmldate", confidence=confidence),)


def _meta_charset(data: bytes) -> str:
    """Return the encoding that the page names in its first 4 KB, as browsers understand it, or ""."""
    found = _CHARSET.search(data[:4096])
    return understood(found.group(1).decode("ascii", "replace")) if found else ""


def understood(name: str) -> str:
    """Return Python's name for the encoding that a page or server calls `name`, or "" when there is none."""
    try:
        known = codecs.lookup(name.strip().strip("\"'")).name
        "".encode(known)
    except (LookupError, ValueError):
        return ""
    return "" if known.startswith(("utf-16", "utf-32", "utf-7")) else _BROWSERS.get(known, known)
