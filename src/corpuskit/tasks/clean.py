"""Clean: the documents of one bucket, row for row."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from corpuskit import schemas
from corpuskit.cleaning import Options, clean_batch
from corpuskit.tasks import shards
from corpuskit.tasks.job import Job

__all__ = ["clean"]


def clean(job: Job) -> int:
    """In: `documents`, `templates`. Out: cleaned.parquet, row for row beside the documents."""
    options: Options = job.options

    def rows() -> Iterator[pa.RecordBatch]:
        for batch in shards.batches(job.one("documents"), ["id", "text"]):
            cleaned = clean_batch(batch.column("text").to_pylist(), options)
            yield schemas.cleaned_batch(batch.column("id").to_pylist(), cleaned)

    return shards.write(job.out / "cleaned.parquet", schemas.CLEANED, rows())
