"""corpuskit: raw texts in, a published dataset out, and an account of every character in between.

    >>> import corpuskit
    >>> done = corpuskit.clean("Article continues after ad\\nThe mayor said so.\\n")
    >>> done.text
    'The mayor said so.\\n'
    >>> corpuskit.restore(done.text, done.ledger)
    'Article continues after ad\\nThe mayor said so.\\n'

Public names are imported when they are first used, so that `import corpuskit` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corpuskit.cleaning import clean, clean_batch
    from corpuskit.dataset.diff import diff
    from corpuskit.dataset.verify import verify
    from corpuskit.duplicates.dedup import dedup
    from corpuskit.errors import CorpuskitError
    from corpuskit.metadata import enrich, enrich_batch
    from corpuskit.model import Candidate, Cleaned, Document, Edit, Provenance, Quarantined
    from corpuskit.reviewing.explain import explain
    from corpuskit.run.build import build
    from corpuskit.sources import read as ingest
    from corpuskit.tasks.package import package
    from corpuskit.text import apply, restore

__version__ = "0.1.0"

_HOMES = {
    "Candidate": "corpuskit.model",
    "Cleaned": "corpuskit.model",
    "CorpuskitError": "corpuskit.errors",
    "Document": "corpuskit.model",
    "Edit": "corpuskit.model",
    "Provenance": "corpuskit.model",
    "Quarantined": "corpuskit.model",
    "apply": "corpuskit.text",
    "build": "corpuskit.run.build",
    "clean": "corpuskit.cleaning",
    "clean_batch": "corpuskit.cleaning",
    "dedup": "corpuskit.duplicates.dedup",
    "diff": "corpuskit.dataset.diff",
    "enrich": "corpuskit.metadata",
    "enrich_batch": "corpuskit.metadata",
    "explain": "corpuskit.reviewing.explain",
    "ingest": "corpuskit.sources:read",
    "package": "corpuskit.tasks.package",
    "restore": "corpuskit.text",
    "verify": "corpuskit.dataset.verify",
}

__all__ = [
    "Candidate",
    "Cleaned",
    "CorpuskitError",
    "Document",
    "Edit",
    "Provenance",
    "Quarantined",
    "__version__",
    "apply",
    "build",
    "clean",
    "clean_batch",
    "dedup",
    "diff",
    "enrich",
    "enrich_batch",
    "explain",
    "ingest",
    "package",
    "restore",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'corpuskit' has no attribute {name!r}")
    home, _, other = _HOMES[name].partition(":")
    return getattr(importlib.import_module(home), other or name)


def __dir__() -> list[str]:
    return list(__all__)
