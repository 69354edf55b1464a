"""The files between the dedup tasks: their columns, links as rows, and texts by rank."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from corpuskit.duplicates.stars import Link
from corpuskit.duplicates.verify import Edge
from corpuskit.tasks import shards

__all__ = [
    "CHOSEN",
    "KEYS",
    "LINKS",
    "ORDER",
    "PAIRS",
    "PLACES",
    "RELATED",
    "STANDINGS",
    "TEXTS",
    "WANTED",
    "Library",
    "links",
    "links_batch",
    "write",
]

#: One row per text that takes part, in the order of its shard.
STANDINGS = pa.schema(
    [
        ("id", pa.string()),
        ("row", pa.int64()),       # in the shard
        ("words", pa.int64()),
        ("asked", pa.int64()),     # anchors that it asks for
        ("known", pa.int64()),
        ("date", pa.string()),
        ("state", pa.int8()),      # place in STATES
        ("high", pa.uint64()),     # of the digest
        ("low", pa.uint64()),
    ]
)
KEYS = pa.schema([("key", pa.uint64()), ("text", pa.int32()), ("kind", pa.uint8())])
#: Row i is the text of rank i.
ORDER = pa.schema(
    [
        ("id", pa.string()),
        ("shard", pa.int32()),
        ("row", pa.int64()),
        ("words", pa.int64()),
        ("asked", pa.int64()),
        ("state", pa.int8()),
        ("twin", pa.int64()),      # rank of the first text with the same words
    ]
)
#: Row i is the i-th row of all STANDINGS, shard after shard.
PLACES = pa.schema([("rank", pa.int64()), ("shard", pa.int32()), ("first", pa.bool_())])
PAIRS = pa.schema([(name, pa.int64()) for name in ("later", "earlier", "bands", "anchors", "back")])
CHOSEN = pa.schema([("later", pa.int64()), ("earlier", pa.int64())])
WANTED = pa.schema([("rank", pa.int64()), ("shard", pa.int32()), ("row", pa.int64())])
TEXTS = pa.schema([("rank", pa.int64()), ("text", pa.large_string())])
LINKS = pa.schema(
    [
        ("later", pa.int64()),
        ("earlier", pa.int64()),
        ("kind", pa.string()),
        ("coverage", pa.float64()),
        ("coverage_back", pa.float64()),
        ("jaccard", pa.float64()),
        ("longest", pa.int64()),
        ("lacking", pa.int64()),
        ("facts", pa.int64()),
        ("reason", pa.string()),
        ("lost", pa.list_(pa.string())),
        ("gained", pa.list_(pa.string())),
    ]
)
#: Pairs of kept texts that share much, and why neither is a copy of the other. Containment is of `id` in
#: `other`.
RELATED = pa.schema(
    [
        ("id", pa.string()),
        ("other", pa.string()),
        ("containment", pa.float64()),
        ("containment_back", pa.float64()),
        ("jaccard", pa.float64()),
        ("longest", pa.int64()),
        ("reason", pa.string()),
    ]
)


def write(path: Path, table: pa.Table) -> None:
    """Write a file of numbers, which wants few and large row groups."""
    pq.write_table(
        table, path, compression="lz4", use_dictionary=False, write_statistics=False, row_group_size=1 << 20
    )


class Library:
    """The texts of many mapped Arrow files by rank."""

    def __init__(self, paths: Sequence[Path]) -> None:
        files = [pa.ipc.open_file(pa.memory_map(str(path))) for path in paths]
        self._batches = [file.get_batch(at) for file in files for at in range(file.num_record_batches)]
        lengths = [len(batch) for batch in self._batches]
        ranks = [batch.column("rank").to_numpy() for batch in self._batches]
        every = np.concatenate([np.zeros(0, dtype=np.int64), *ranks])
        self._by = np.argsort(every)
        self._ranks = every[self._by]
        self._batch = np.repeat(np.arange(len(lengths)), lengths)
        self._row = np.arange(len(every)) - np.repeat(np.cumsum(lengths) - lengths, lengths)

    def text(self, rank: int) -> str:
        """Return the text of a rank that is there."""
        at = self._by[np.searchsorted(self._ranks, rank)]
        value: str = self._batches[self._batch[at]].column("text")[int(self._row[at])].as_py()
        return value


def links_batch(rows: Sequence[Link]) -> pa.RecordBatch:
    """Return `rows` as rows of LINKS."""
    columns = []
    for column in LINKS:
        of = "edge" if column.name in Edge.__slots__ else ""
        values = [getattr(link.edge if of else link, column.name) for link in rows]
        columns.append(pa.array([list(v) if isinstance(v, tuple) else v for v in values], column.type))
    return pa.RecordBatch.from_arrays(columns, schema=LINKS)


def links(path: Path) -> list[Link]:
    """Return the links of a file; the inverse of `links_batch`."""
    return [
        Link(
            row["later"],
            row["earlier"],
            Edge(**{name: row[name] for name in Edge.__slots__}),
            tuple(row["lost"]),
            tuple(row["gained"]),
        )
        for row in shards.table(path).to_pylist()
    ]
