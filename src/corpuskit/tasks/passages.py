"""Repeated passages: paragraphs that stand in several kept documents of one source. Reported, never removed.

    sight   one per shard      texts → their long paragraphs, split into P files by digest
    join    one per partition  paragraphs of all shards → those that are repeated

Documents without a source have none in common. It comes after dedup: what two copies have in common is told by their star.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpuskit import schemas
from corpuskit.duplicates.passages import RULE, paragraphs
from corpuskit.tasks import shards
from corpuskit.tasks.job import Job

__all__ = ["PassageOptions", "join", "rows", "sight"]

SEEN = pa.schema(
    [
        ("source", pa.string()),
        ("id", pa.string()),
        ("high", pa.uint64()),
        ("low", pa.uint64()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("words", pa.int64()),
    ]
)
_KEY = ["source", "high", "low"]


@dataclass(frozen=True, slots=True)
class PassageOptions:
    """From how many words a paragraph counts, and into how many files the digests are split."""

    words: int
    parts: int


def sight(job: Job) -> int:
    """In: `cleaned`, `fates` (one shard). Out: seen-<p>.parquet."""
    options: PassageOptions = job.options
    found: list[pa.RecordBatch] = []
    count = 0
    beside = shards.batches(job.one("fates"), ["id", "source", "fate"])
    for texts, fates in zip(shards.batches(job.one("cleaned"), ["text"]), beside, strict=True):
        kept = pc.and_(pc.equal(fates.column("fate"), "kept"), pc.not_equal(fates.column("source"), ""))
        texts, fates = texts.filter(kept), fates.filter(kept)
        count += len(texts)
        one = paragraphs(texts.column("text").to_pylist(), options.words)
        owners = pa.array(one.texts)
        names = [fates.column(name).take(owners) for name in ("source", "id")]
        digests = [pa.array(np.ascontiguousarray(one.digests[:, at])) for at in (0, 1)]
        places = [pa.array(values) for values in (one.starts, one.ends, one.words)]
        found.append(pa.RecordBatch.from_arrays([*names, *digests, *places], schema=SEEN))
    table = pa.Table.from_batches(found, schema=SEEN)
    part = table.column("high").to_numpy() % np.uint64(options.parts)
    for number in range(options.parts):
        mine = table.filter(pa.array(part == number)).combine_chunks()
        shards.write(job.out / f"seen-{number:04d}.parquet", SEEN, mine.to_batches(shards.ROWS))
    return count


def join(job: Job) -> int:
    """In: `seen` (one partition, of all shards), `stars`, `withheld` (their members are not published).
    Out: passages.parquet.
    """
    table = pa.concat_tables([shards.table(path) for path in job.inputs["seen"]])
    for name in ("stars", "withheld"):
        gone = shards.table(job.one(name), ["member"]).column("member").combine_chunks()
        table = table.filter(pc.invert(pc.is_in(table.column("id"), value_set=gone)))
    counted = table.group_by(_KEY, use_threads=False).aggregate([("id", "count_distinct"), ("id", "min")])
    counted = counted.filter(pc.greater(counted.column("id_count_distinct"), 1))
    names = {"id_count_distinct": "documents", "id_min": "first"}
    counted = counted.rename_columns([names.get(name, name) for name in counted.column_names])
    joined = table.join(counted, _KEY, join_type="inner", use_threads=False)
    joined = joined.append_column("rule", pa.array([RULE] * len(joined), pa.string()))
    made = joined.select(schemas.PASSAGES.names).cast(schemas.PASSAGES).sort_by(_ORDER).combine_chunks()
    shards.write(job.out / "passages.parquet", schemas.PASSAGES, made.to_batches(shards.ROWS))
    return len(made)


_ORDER = [(name, "ascending") for name in ("source", "id", "start")]


def rows(paths: tuple[Path, ...]) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield the rows of the config `passages`, by source, id and place."""
    if paths:
        table = pa.concat_tables([shards.table(path) for path in paths]).sort_by(_ORDER).combine_chunks()
        for batch in table.to_batches(shards.ROWS):
            yield "train", batch
