"""Ingest: the input files of a bucket, or a part of a large one, become documents, sorted by (source, id), and a quarantine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pyarrow as pa

from corpuskit import schemas
from corpuskit.model import Document, Quarantined
from corpuskit.sources import InputFile, Options, Sources, cuts, read, require_unchanged
from corpuskit.tasks import shards
from corpuskit.tasks.job import Job
from corpuskit.tasks.spared import Spared

__all__ = ["CutOptions", "IngestOptions", "cut", "identify", "ingest"]


_SHARD_BYTES = 64 << 20  # characters of text, roughly
_SHARD_ROWS = 1 << 17


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """What one ingest task reads. The root is where the files lie, not what they are: it is not in the key."""

    files: tuple[InputFile, ...]
    declared: Sources
    options: Options


def ingest(job: Job) -> int:
    """Read the files of a bucket, or a part of one. Reads below `root`. Out: documents-0000.parquet and so
    on, each sorted and of some `_SHARD_BYTES` of text, and quarantine.parquet.
    """
    plan: IngestOptions = job.options
    refused: list[Quarantined] = []
    with _Shards(job.out) as shards_:
        for file in plan.files:
            if spared := job.spared.get(file.path):
                refused.append(_left_alone(file, spared))
                continue
            job.note(file.path, file.path, shards_.documents)
            for found in read(job.root, file, plan.declared, plan.options):
                if isinstance(found, Document):
                    if job.careful:
                        schemas.documents_batch([found])  # what cannot be written is to be blamed on its own file
                    shards_.add(found)
                    if shards_.documents % shards.ROWS == 0:
                        job.note(file.path, file.path, shards_.documents)
                else:
                    refused.append(found)
    shards.write(job.out / "quarantine.parquet", schemas.QUARANTINE, [schemas.quarantine_batch(refused)])
    _require_unchanged(job, plan.files)
    return shards_.documents


def _require_unchanged(job: Job, files: Sequence[InputFile]) -> None:
    """Raise `InputError` where a file was written to since the key of this task was made of it: what was read would stand
    under the digest of other bytes, and come back with these, in any later build.
    """
    for file, seen in zip(files, job.seen, strict=True):
        if file.path not in job.spared:
            require_unchanged(job.root, file, seen)


def _left_alone(file: InputFile, spared: Spared) -> Quarantined:
    """Return the entry of a file, or a part of one, that nothing is read of."""
    record, offset, what, more = "", -1, "this file", ""
    if part := file.part:
        record, more = f"{part.before + 1}-", " The records of this part count as one."
        if file.format == "parquet":
            stretch = f"row groups {part.start} to {part.stop - 1}"
        else:
            offset, stretch = part.start, f"bytes {part.start} to {part.stop - 1}"
        what = f"{stretch} of this file, from record {part.before + 1} on"
    if spared.error:
        message = f"Reading {what} failed, by a defect of corpuskit: {spared.error}."
        remedy = "Report it, with the file if you can; `corpuskit build --retry` tries once more."
    else:
        message = f"Worker processes died again and again, or came to a halt, while they read {what}."
        remedy = "Look at what is in it; `corpuskit build --retry` tries once more."
    return Quarantined(file.path, record, offset, spared.reason, message + more, remedy)


class _Shards:
    """Documents as files, one at a time in memory."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._held: list[Document] = []
        self._bytes = 0
        self._files = 0
        self.documents = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and (self._held or not self._files):
            self._flush()

    def add(self, document: Document) -> None:
        """Take a document."""
        self._held.append(document)
        self._bytes += len(document.text) + len(document.extra)
        self.documents += 1
        if self._bytes >= _SHARD_BYTES or len(self._held) >= _SHARD_ROWS:
            self._flush()

    def _flush(self) -> None:
        self._held.sort(key=lambda one: (one.source, one.id, one.provenance.path, one.provenance.record))
        shards.write(self._out / f"documents-{self._files:04d}.parquet", schemas.DOCUMENTS, _rows(self._held))
        self._held, self._bytes, self._files = [], 0, self._files + 1


def _rows(kept: Sequence[Document]) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(kept), shards.ROWS):
        yield schemas.documents_batch(kept[start : start + shards.ROWS])


@dataclass(frozen=True, slots=True)
class CutOptions:
    """Which file to cut into parts of about `size` bytes."""

    file: InputFile
    options: Options
    size: int


def cut(job: Job) -> int:
    """Find where a large file can be cut. Reads below `root`. Out: parts.json, a list of [start, stop, records before].

    Of a file to be spared the list is empty: it is read as a whole then, or quarantined where that fails, too.
    """
    plan: CutOptions = job.options
    path = plan.file.path
    job.note(path, path, 0)
    parts = [] if path in job.spared else cuts(job.root, plan.file, plan.options, plan.size)
    (job.out / "parts.json").write_text(json.dumps([[one.start, one.stop, one.before] for one in parts]))
    _require_unchanged(job, [plan.file])
    return 0


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
