"""Word documents (DOCX), with the standard library alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from corpuskit.model import Candidate, Quarantined
from corpuskit.sources.options import Options
from corpuskit.sources.parts import Parts, read_parts
from corpuskit.sources.rows import Record
from corpuskit.sources.streams import Entry

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["read_docx"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_DC = "{http://purl.org/dc/elements/1.1/}"
_FIELDS = (("title", 0.6), ("creator", 0.6), ("language", 0.5))  # programs fill them in by themselves
_NAMES = {"title": "title", "creator": "author", "language": "language"}
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011", "softHyphen": "\u00ad"}


def read_docx(entry: Entry, options: Options) -> Iterator[Record | Quarantined]:
    """Yield the one record of a document: a line per paragraph, table cells too, then foot- and endnotes.

    Deleted revisions, field codes and the second rendering of text boxes are left out.
    """
    yield read_parts(entry, options, _extract)


def _extract(parts: Parts) -> tuple[str, tuple[Candidate, ...]]:
    lines: list[str] = []
    for name in ("document", "footnotes", "endnotes"):
        part = f"word/{name}.xml"
        if name == "document" or parts.has(part):
            lines.extend(_paragraphs(parts.xml(part)))
    return "\n".join(lines), _fields(parts)


def _fields(parts: Parts) -> tuple[Candidate, ...]:
    if not parts.has("docProps/core.xml"):
        return ()
    root = parts.xml("docProps/core.xml")
    found: list[Candidate] = []
    for name, confidence in _FIELDS:
        value = (root.findtext(f"{_DC}{name}") or "").strip()
        if value and len(value) <= 400:
            evidence = f"docProps/core.xml dc:{name}"
            found.append(Candidate(_NAMES[name], value, "page", evidence, "docx.properties", confidence=confidence))
    return tuple(found)


def _paragraphs(root: Element) -> Iterator[str]:
    """Yield the text of each paragraph in document order, without recursion: nesting is the file's choice."""
    open_paragraphs: list[list[str]] = []
    stack: list[tuple[Element, bool]] = [(root, False)]
    while stack:
        node, ending = stack.pop()
        kind = node.tag.removeprefix(_W).removeprefix(_STRICT)
        if ending:
            yield "".join(open_paragraphs.pop())
            continue
        if kind in ("del", "moveFrom", "instrText", "delText") or node.tag == _FALLBACK:
            continue
        if kind == "p":
            open_paragraphs.append([])
            stack.append((node, True))
        elif open_paragraphs and kind == "t":
            open_paragraphs[-1].append(node.text or "")
        elif open_paragraphs and kind in _BREAKS:
            open_paragraphs[-1].append(_BREAKS[kind])
        stack.extend((child, False) for child in reversed(node))
