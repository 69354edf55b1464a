"""Repeated passages: paragraphs that stand in several kept documents of one source. Marked in the ledger, never removed.

    sight   one per shard      texts → their long paragraphs, split into P files by digest
    join    one per partition  paragraphs of all shards → those that are repeated
    mark    one per shard      texts and ledgers → ledgers with the marks

Documents without a source have none in common. It comes after dedup: what two copies have in common is told by their star.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpuskit import schemas
from corpuskit.duplicates.passages import marked, paragraphs
from corpuskit.model import Edit
from corpuskit.tasks import shards
from corpuskit.tasks.job import Job
from corpuskit.text import check, restore

__all__ = ["PassageOptions", "join", "mark", "sight"]

SEEN = pa.schema(
    [
        ("source", pa.string()),
        ("id", pa.string()),
        ("high", pa.uint64()),
        ("low", pa.uint64()),
        ("start", pa.int64()),  # in the clean text
        ("end", pa.int64()),
        ("words", pa.int64()),
    ]
)
_KEY = ["source", "high", "low"]

#: Places where a repeated passage stands.
REPEATED = pa.schema(
    [
        ("id", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("words", pa.int64()),
        ("documents", pa.int64()),  # of the source that have it
        ("first", pa.string()),     # the one with the smallest id
    ]
)
#: Row for row beside CLEANED: the ledger of a document with its marks, empty where it has none.
MARKED = pa.schema([("marked", pa.list_(schemas.EDIT))])


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
    Out: repeated.parquet.
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
    made = joined.select(REPEATED.names).cast(REPEATED).sort_by([("id", "ascending"), ("start", "ascending")])
    shards.write(job.out / "repeated.parquet", REPEATED, made.combine_chunks().to_batches(shards.ROWS))
    return len(made)


def mark(job: Job) -> int:
    """In: `cleaned` (one shard), `repeated` (of all partitions). Out: marked.parquet (schema MARKED).

    Law 1 is proved of each ledger that is marked.
    """
    ids = shards.table(job.one("cleaned"), ["id"]).column("id").combine_chunks()
    parts = [shards.table(path) for path in job.inputs["repeated"]]
    mine = pa.concat_tables([part.filter(pc.is_in(part.column("id"), value_set=ids)) for part in parts])
    places: dict[str, list[tuple[int, int, str]]] = {}
    for row in mine.sort_by([("id", "ascending"), ("start", "ascending")]).to_pylist():
        evidence = f"{row['words']} words that {row['documents']} documents of the source have; the first: {row['first']}"
        places.setdefault(row["id"], []).append((row["start"], row["end"], evidence))
    shards.write(job.out / "marked.parquet", MARKED, _marked(job, places))
    return len(places)


def _marked(job: Job, places: dict[str, list[tuple[int, int, str]]]) -> Iterator[pa.RecordBatch]:
    for batch in shards.batches(job.one("cleaned"), ["id", "edits", "text"]):
        ledgers: list[list[Edit]] = []
        for at, id_ in enumerate(batch.column("id").to_pylist()):
            ledger: list[Edit] = []
            if id_ in places:
                text = batch.column("text")[at].as_py()
                made = [Edit(**edit) for edit in batch.column("edits")[at].as_py()]
                ledger = marked(text, made, places[id_])
                check(restore(text, made), text, ledger)
            ledgers.append(ledger)
        yield pa.RecordBatch.from_arrays([schemas.structs(schemas.EDIT, ledgers)], schema=MARKED)
