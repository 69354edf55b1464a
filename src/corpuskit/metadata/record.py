"""What the metadata stage reads and what it returns. All are frozen; nothing here does work."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from corpuskit.model import Candidate

__all__ = ["Byline", "Conflict", "Metadata", "Person", "Role", "Signals", "SourceFacts"]

Role = Literal["author", "editor", "photographer", "translator", "contributor"]


@dataclass(frozen=True, slots=True)
class Person:
    """A name with the part its bearer had in the text."""

    name: str
    role: Role = "author"
    kind: Literal["person", "organisation"] = "person"


@dataclass(frozen=True, slots=True)
class Byline:
    """A person and the place in the text that names them."""

    person: Person
    sign: str  #: "byline", "dated", "bare", "bio", "sign-off", "siglum"
    start: int
    end: int
    confidence: float


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What is declared or known of the source of a document. An empty string is an unknown value."""

    name: str = ""
    url: str = ""
    publisher: str = ""
    license: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field for which evidence of one origin or of two speaks for different values."""

    field: str
    chosen: str  #: the value that was taken
    others: tuple[str, ...]  #: those that were not


@dataclass(frozen=True, slots=True)
class Signals:
    """Quality signals of a clean text, by their published definitions; see `signals`."""

    characters: int = 0
    words: int = 0
    sentences: int = 0
    lines: int = 0
    paragraphs: int = 0
    mean_word_length: float = 0.0
    mean_line_length: float = 0.0
    stop_words: int = 0
    stop_word_share: float = 0.0
    symbol_ratio: float = 0.0
    alphabetic_share: float = 0.0
    bullet_share: float = 0.0
    ellipsis_share: float = 0.0
    terminal_share: float = 0.0
    short_line_share: float = 0.0
    duplicate_line_share: float = 0.0
    duplicate_line_characters: float = 0.0
    duplicate_paragraph_share: float = 0.0
    duplicate_paragraph_characters: float = 0.0
    newline_share: float = 0.0
    top_2gram_share: float = 0.0
    top_3gram_share: float = 0.0
    top_4gram_share: float = 0.0
    duplicate_5gram_share: float = 0.0
    duplicate_6gram_share: float = 0.0
    duplicate_7gram_share: float = 0.0
    duplicate_8gram_share: float = 0.0
    duplicate_9gram_share: float = 0.0
    duplicate_10gram_share: float = 0.0
    gopher_quality: tuple[str, ...] = ()
    gopher_repetition: tuple[str, ...] = ()
    fineweb_quality: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metadata:
    """The fields of one document. None and () mean that nobody said so.

    `candidates` holds all evidence, in a fixed order; `chosen` the positions in it of what was taken.
    """

    title: str | None = None
    authors: tuple[Person, ...] = ()
    editors: tuple[Person, ...] = ()
    contributors: tuple[Person, ...] = ()  #: photographers, translators and others who were named with a role
    image_credits: tuple[str, ...] = ()
    date_published: str | None = None  #: ISO 8601, possibly partial
    date_modified: str | None = None
    language: str | None = None
    language_confidence: float = 0.0
    language_shares: tuple[tuple[str, float], ...] = ()
    license: str | None = None  #: an SPDX id, "NOASSERTION" when a statement names no known licence
    license_evidence: str | None = None
    opt_outs: tuple[str, ...] = ()  #: reservations that the text states, such as "noai", "tdm"
    url: str | None = None  #: canonical form
    site: str | None = None
    publisher: str | None = None
    signals: Signals = field(default_factory=Signals)
    candidates: tuple[Candidate, ...] = ()
    chosen: tuple[int, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
