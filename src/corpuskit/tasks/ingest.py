"""Ingest: the input files of one bucket become documents, sorted by (source, id), and a quarantine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from corpuskit import schemas
from corpuskit.model import Document, Quarantined
from corpuskit.sources import InputFile, Options, Sources, read
from corpuskit.tasks import shards
from corpuskit.tasks.job import SPARED, Job

__all__ = ["IngestOptions", "identify", "ingest"]


_DIED = "Worker processes died again and again, or came to a halt, while they read this file."
_REMEDY = "Look at what is in it; `corpuskit build --retry` tries once more."


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """What one ingest task reads. The root is where the files lie, not what they are: it is not in the key."""

    files: tuple[InputFile, ...]
    declared: Sources
    options: Options


def ingest(job: Job) -> int:
    """Read the files of a bucket. In: `root` (the input folder). Out: documents.parquet, quarantine.parquet."""
    plan: IngestOptions = job.options
    kept: list[Document] = []
    refused: list[Quarantined] = []
    for file in plan.files:
        job.note(file.path, file.path, len(kept))
        if file.path in job.spared:
            refused.append(Quarantined(file.path, "", -1, SPARED, _DIED, _REMEDY))
            continue
        for found in read(job.one("root"), file, plan.declared, plan.options):
            (kept if isinstance(found, Document) else refused).append(found)  # type: ignore[arg-type]
    kept.sort(key=lambda one: (one.source, one.id, one.provenance.path, one.provenance.record))
    shards.write(job.out / "documents.parquet", schemas.DOCUMENTS, _rows(kept))
    shards.write(job.out / "quarantine.parquet", schemas.QUARANTINE, [schemas.quarantine_batch(refused)])
    return len(kept)


def _rows(kept: Sequence[Document]) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(kept), shards.ROWS):
        yield schemas.documents_batch(kept[start : start + shards.ROWS])


def identify(job: Job) -> int:
    """Find ids that two documents claim. In: `documents` (all shards). Out: quarantine.parquet.

    The document at the earlier place keeps the id; the others are quarantined and left out from here on.
    """
    from corpuskit.sources import Place, duplicate_ids

    seen: set[str] = set()
    twice: set[str] = set()
    for path in job.inputs["documents"]:
        for id_ in _column(path, "id"):
            (twice if id_ in seen else seen).add(id_)
    places: list[Place] = []
    if twice:
        for path in job.inputs["documents"]:
            rows = shards.table(path, ["id", "path", "record"]).to_pylist()
            places += [Place(row["id"], row["path"], row["record"]) for row in rows if row["id"] in twice]
    refused = duplicate_ids(places)
    shards.write(job.out / "quarantine.parquet", schemas.QUARANTINE, [schemas.quarantine_batch(refused)])
    return len(seen)


def _column(path: Path, name: str) -> list[str]:
    values: list[str] = shards.table(path, [name]).column(name).to_pylist()
    return values
