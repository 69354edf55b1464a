"""Decontaminate: which documents share long word sequences with texts that are kept for evaluation.

    gather   one            the evaluation texts → their index, which stays on the disk
    search   one per shard  documents and their fates → overlaps, and new fates

It comes before dedup, so that no document is left out as a copy of one that is dropped here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from corpuskit import schemas
from corpuskit.duplicates.decontaminate import Index, index, overlaps
from corpuskit.errors import ConfigError, InputError
from corpuskit.model import Quarantined
from corpuskit.sources import Columns, InputFile, Options, Sources, read
from corpuskit.tasks import shards
from corpuskit.tasks.job import Job

__all__ = ["DROPPED", "GatherOptions", "SearchOptions", "gather", "rows", "search"]

#: Why a document is filtered here, as the funnel says it.
DROPPED = "evaluation"

#: What to do where a text is not found: evaluation texts have a key of their own, `[ingest.columns]` is not for them.
_COLUMN = 'Name the column that holds the text: [decontaminate] column = "…".'

_ARRAYS = ("hashes", "owners", "totals")


@dataclass(frozen=True, slots=True)
class GatherOptions:
    """What is read: for each root its files."""

    files: tuple[tuple[InputFile, ...], ...]
    column: str
    words: int


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """From which share a pair counts, and whether its document is dropped."""

    share: float
    drop: bool


def gather(job: Job) -> int:
    """Index the evaluation texts. In: `roots`. Out: hashes.npy, owners.npy, totals.npy, about.json.

    Raises `InputError` for a record that cannot be read: what is not indexed would not be found; `ConfigError` where the
    first of a file has not the column that the option names.
    """
    plan: GatherOptions = job.options
    options = Options(columns=Columns(text=plan.column))
    names: list[str] = []
    texts: list[str] = []
    for root, files in zip(job.inputs["roots"], plan.files, strict=True):
        for file in files:
            before = len(texts)
            for found in read(root, file, Sources(), options):
                place = found.provenance if not isinstance(found, Quarantined) else found
                name = f"{root.name}/{place.path}" if root.is_dir() else place.path
                name += f", record {place.record}" if place.record else ""
                if isinstance(found, Quarantined) and plan.column and found.reason == "no-text" and len(texts) == before:
                    raise ConfigError(f"[decontaminate] column = {plan.column!r}: {name}: {found.message}")
                if isinstance(found, Quarantined):
                    remedy = _COLUMN if found.reason in ("no-text", "wrong-type") else found.remedy
                    raise InputError(f"[decontaminate] against: {name}: {found.message} {remedy}")
                names.append(name)
                texts.append(found.text)
    known = index(texts, plan.words)
    for array in _ARRAYS:
        np.save(job.out / f"{array}.npy", getattr(known, array))
    about = {"size": known.size, "lengths": known.lengths, "names": names}
    (job.out / "about.json").write_bytes(orjson.dumps(about))
    return len(texts)


def search(job: Job) -> int:
    """In: `cleaned`, `fates` (one shard), `hashes`, `owners`, `totals`, `about`. Out: overlaps.parquet (schema OVERLAPS),
    fates.parquet (those of dropped documents changed).
    """
    options: SearchOptions = job.options
    about = orjson.loads(job.one("about").read_bytes())
    arrays = (np.load(job.one(name), mmap_mode="r", allow_pickle=False) for name in _ARRAYS)
    known = Index(about["size"], tuple(about["lengths"]), *arrays)
    fates: list[pa.RecordBatch] = []
    found: list[dict[str, object]] = []
    beside = shards.batches(job.one("fates"))
    for texts, fate in zip(shards.batches(job.one("cleaned"), ["text"]), beside, strict=True):
        rows = fate.to_pylist()
        kept = [at for at, row in enumerate(rows) if row["fate"] == "kept"]
        column = texts.column("text").take(pa.array(kept, pa.int64())).to_pylist()
        for one in overlaps(known, column, options.share):
            row, name = rows[kept[one.text]], about["names"][one.indexed]
            found.append(
                {
                    "id": row["id"], "source": row["source"], "evaluation": name,
                    "share": one.share, "evaluation_share": one.indexed_share, "passage": one.passage,
                    "dropped": options.drop,
                }
            )  # fmt: skip
            if options.drop:
                evidence = f"shares {max(one.share, one.indexed_share):.0%} of the sequences with {name}: {one.passage}"
                row.update(fate="filtered", reason=DROPPED, evidence=evidence)
        fates.append(pa.RecordBatch.from_pylist(rows, schema=schemas.FATES))
    shards.write(job.out / "fates.parquet", schemas.FATES, fates)
    shards.write(
        job.out / "overlaps.parquet", schemas.OVERLAPS, [pa.RecordBatch.from_pylist(found, schema=schemas.OVERLAPS)]
    )
    return len(found)


def rows(paths: tuple[Path, ...], here: pa.Table) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield the rows of the config `overlaps`: of the documents `here`, and of those that were dropped."""
    if not paths:
        return
    table = pa.concat_tables([shards.table(path) for path in paths])
    there = pc.or_(table.column("dropped"), pc.is_in(table.column("id"), value_set=here.column("id").combine_chunks()))
    keys = [(name, "ascending") for name in ("source", "id", "evaluation")]
    for batch in table.filter(there).sort_by(keys).combine_chunks().to_batches(shards.ROWS):
        yield "train", batch

