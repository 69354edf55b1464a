"""What a person may choose about reading: columns, encoding, what to ignore, limits."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from corpuskit.errors import ConfigError

__all__ = ["Columns", "Limits", "Options"]


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of a tabular file (or key of a JSON row) holds what.

    Empty means: guess by well-known names, see `rows.GUESSES`. ``-`` means: do not read this field. A dotted
    name reaches into nested objects: ``meta.author``.
    """

    id: str = ""
    text: str = ""
    url: str = ""
    source: str = ""
    publisher: str = ""
    title: str = ""
    authors: str = ""
    editors: str = ""
    image_credits: str = ""
    date: str = ""
    date_modified: str = ""
    language: str = ""
    license: str = ""
    series: str = ""
    extra: str = ""  #: what `extra_json` keeps: empty, all columns that no field takes; a name, that one


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that keep memory and time finite on hostile input; what passes one is quarantined, never cut."""

    document_bytes: int = 128 << 20  #: one text file, page or archive member, unpacked
    record_bytes: int = 128 << 20  #: one row of JSON Lines or CSV, one WARC record
    unpacked_bytes: int = 1 << 40  #: all that one packed file may unpack to
    ratio: int = 200  #: unpacked to packed, looked at past the first 16 MiB; text packs 3 to 30 fold
    members: int = 1_000_000  #: of one archive
    nesting: int = 3  #: archives within archives

    def __post_init__(self) -> None:
        """Check the values."""
        for one in fields(self):
            value, least = getattr(self, one.name), 0 if one.name == "nesting" else 1
            if value < least:
                raise ConfigError(f"[ingest.limits] {one.name} = {value}: {least} or more")


@dataclass(frozen=True, slots=True)
class Options:
    """The `[ingest]` table of corpuskit.toml."""

    columns: Columns = field(default_factory=Columns)
    encoding: str = ""  #: tried after UTF-8 and before every guess
    ignore: tuple[str, ...] = ()  #: globs of relative paths that are not input
    limits: Limits = field(default_factory=Limits)
