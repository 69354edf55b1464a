"""Metadata: what a document says about itself, each value with its evidence. A pure stage: texts in, fields out.

What does the work is imported when it is first asked for: reading the options of a build needs none of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from corpuskit.metadata.options import Options

if TYPE_CHECKING:
    from corpuskit.metadata.enriching import Request, enrich, enrich_batch
    from corpuskit.metadata.record import Conflict, Metadata, Person, Signals, SourceFacts

__all__ = ["Conflict", "Metadata", "Options", "Person", "Request", "Signals", "SourceFacts", "enrich", "enrich_batch"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'corpuskit.metadata' has no attribute {name!r}")
    if name in ("Request", "enrich", "enrich_batch"):
        from corpuskit.metadata import enriching

        return getattr(enriching, name)
    from corpuskit.metadata import record

    return getattr(record, name)
