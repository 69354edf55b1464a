"""The takedown list as a shard for dedup: what is on it enters as withdrawn texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from corpuskit.sources.takedown import Listed, read_takedown
from corpuskit.tasks import shards
from corpuskit.tasks.job import Job

__all__ = ["WITHDRAWN", "withdraw", "without_text"]

#: What dedup reads: texts by id, or by their place in the list.
WITHDRAWN = pa.schema([("id", pa.string()), ("text", pa.large_string())])


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    text: str


def withdraw(job: Job) -> int:
    """In: `list` (one file), `releases` (the files of their texts). Out: withdrawn.parquet.

    A listed text is a row under its place in the list. A listed id is a row with the text that a release has for it, or
    with none: dedup puts the document of the input in its place where there is one.
    """
    listed = read_takedown(job.one("list"))
    ids = {one.id: "" for one in listed if one.id}
    if ids:
        for path in job.inputs["releases"]:
            for id_, text in _texts(path):
                if id_ in ids:
                    ids[id_] = ids[id_] or text
    rows = [_Row(one.place, one.text) for one in listed if one.text] + [_Row(*item) for item in sorted(ids.items())]
    columns = [pa.array([getattr(row, field.name) for row in rows], field.type) for field in WITHDRAWN]
    return shards.write(
        job.out / "withdrawn.parquet", WITHDRAWN, pa.table(columns, schema=WITHDRAWN).to_batches(shards.ROWS)
    )


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    for batch in shards.batches(path, ["id", "text"]):
        yield from zip(batch.column("id").to_pylist(), batch.column("text").to_pylist(), strict=True)


def without_text(listed: tuple[Listed, ...], withdrawn: Path, read: set[str]) -> tuple[str, ...]:
    """Return the listed ids of which no text is known: not in the list, not in a release, not among those `read`.

    Their copies cannot be told; the owner should add the text, or say that there is none.
    """
    told = {one.id for one in listed if one.text is not None}
    table = shards.table(withdrawn)
    found = {id_ for id_, text in zip(*(table.column(name).to_pylist() for name in ("id", "text")), strict=True) if text}
    return tuple(sorted({one.id for one in listed if one.id} - told - found - read))
