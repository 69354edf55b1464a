"""An explanation from a published dataset: clean text and ledger give the raw text back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpuskit.duplicates.passages import RULE
from corpuskit.errors import InputError, MissingError
from corpuskit.metadata.masking import BLOT
from corpuskit.model import Candidate, Edit
from corpuskit.reviewing.explain import Explanation, explain
from corpuskit.text import restore

__all__ = ["explain_published", "is_published"]


def explain_published(folder: Path, key: str) -> Explanation:
    """Return the explanation of the document `key` of the dataset in `folder`.

    Suspects are not published; marks of repeated passages, which change nothing, stand in their place. Raises
    `MissingError` when the document is not there (saying why, where it was left out). What is masked in the
    published ledger is blotted out here too.
    """
    found = _rows(folder, "data", key)
    if not found:
        dropped = _rows(folder, "dropped", key)
        why = "".join(f"; it was {row['fate']}: {row['reason']} ({row['evidence']})" for row in dropped)
        raise MissingError(f"{folder}: has no document with the id {key!r}{why}")
    row = found[0]
    edits = sorted(_rows(folder, "removed", key), key=lambda edit: (edit["start"], edit["end"]))
    ledger = [
        Edit(
            edit["rule"],
            edit["start"],
            edit["end"],
            BLOT * (edit["end"] - edit["start"]) if edit["removed"] is None else edit["removed"],
            edit["inserted"] or "",
            edit["evidence"] or "",
            edit["confidence"],
        )
        for edit in edits
    ]
    evidence = row["evidence"] or []
    return explain(
        restore(row["text"] or "", ledger),
        [edit for edit in ledger if edit.rule != RULE],
        [edit for edit in ledger if edit.rule == RULE],
        name=key,
        chosen=[_candidate(entry) for entry in evidence if entry["chosen"]],
        others=[_candidate(entry) for entry in evidence if not entry["chosen"]],
    )


def is_published(folder: Path, key: str) -> bool:
    """Whether the dataset in `folder` has the document `key`."""
    return bool(_rows(folder, "data", key, ["id"]))


def _candidate(entry: dict[str, Any]) -> Candidate:
    return Candidate(**{name: value for name, value in entry.items() if name != "chosen"})


def _rows(folder: Path, home: str, key: str, columns: list[str] | None = None) -> list[dict[str, Any]]:
    """The rows of one document. Row groups without it are left out by their statistics."""
    rows: list[dict[str, Any]] = []
    for path in sorted((folder / home).glob("*.parquet")):
        try:
            rows += pq.read_table(path, columns=columns, filters=[("id", "=", key)], partitioning=None).to_pylist()
        except (OSError, pa.ArrowException) as error:
            raise InputError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from error
    return rows
