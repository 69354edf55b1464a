"""Clean: the documents of one bucket, row for row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from corpuskit import schemas
from corpuskit.cleaning import Options, Owner
from corpuskit.cleaning.phases import cleaner
from corpuskit.cleaning.rules.loader import RuleFile
from corpuskit.metadata.masking import mask
from corpuskit.model import Cleaned
from corpuskit.tasks import shards
from corpuskit.tasks.job import Job
from corpuskit.tasks.templates import read_list

__all__ = ["CleanOptions", "clean"]


@dataclass(frozen=True, slots=True)
class CleanOptions:
    """Options of the stage, the kinds of personal data that are masked after it, and rules that are read already."""

    clean: Options
    mask: tuple[str, ...] = ()
    own: tuple[RuleFile, ...] = ()  #: rules of one's own


def clean(job: Job) -> int:
    """In: `documents`, `templates` (a list, or none). Out: cleaned.parquet, row for row beside the documents."""
    options: CleanOptions = job.options
    lists = job.inputs.get("templates", ())
    templates = read_list(lists[0]) if lists else None
    named = bool(templates and templates.entries)

    def rows() -> Iterator[pa.RecordBatch]:
        read = shards.batches(job.one("documents"), ["id", "source", "text", *(["given"] if named else [])])
        for (batch,), spared in job.steps(map(_alone, read)):
            ids, texts = (batch.column(name).to_pylist() for name in ("id", "text"))
            owners = list(map(Owner, batch.column("source").to_pylist(), schemas.given(batch))) if named else None
            del batch  # as large as the texts
            private: list[tuple[tuple[int, int], ...]] = []
            if spared:
                cleaned = [Cleaned(text, (), status="held", reason=str(spared)) for text in texts]
            else:
                cleaned = cleaner(options.clean, options.own).clean(texts, owners, templates)
                if options.mask:
                    masked = [mask(raw, one, options.mask) for raw, one in zip(texts, cleaned, strict=True)]
                    cleaned, private = [one.cleaned for one in masked], [one.private for one in masked]
            yield schemas.cleaned_batch(ids, cleaned, private)

    return shards.write(job.out / "cleaned.parquet", schemas.CLEANED, rows())


def _alone(batch: pa.RecordBatch) -> tuple[pa.RecordBatch]:
    return (batch,)
