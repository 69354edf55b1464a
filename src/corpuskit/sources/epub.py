"""EPUB books: the chapters in reading order, and what the package file says."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from corpuskit.model import Candidate, Quarantined
from corpuskit.sources.decoding import Trouble
from corpuskit.sources.extras import missing
from corpuskit.sources.options import Options
from corpuskit.sources.parts import Parts, read_parts
from corpuskit.sources.rows import Record
from corpuskit.sources.streams import BrokenError, Entry

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from lxml.html import HtmlElement

__all__ = ["read_epub"]

_DC = "{http://purl.org/dc/elements/1.1/}"
_OPF = "{http://www.idpf.org/2007/opf}"
_ROOTFILE = ".//{urn:oasis:names:tc:opendocument:xmlns:container}rootfile"
_PAGES = ("application/xhtml+xml", "text/html")
_CHAPTER = re.compile(r"\.(?:x?html?|xml|opf|ncx)(?:$|[?#])", re.IGNORECASE)
_MAX_CHAPTERS = 20_000
_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt",
     "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav",
     "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "th", "thead", "tr", "ul")
)  # fmt: skip
_SILENT = frozenset(("head", "script", "style", "template", "svg", "audio", "video", "object", "iframe"))
#: Dublin Core elements: field and confidence. Dates are left out: they are those of the edition or the file.
_FIELDS = {
    "title": ("title", 0.95),
    "creator": ("author", 0.95),
    "publisher": ("publisher", 0.9),
    "language": ("language", 0.85),
    "rights": ("license", 0.7),
}
_ROLES = {"aut": "author", "edt": "editor", "trl": "translator", "pht": "photographer"}


def read_epub(entry: Entry, options: Options) -> Iterator[Record | Quarantined]:
    """Yield the one record of a book: a line per block, an empty line between chapters."""
    if lacking := missing("html"):
        yield entry.quarantine(lacking)
        return
    yield read_parts(entry, options, _extract)


def _protected(parts: Parts) -> bool:
    """Whether the text of a book is encrypted; fonts often are, and are no text."""
    if not parts.has("META-INF/encryption.xml"):
        return False
    known = any(parts.has(f"META-INF/{name}") for name in ("rights.xml", "license.lcpl", "sinf.xml"))
    references = parts.xml("META-INF/encryption.xml").iter("{http://www.w3.org/2001/04/xmlenc#}CipherReference")
    return known or any(_CHAPTER.search(one.get("URI", "")) for one in references)


def _extract(parts: Parts) -> tuple[str, tuple[Candidate, ...]]:
    if _protected(parts):
        raise BrokenError(Trouble("password", -1, "The book is protected against reading.", "Leave it out."))
    rootfile = parts.xml("META-INF/container.xml").find(_ROOTFILE)
    path = rootfile.get("full-path", "") if rootfile is not None else ""
    package = parts.xml(path)
    chapters = [_text(parts.data(name)) for name in _spine(package, posixpath.dirname(path)) if parts.has(name)]
    return "\n\n".join(chapter for chapter in chapters if chapter), tuple(_fields(package))


def _spine(package: Element, folder: str) -> list[str]:
    """Return the part names of the chapters in reading order, the navigation page not among them."""
    items: dict[str, str] = {}
    for item in package.iter(f"{_OPF}item"):
        if item.get("media-type") in _PAGES and "nav" not in item.get("properties", "").split():
            name = unquote(item.get("href", "").split("#", 1)[0])
            items[item.get("id", "")] = posixpath.normpath(posixpath.join(folder, name))
    order = [items[key] for ref in package.iter(f"{_OPF}itemref") if (key := ref.get("idref", "")) in items]
    return list(dict.fromkeys(order))[:_MAX_CHAPTERS]


def _fields(package: Element) -> Iterator[Candidate]:
    for name, (field, confidence) in _FIELDS.items():
        for number, node in enumerate(package.iter(f"{_DC}{name}")):
            value = " ".join((node.text or "").split())
            if not value or len(value) > 400 or (name == "title" and number):
                continue
            role = _ROLES.get(node.get(f"{_OPF}role", ""), field) if name == "creator" else field
            yield Candidate(role, value, "page", f"package dc:{name}", "epub.package", confidence=confidence)


def _text(data: bytes) -> str:
    """Return the text of a chapter, a line per block and line break, white space collapsed outside of `pre`."""
    from lxml import etree, html

    try:
        root = html.document_fromstring(data, parser=html.HTMLParser(encoding=_encoding(data), remove_comments=True))
    except (etree.ParserError, etree.XMLSyntaxError):  # an empty page
        return ""
    parts: list[str] = []
    _walk(root, parts)
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _encoding(data: bytes) -> str:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "cp1252"
    return "utf-8"


def _walk(root: HtmlElement, parts: list[str]) -> None:
    """Collect the text below `root`, without recursion; newlines in the source are blanks, blocks begin lines."""
    stack: list[tuple[HtmlElement, bool]] = [(root, False)]
    while stack:
        node, ending = stack.pop()
        block = node.tag in _BLOCKS
        if ending:
            parts.append("\n" if block else "")
            parts.append((node.tail or "").replace("\n", " "))
            continue
        stack.append((node, True))
        if not isinstance(node.tag, str) or node.tag in _SILENT:
            continue
        parts.append("\n" if block or node.tag == "br" else "")
        inside_pre = node.tag == "pre"
        parts.append((node.text or "") if inside_pre else (node.text or "").replace("\n", " "))
        stack.extend((child, False) for child in reversed(node))
