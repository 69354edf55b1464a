"""Reading: files of many formats to documents, every failure to quarantine.

`discover` lists the input files, `digest` names their bytes, `read` yields the documents of one, `duplicate_ids` is
the one check that needs all of them. Each format is a function from an `Entry` to records, in a module of its own;
they are imported when the first file is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from corpuskit.sources.declared import Source, Sources, load_sources, parse_sources
from corpuskit.sources.decoding import encode_back
from corpuskit.sources.discovery import InputFile, Part, Seen, digest, discover, require_unchanged, seen
from corpuskit.sources.identity import Place, duplicate_ids
from corpuskit.sources.options import Columns, Limits, Options

if TYPE_CHECKING:
    from corpuskit.sources.cutting import can_be_cut, cuts
    from corpuskit.sources.reading import read

__all__ = [
    "Columns",
    "InputFile",
    "Limits",
    "Options",
    "Part",
    "Place",
    "Seen",
    "Source",
    "Sources",
    "can_be_cut",
    "cuts",
    "digest",
    "discover",
    "duplicate_ids",
    "encode_back",
    "load_sources",
    "parse_sources",
    "read",
    "require_unchanged",
    "seen",
]


def __getattr__(name: str) -> Any:
    if name == "read":
        from corpuskit.sources import reading

        return reading.read
    if name in ("can_be_cut", "cuts"):
        from corpuskit.sources import cutting

        return getattr(cutting, name)
    raise AttributeError(f"module 'corpuskit.sources' has no attribute {name!r}")
