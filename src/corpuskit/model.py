"""The nouns that every stage shares. All are frozen; nothing here does work.

A *span* is half-open, `[start, end)`, in code points of a document's raw text, and never empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "FAMILIES",
    "ORIGINS",
    "Candidate",
    "Cleaned",
    "Document",
    "Edit",
    "Origin",
    "Provenance",
    "Quarantined",
    "Status",
]

#: The kinds of residue an edit can name: the first part of every rule id.
FAMILIES = (
    "encoding",    # mojibake, entities, control characters, newline mixtures
    "ad-marker",   # slot labels, sponsored inserts
    "caption",     # captions, image credits, alternative text
    "byline",      # author, editor, agency lines; job titles, handles
    "dateline",    # date, time, "updated", reading time standing alone
    "bio",         # about the author, sign-offs
    "promo",       # newsletter, subscription, app, donation, paywall, social, plugs
    "related",     # links and teasers to other articles, tags
    "share",       # share, like, print, counters
    "comment",     # reader comments and their furniture
    "nav",         # menus, breadcrumbs, lone section labels, cookie, legal, player text, site name
    "dup",         # accidental repetition of the article's own text
    "template",    # a line that a source repeats over many documents
    "model",       # a line that only the line model gave away
    "pii",         # personal data masked on request
    "blank",       # blank lines left doubled by cuts
)

Origin = Literal["given", "page", "text", "url", "computed", "copy"]
ORIGINS: tuple[Origin, ...] = ("given", "page", "text", "url", "computed", "copy")

Status = Literal["clean", "held"]


@dataclass(frozen=True, slots=True)
class Edit:
    """One change: `removed` stood at `[start, end)` of the raw text and `inserted` stands there now."""

    rule: str          #: id of the rule, `family.language.slug`
    start: int         #: first code point of the span in the raw text
    end: int           #: one past the last; always greater than `start`
    removed: str       #: the raw text of the span, exactly
    inserted: str      #: what replaces it; empty for a deletion
    evidence: str      #: what was seen, for a person; absorbed rule ids stand here too
    confidence: float  #: calibrated probability that the edit is right, 3 decimals


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible value of one metadata field, with what says so."""

    field: str             #: "title", "author", "editor", "image_credit", "date_published", "url", "language", …
    value: str             #: the value as text; dates in ISO 8601, possibly partial
    origin: Origin         #: where it comes from
    evidence: str          #: the string or path that says so
    rule: str = ""         #: the rule or method that found it
    start: int = -1        #: span in the raw text, or -1 where there is none
    end: int = -1
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where and how the raw text of a document was read."""

    path: str                    #: NFC, POSIX, relative to the input root
    record: str = ""             #: member path and row number inside the file, or empty
    encoding: str = "utf-8"
    encoding_origin: str = "strict"      #: "bom", "strict", "configured", "cp1252", "detected", "given"
    encoding_confidence: float = 1.0
    bom: bool = False
    newline: Literal["lf", "crlf", "cr", "mixed", "none"] = "lf"
    bytes_sha256: str = ""       #: of the bytes that were decoded (the file, or the record's text as UTF-8)
    lossy: bool = False          #: the raw text does not encode back to those bytes


@dataclass(frozen=True, slots=True)
class Document:
    """One text with its id, source and the fields it came with."""

    id: str
    source: str                            #: name of the source, "" where there is none
    text: str                              #: the raw text: decoded, newlines normalised
    provenance: Provenance
    given: tuple[Candidate, ...] = ()      #: fields from the input (columns, front matter, page)
    extra: str = ""                        #: columns that no field takes, as a JSON object, "" where there are none


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A record that could not be read: what, where, why, and what to do."""

    path: str
    record: str          #: row number or member, or empty for the whole file
    offset: int          #: byte offset of the trouble in the file, -1 where it is unknown
    reason: str          #: a stable code: "binary", "undecodable", "bad-json", "no-text", "duplicate-id", …
    message: str         #: one sentence for a person
    remedy: str          #: one sentence: what to do about it
    excerpt: str = ""    #: up to 200 characters of the offending material, escaped


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What cleaning makes of one raw text."""

    text: str                           #: the clean text; `apply(raw, ledger)`
    ledger: tuple[Edit, ...]            #: sorted, pairwise disjoint
    suspects: tuple[Edit, ...] = ()     #: edits that were seen but not made
    candidates: tuple[Candidate, ...] = ()   #: fields that rules extracted from what they removed
    status: Status = "clean"
    reason: str = ""                    #: why it is held, empty when it is not
