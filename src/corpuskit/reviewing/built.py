"""An explanation of a document that is not published: what is held or filtered stands in the build's own files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpuskit.errors import InputError
from corpuskit.model import Candidate, Edit
from corpuskit.reviewing.explain import Explanation, explain

__all__ = ["explain_built"]


def explain_built(workshop: Path, key: str) -> Explanation | None:
    """Return the explanation of the document `key` of the last build in `workshop` (``.build/<name>``).

    Its status is the document's fate, its reason what decided. None when there was no build, or none with such a
    document. Raises `InputError` when the files of the build cannot be read.
    """
    try:
        made = json.loads((workshop / "shards.json").read_bytes())
    except (OSError, ValueError):
        return None
    for names in made:
        files = {stage: workshop / "objects" / name for stage, name in names.items()}
        found = _row(files["fates"], key)
        if found is None:
            continue
        documents, cleaned, enriched = (_row(files[stage], key) for stage in ("documents", "cleaned", "enriched"))
        if documents is None or cleaned is None or enriched is None:
            break
        evidence = enriched["evidence"] or []
        listed = _row(files["withheld"], key, "member") if found["fate"] == "kept" and "withheld" in files else None
        if listed:
            found |= {"fate": "filtered", "reason": "takedown", "evidence": f"it or its text is listed: {listed['kept']}"}
        reason = f"{found['reason']} ({found['evidence']})" if found["evidence"] else found["reason"]
        return explain(
            documents["text"],
            [Edit(**edit) for edit in cleaned["edits"]],
            [Edit(**edit) for edit in cleaned["suspects"]],
            name=":".join(filter(None, (documents["path"], documents["record"]))),
            chosen=[_candidate(entry) for entry in evidence if entry["chosen"]],
            others=[_candidate(entry) for entry in evidence if not entry["chosen"]],
            status="clean" if found["fate"] == "kept" else found["fate"],
            reason=reason,
        )
    return None


def _candidate(entry: dict[str, Any]) -> Candidate:
    return Candidate(**{name: value for name, value in entry.items() if name != "chosen"})


def _row(path: Path, key: str, column: str = "id") -> dict[str, Any] | None:
    """The row of one document, or None."""
    try:
        rows: list[dict[str, Any]] = pq.read_table(path, filters=[(column, "=", key)], partitioning=None).to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: cannot be read: {str(error).splitlines()[0]}; run `corpuskit build`") from error
    return rows[0] if rows else None
