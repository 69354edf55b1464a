"""The model that may score a labelled document: the one that never saw its site.

model = fold_model("residue", row["id"])      # a LineModel, to be used in place of the shipped one
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from corpuskit.cleaning.line_model import LineModel, load

__all__ = ["FOLDER", "fold_model", "fold_of", "key", "model"]

FOLDER = Path(__file__).resolve().parent / "folds"


def key(name: str, identity: str) -> str:
    """Return how documents.tsv calls a document: 16 hex digits of the SHA-256 of its set and id."""
    return sha256(f"{name}\t{identity}".encode()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _folds() -> dict[str, int]:
    rows = (line.split("\t") for line in (FOLDER / "documents.tsv").read_text(encoding="utf-8").splitlines())
    return {name: int(fold) for name, fold in rows}


def fold_of(name: str, identity: str) -> int:
    """Return the fold of a document of the set `name`. Raises `KeyError` for one that no fold was dealt."""
    return _folds()[key(name, identity)]


@lru_cache(maxsize=8)
def model(fold: int) -> LineModel:
    """Return the model that was trained without this fold."""
    return load((FOLDER / f"{fold}.npz").read_bytes())


def fold_model(name: str, identity: str) -> LineModel:
    """Return the model that was trained without the fold of this document."""
    return model(fold_of(name, identity))
